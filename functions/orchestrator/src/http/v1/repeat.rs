//! Requests that come again. Clients of OpenAI's interface send a request anew when a connection breaks, without a word that says that it
//! is the same one; each would be another run.

use axum::http::HeaderMap;
use drive::now_ms;
use run::{Event, RunId, Seq, Status};
use serde_json::{Map, Value};
use store::{Consistency, HeadStatus, IdempotencyKey, IdempotencyRecord};

use super::super::start::{IDEMPOTENCY_KEY, idempotency_key};
use super::super::{ApiError, App};

/// How often the official clients say that they have sent the request before.
const RETRY_COUNT: &str = "x-stainless-retry-count";
/// A request that says so may mean a run that has ended meanwhile, if it was started within this time: clients give up after ten minutes.
const RETRIED_WITHIN_MS: u64 = 15 * 60 * 1000;

/// Some clients say nothing of the kind, and repeat whatever failed, each for a while: a failure is told again for this long.
const FAILURE_TOLD_FOR_MS: u64 = 60 * 1000;
/// The same of a run whose driver was lost, and with it the connection of whoever had asked, most likely.
const LOST_TOLD_FOR_MS: u64 = 3 * 60 * 1000;

/// What a request is known by when it comes again.
pub(in super::super) struct Repeat {
    pub(in super::super) key: IdempotencyKey,
    /// The caller has given the key: it stands for one run, whatever became of it.
    is_given: bool,
    is_retry: bool,
}

impl Repeat {
    /// A key that was given, else all of the request.
    pub(in super::super) fn of(
        headers: &HeaderMap,
        path: &str,
        body: &Map<String, Value>,
    ) -> Result<Self, ApiError> {
        let given = idempotency_key(headers)?;
        // Equal is what was meant, not how it was written.
        let mut body = body.clone();
        body.sort_keys();
        body.values_mut().for_each(Value::sort_all_objects);
        let key = match given {
            Some(given) => IdempotencyKey::new(given, &body)?,
            None => IdempotencyKey::new(&format!("{path} {}", Value::Object(body.clone())), &body)?,
        };
        let retries = headers.get(RETRY_COUNT).and_then(|it| it.to_str().ok());
        Ok(Self {
            key,
            is_given: given.is_some(),
            is_retry: retries.is_some_and(|count| !matches!(count.trim(), "" | "0")),
        })
    }

    /// The run that the request is to join, of the one that an equal request has started; `None` where it is to start its own.
    pub(in super::super) async fn joins(
        &self,
        app: &App,
        record: &IdempotencyRecord,
    ) -> Result<Option<RunId>, ApiError> {
        let run_id = record.run_id;
        if self.is_given {
            if record.is_for(&self.key) {
                return Ok(Some(run_id));
            }
            let message = "Idempotency-Key was used for another request; send a new one";
            return Err(ApiError::conflict(message).about(IDEMPOTENCY_KEY));
        }
        let head = app.services.store.head(run_id, now_ms()).await?;
        let is_meant = match head.map(|head| head.status) {
            None | Some(HeadStatus::Deleting) => false,
            Some(HeadStatus::Running | HeadStatus::Suspended) => true,
            Some(HeadStatus::Ended(status)) => {
                let is_sent_again = self.is_retry && now_ms() < run_id.at_ms() + RETRIED_WITHIN_MS;
                is_sent_again || is_untold(app, run_id, status).await?
            }
        };
        Ok(is_meant.then_some(run_id))
    }

    /// The same, for a start in the place of the run that an equal request has started before.
    pub(in super::super) fn in_place_of(self, run_id: RunId) -> Self {
        Self {
            key: self.key.in_place_of(run_id),
            ..self
        }
    }
}

/// Whether a run has just ended in a way that its client may not have seen, or may not have taken for an end.
async fn is_untold(app: &App, run_id: RunId, status: Status) -> Result<bool, ApiError> {
    let store = &app.services.store;
    let log = store
        .read(run_id, Seq(1), Consistency::Strong, now_ms())
        .await?;
    let mut took_ms = 0;
    let mut told_for_ms = match status {
        Status::Failed | Status::OutOfRounds | Status::OverBudget => FAILURE_TOLD_FOR_MS,
        Status::Completed | Status::Cancelled => 0,
    };
    for (_, event) in &log.events {
        match event {
            Event::Resumed { lost: true, .. } => told_for_ms = LOST_TOLD_FOR_MS,
            Event::Complete { duration_ms, .. } => took_ms = *duration_ms,
            _ => {}
        }
    }
    Ok(now_ms() < run_id.at_ms() + took_ms + told_for_ms)
}
