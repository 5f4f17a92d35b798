//! Finds runs without a driver, and goes on with them.

use std::sync::Arc;

use store::StoreError;
use tokio::task::JoinSet;

use crate::clock::now_ms;
use crate::deadline::Deadline;
use crate::driver::{Driver, TakenOver};
use crate::services::Services;

/// Runs that one sweep takes over, where the process may drive as many; the next one takes the rest.
const MAX_TAKEN: usize = 16;

/// What a sweep found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    pub found: usize,
    pub taken: usize,
}

/// Takes over the runs whose driver was lost, and drives them side by side to their ends.
pub async fn sweep(services: Arc<Services>, deadline: Deadline) -> Result<Swept, StoreError> {
    let abandoned = services.store.abandoned(now_ms()).await?;
    let found = abandoned.len();
    let mut drivers = JoinSet::new();
    for run_id in abandoned {
        if drivers.len() >= MAX_TAKEN {
            break;
        }
        match Driver::take_over(Arc::clone(&services), run_id).await {
            Ok(TakenOver::By { driver, .. }) => {
                drivers.spawn(driver.drive(None, deadline));
            }
            Ok(TakenOver::NoRoom) => break,
            Ok(TakenOver::Held | TakenOver::Ended | TakenOver::NoSuchRun) => {}
            // One run that cannot be read must not keep the others waiting.
            Err(error) => {
                tracing::error!(%error, %run_id, "an abandoned run could not be taken over");
            }
        }
    }
    let taken = drivers.len();
    while let Some(done) = drivers.join_next().await {
        match done {
            Ok(reason) => tracing::info!(?reason, "an abandoned run was driven on"),
            Err(error) => tracing::error!(%error, "the driver of an abandoned run broke off"),
        }
    }
    Ok(Swept { found, taken })
}
