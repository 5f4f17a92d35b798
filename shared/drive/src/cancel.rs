//! Cancelling a run from outside its driver.

use std::sync::Arc;

use run::{Event, Owner, Run, RunId, Seq, Status};
use store::{Appended, Consistency, FencingToken, StoreError};

use crate::clock::now_ms;
use crate::deadline::Deadline;
use crate::driver::{Driver, TakenOver};
use crate::services::Services;

/// Attempts to append behind the end of a log that a busy driver keeps extending.
const ATTEMPTS: u32 = 50;

/// The outcome of a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// The request is in the log; the driver ends the run.
    Requested,
    /// The run was over already.
    Over(Status),
    NoSuchRun,
}

/// Appends the request to the log of an owner's run, whoever drives it. A run without a driver is ended here.
///
/// # Errors
/// The table cannot be used, or the log grew faster than it could be read.
pub async fn cancel(
    services: Arc<Services>,
    run_id: RunId,
    (owner, by): (&Owner, &str),
    deadline: Deadline,
) -> Result<Cancelled, StoreError> {
    let store = &services.store;
    // A head that a newer version has written is refused here, before anything is appended.
    if store.head(run_id, now_ms()).await?.is_none() {
        return Ok(Cancelled::NoSuchRun);
    }
    let log = store
        .read(run_id, Seq(1), Consistency::Strong, now_ms())
        .await?;
    let Some(mut run) = Run::fold(log.events.iter().map(|(_, event)| event)) else {
        return Ok(Cancelled::NoSuchRun);
    };
    if run.start.owner != *owner {
        return Ok(Cancelled::NoSuchRun);
    }
    let mut epoch = log.epoch.unwrap_or(run::Epoch(1));
    let wish = [Event::CancelRequested { by: by.to_owned() }];
    for _ in 0..ATTEMPTS {
        if let Some(status) = run.ended() {
            return Ok(Cancelled::Over(status));
        }
        if run.cancelled_by.is_some() {
            return Ok(end_if_alone(services, run_id, deadline).await);
        }
        let token = FencingToken::new(run_id, epoch);
        let next = run.last_seq.next();
        match store.append(&token, next, &wish, now_ms()).await? {
            Appended::Stored { .. } => run.apply(&wish[0]),
            Appended::Collided {
                epoch: newer,
                events,
            } => {
                epoch = epoch.max(newer);
                for (_, event) in events {
                    run.apply(&event);
                }
            }
        }
    }
    Err(StoreError::Unavailable {
        operation: "cancel a run",
        detail: "its log grew faster than it could be read".to_owned(),
    })
}

/// A run whose driver was lost has none that would see the request.
async fn end_if_alone(services: Arc<Services>, run_id: RunId, deadline: Deadline) -> Cancelled {
    match Driver::take_over(services, run_id).await {
        Ok(TakenOver::By { driver, .. }) => {
            let reason = driver.drive(None, deadline).await;
            tracing::info!(?reason, "a cancelled run without a driver was ended");
        }
        Ok(TakenOver::Held | TakenOver::NoRoom | TakenOver::Ended | TakenOver::NoSuchRun) => {}
        // The request is stored; the sweeper ends the run.
        Err(error) => tracing::warn!(%error, "a cancelled run without a driver could not be ended"),
    }
    Cancelled::Requested
}
