//! Requests that come again. Clients of OpenAI's interface send a request anew when a connection breaks, without a word that says that it
//! is the same one; each would be another run.

use axum::http::HeaderMap;
use drive::{Driver, now_ms};
use run::{Event, Prior, Request, RunId, Seq, Status};
use serde_json::{Map, Value};
use store::{Consistency, HeadStatus, IdempotencyKey, IdempotencyRecord};

use super::super::begin::{Begun, begin};
use super::super::start::{IDEMPOTENCY_KEY, idempotency_key};
use super::super::{ApiError, App, Caller};

/// How often the official clients say that they have sent the request before.
const RETRY_COUNT: &str = "x-stainless-retry-count";
/// A request that says so may mean a run that has ended meanwhile, if it was started within this time: clients give up after ten minutes.
const RETRIED_WITHIN_MS: u64 = 15 * 60 * 1000;

/// Some clients say nothing of the kind, and repeat whatever failed, each for a while: a failure is told again for this long.
const FAILURE_TOLD_FOR_MS: u64 = 60 * 1000;
/// The same of a run whose driver was lost, and with it the connection of whoever had asked, most likely.
const LOST_TOLD_FOR_MS: u64 = 3 * 60 * 1000;

/// Starts that may meet each other: each time another one has taken the place of a run that had ended.
const TRIES: usize = 5;

/// What a request is known by when it comes again.
pub(in super::super) struct Repeat {
    key: IdempotencyKey,
    /// The caller has given the key: it stands for one run, whatever became of it.
    is_given: bool,
    is_retry: bool,
}

/// The run that a request is told of.
pub(in super::super) enum Meant {
    /// Its own. It is stored, and this process holds it.
    New { run_id: RunId, driver: Box<Driver> },
    /// The one that an equal request has started.
    Joined(RunId),
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

    /// Starts a run, or joins the one that an equal request has started. What it follows may be gone since then, so that `prior` says that
    /// there is no such run.
    pub(in super::super) async fn start_or_join(
        mut self,
        app: &App,
        caller: &Caller,
        request: Request,
        prior: Result<Option<Box<Prior>>, ApiError>,
        hands_over: bool,
    ) -> Result<Meant, ApiError> {
        let (store, owner) = (&app.services.store, &caller.owner);
        let (prior, gone) = match prior {
            Ok(prior) => (prior, None),
            Err(error) if error.is_not_found() => (None, Some(error)),
            Err(error) => return Err(error),
        };
        for _ in 0..TRIES {
            let record = if let Some(gone) = &gone {
                let record = store.idempotency_record(&self.key, owner, now_ms()).await?;
                record.ok_or_else(|| gone.clone())?
            } else {
                let (request, prior) = (request.clone(), prior.clone());
                match begin(app, caller, request, prior, Some(&self.key), hands_over).await? {
                    Begun::New { run_id, driver } => return Ok(Meant::New { run_id, driver }),
                    Begun::Before(record) => record,
                }
            };
            if let Some(run_id) = self.joins(app, &record).await? {
                if let Err(error) = store.count_repeat(owner, now_ms()).await {
                    tracing::warn!(%error, "a request that joined a run could not be counted");
                }
                return Ok(Meant::Joined(run_id));
            }
            if let Some(gone) = gone {
                return Err(gone);
            }
            self = self.in_place_of(record.run_id);
        }
        Err(ApiError::no_room())
    }

    /// The run that the request is to join, of the one that an equal request has started; `None` where it is to start its own.
    async fn joins(
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
    fn in_place_of(self, run_id: RunId) -> Self {
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
