//! The driver: the Lambda without HTTP that goes on with runs which another process has left.
//!
//! It is invoked for one run when a driver suspends it, and by a schedule for all whose driver was lost. Refuses to start
//! runs and to talk to clients.

mod job;

use std::sync::Arc;

use drive::{Deadline, Driver, Services, Swept, TakenOver};
use run::{RunId, StopReason};
use serde::Serialize;
use store::StoreError;

pub use job::{Job, UnknownEvent};

/// What an invocation came to; for the log and for whoever invoked it by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The run was driven to its end.
    Ended {
        status: &'static str,
    },
    /// The run was driven a part of its way.
    Left,
    /// Another driver holds the run, or it has ended already.
    NothingToDo,
    NoSuchRun,
    /// This process drives as many runs as it may: a sweep takes the run later.
    NoRoom,
    /// So many abandoned runs were found, and so many of them taken over.
    Swept {
        found: usize,
        taken: usize,
    },
}

/// Does what the event asks for.
pub async fn perform(
    services: Arc<Services>,
    job: Job,
    deadline: Deadline,
) -> Result<Outcome, StoreError> {
    match job {
        Job::Continue(run_id) => go_on(services, run_id, deadline).await,
        Job::Sweep => {
            let Swept { found, taken } = drive::sweep(services, deadline).await?;
            Ok(Outcome::Swept { found, taken })
        }
    }
}

async fn go_on(
    services: Arc<Services>,
    run_id: RunId,
    deadline: Deadline,
) -> Result<Outcome, StoreError> {
    let driver = match Driver::take_over(services, run_id).await? {
        TakenOver::By { driver, .. } => driver,
        TakenOver::Held | TakenOver::Ended => return Ok(Outcome::NothingToDo),
        TakenOver::NoRoom => return Ok(Outcome::NoRoom),
        TakenOver::NoSuchRun => return Ok(Outcome::NoSuchRun),
    };
    Ok(match driver.drive(None, deadline).await {
        StopReason::Ended(status) => Outcome::Ended {
            status: status.as_str(),
        },
        StopReason::Suspended
        | StopReason::Released
        | StopReason::Superseded
        | StopReason::StoreFailed { .. } => Outcome::Left,
    })
}
