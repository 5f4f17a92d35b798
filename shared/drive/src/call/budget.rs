//! What calls can take at most, and waiting until so much is set aside for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::{CallForm, ChatRequest};
use run::{Call, Cost, Event, Reservation, Usage};
use tokio::sync::oneshot;

use super::endpoint::ModelEndpoint;
use super::ledger::Ledger;
use crate::models::Capabilities;
use crate::prompt::request_bytes;

/// What a chat template adds to a request, in tokens: to each message its role and marks, …
const TOKENS_A_MESSAGE: u64 = 16;
/// … and once a system message of its own and how tools are called.
const TOKENS_OF_TEMPLATE: u64 = 512;

/// What a request can take at most, where the model has prices: a token for each byte of it, as a byte is the shortest token of all
/// vocabularies, and as long a reply as is asked for.
pub(super) fn most(
    endpoint: &ModelEndpoint<'_>,
    request: &ChatRequest,
    known: &Capabilities,
) -> Option<Reservation> {
    most_with(endpoint, request, known, 0)
}

/// The same where so many bytes may yet be added.
pub(super) fn most_with(
    endpoint: &ModelEndpoint<'_>,
    request: &ChatRequest,
    known: &Capabilities,
    more_bytes: usize,
) -> Option<Reservation> {
    // Some servers have the model read the schema of its reply.
    let schema = match &request.calls {
        CallForm::Schema(decision) => decision.schema.to_string().len(),
        CallForm::Native | CallForm::Text => {
            let schema = request.answer_schema.as_ref();
            schema.map_or(0, |it| it.schema.to_string().len())
        }
    };
    let bytes = request_bytes(request) + schema + request.overrides.bytes();
    let bytes = bytes.saturating_add(more_bytes) as u64;
    let template = TOKENS_A_MESSAGE * request.messages.len() as u64 + TOKENS_OF_TEMPLATE;
    // A server that takes no limit writes as long as its context has room.
    let reply = known.profile.reply_limit(request);
    let usage = Usage {
        input_tokens: bytes.saturating_add(template),
        output_tokens: u64::from(reply.unwrap_or(endpoint.model.context_tokens)),
        cached_input_tokens: 0,
        estimated: true,
    };
    let cost = endpoint.most_cost(usage)?;
    Some(Reservation {
        usage: Some(usage),
        cost,
    })
}

/// What is set aside for one call of a run that has a cap, and how more is waited for.
pub(crate) struct Budget {
    grants: Arc<Grants>,
    granted: Mutex<Granted>,
}

struct Granted {
    cost: Cost,
    /// What the call had taken by then.
    paid_before: Cost,
}

impl Budget {
    /// For a call that begins with so much set aside.
    pub(crate) fn new(grants: Arc<Grants>, reserved: Reservation) -> Self {
        let cost = reserved.cost;
        let paid_before = Cost::ZERO;
        Self {
            grants,
            granted: Mutex::new(Granted { cost, paid_before }),
        }
    }

    /// Whether so much is set aside and not spent.
    pub(super) fn covers(&self, cost: Cost, ledger: &Ledger) -> bool {
        let granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = ledger.paid().saturating_sub(granted.paid_before);
        cost <= granted.cost.saturating_sub(spent)
    }

    /// To be told when what an attempt reserves is set aside; fails where it will not be.
    pub(super) fn expect(&self, attempt: Call) -> oneshot::Receiver<()> {
        self.grants.expect(attempt)
    }

    pub(super) fn is_granted(&self, cost: Cost, ledger: &Ledger) {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        *granted = Granted {
            cost,
            paid_before: ledger.paid(),
        };
    }
}

/// Attempts of calls that are under way and are not made before the log says that money is set aside for them.
#[derive(Default)]
pub(crate) struct Grants(Mutex<BTreeMap<Call, oneshot::Sender<()>>>);

impl Grants {
    fn expect(&self, attempt: Call) -> oneshot::Receiver<()> {
        let (grant, granted) = oneshot::channel();
        self.waiting(|waiting| waiting.insert(attempt, grant));
        granted
    }

    /// Reads an event that is stored.
    pub(crate) fn read(&self, event: &Event) {
        match event {
            Event::Retry {
                call_id,
                attempt,
                reserved,
                ..
            } => {
                let (call_id, attempt) = (*call_id, *attempt);
                let waiting = self.waiting(|waiting| waiting.remove(&Call { call_id, attempt }));
                // Where nothing is set aside the call comes to its end in the log, and the attempt is dropped.
                if let (Some(grant), Some(_)) = (waiting, reserved)
                    && grant.send(()).is_err()
                {
                    tracing::debug!(%call_id, "an attempt has gone that waited for money");
                }
            }
            Event::ToolResult(result) => {
                self.waiting(|waiting| waiting.retain(|call, _| call.call_id != result.call_id));
            }
            Event::Complete { .. } => self.waiting(BTreeMap::clear),
            Event::Start(_)
            | Event::RoundStart { .. }
            | Event::OrchestratorThinking { .. }
            | Event::RoundDecided { .. }
            | Event::ToolCall(_)
            | Event::Delta(_)
            | Event::FinalAnswer { .. }
            | Event::Error(_)
            | Event::Suspended { .. }
            | Event::Resumed { .. }
            | Event::CancelRequested { .. } => {}
        }
    }

    fn waiting<T>(&self, with: impl FnOnce(&mut BTreeMap<Call, oneshot::Sender<()>>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests;
