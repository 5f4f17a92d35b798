//! What a call needs to know of its driver, and how it reports to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use catalog::Catalog;
use run::{Attempt, Call, CallId, InvalidAnswer, ModelId, Reservation, Restart};
use tokio::sync::mpsc;

use super::budget::Budget;
use super::endpoint::ModelEndpoint;
use super::ledger::Ledger;
use crate::append::send;
use crate::inbox::{Message, Report};
use crate::prompt::Conversation;
use crate::services::Services;

/// Why a call goes on as another attempt that has shown nothing.
const MORE_IS_SET_ASIDE: &str =
    "it is asked again, and more of the run's money is set aside for that";

/// What a call needs to know of its driver.
pub(crate) struct CallContext {
    pub(crate) services: Arc<Services>,
    /// The run's own.
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) call_id: CallId,
    /// Grows when the call starts over.
    pub(crate) attempt: AtomicU32,
    /// What the orchestrator has been told, kept from round to round.
    pub(crate) conversation: Arc<Mutex<Option<Conversation>>>,
    /// How long it may take.
    pub(crate) limit: Duration,
    /// The limit is the end of the function's time, and another driver could give the call more.
    pub(crate) may_be_left: bool,
    pub(crate) began: Instant,
    /// When what it stores expires, in seconds since 1970, where that is not as usual.
    pub(crate) expires_at: Option<u64>,
    /// What is set aside for it, in a run that has a cap.
    pub(crate) budget: Option<Budget>,
}

impl CallContext {
    /// A model and its server; `None` where it is not configured.
    pub(crate) fn model(&self, id: &ModelId) -> Option<ModelEndpoint<'_>> {
        Some(ModelEndpoint {
            server: self.services.models.servers.get(id)?,
            model: self.catalog.model(id)?,
        })
    }

    /// The call with the attempt that it has come to.
    pub(crate) fn call(&self) -> Call {
        Call {
            call_id: self.call_id,
            attempt: self.attempt.load(Ordering::Relaxed),
        }
    }

    /// Whether the call has time left after a pause, here or with the next driver.
    pub(crate) fn has_time_for(&self, pause: Duration) -> bool {
        self.may_be_left || self.began.elapsed() + pause < self.limit
    }

    /// Reports a piece of text.
    pub(crate) async fn wrote(&self, content: String) {
        self.report(Report::Text(content)).await;
    }

    /// How much of its time is left.
    pub(crate) fn time_left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }

    /// Voids what the call has written so far; what it writes from here on is its next attempt, by this model.
    pub(crate) async fn start_over(&self, reason: &str, model: &ModelId, ledger: &mut Ledger) {
        self.start_over_with(reason, model, ledger, None).await;
    }

    /// Asks once more for an answer that does not fit its schema.
    pub(crate) async fn mend(&self, wrong: &InvalidAnswer, model: &ModelId, ledger: &mut Ledger) {
        let reason = format!("the answer does not fit its schema: {}", wrong.faults);
        let invalid = Some(Box::new(wrong.clone()));
        self.restart(reason, model, ledger, None, invalid).await;
    }

    /// Waits until what a request can take at most is set aside; `false` where it will not be, as too little is left: then the call has
    /// come to its end.
    pub(crate) async fn sets_aside(
        &self,
        most: Option<Reservation>,
        model: &ModelId,
        ledger: &mut Ledger,
    ) -> bool {
        let Some(budget) = &self.budget else {
            return true;
        };
        let Some(most) = most else {
            return false;
        };
        if budget.covers(most.cost, ledger) {
            return true;
        }
        let mut next = self.call();
        next.attempt += 1;
        let granted = budget.expect(next);
        self.start_over_with(MORE_IS_SET_ASIDE, model, ledger, Some(most))
            .await;
        let is_granted = granted.await.is_ok();
        if is_granted {
            budget.is_granted(most.cost, ledger);
        }
        is_granted
    }

    async fn start_over_with(
        &self,
        reason: &str,
        model: &ModelId,
        ledger: &mut Ledger,
        reserves: Option<Reservation>,
    ) {
        self.restart(reason.to_owned(), model, ledger, reserves, None)
            .await;
    }

    async fn restart(
        &self,
        reason: String,
        model: &ModelId,
        ledger: &mut Ledger,
        reserves: Option<Reservation>,
        invalid_answer: Option<Box<InvalidAnswer>>,
    ) {
        let was_asked = ledger.asked().is_some();
        let ended = ledger.end_attempt();
        ledger.ask(model);
        let restart = Restart {
            reason,
            model: Some(model.clone()),
            ended: Attempt {
                invalid_answer,
                ..if was_asked { ended } else { Attempt::default() }
            },
            reserves,
        };
        self.report(Report::StartedOver(restart)).await;
        self.attempt.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) async fn report(&self, report: Report) {
        send(&self.sender, Message::Call(self.call(), report)).await;
    }
}
