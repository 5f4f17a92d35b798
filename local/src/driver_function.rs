//! The driver function in this process: what goes on with suspended runs, and the sweeper that AWS has on a schedule.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use drive::{Deadline, Services};
use driver::Job;
use tokio::time::interval;

use crate::invoke::Functions;

pub(crate) const NAME: &str = "driver";
/// Shortest time between two sweeps.
const SHORTEST_SWEEP: Duration = Duration::from_secs(1);

/// The function; it can be invoked once it has the services that it works with.
#[derive(Clone, Default)]
pub(crate) struct DriverFunction(Arc<OnceLock<Arc<Services>>>);

impl DriverFunction {
    pub(crate) fn add_to(&self, functions: Functions) -> Functions {
        let services = Arc::clone(&self.0);
        functions.with(NAME, move |event| {
            let services = services.get().cloned();
            async move {
                let services = services.context("the stack is still starting")?;
                let job = Job::read(&event)?;
                let deadline = Deadline::new(services.timing.function, None);
                let outcome = driver::perform(services, job, deadline).await?;
                Ok(serde_json::to_value(outcome)?)
            }
        })
    }

    pub(crate) fn serve(&self, services: Arc<Services>) {
        // It is set once, at the start; a second time would change nothing.
        self.0.get_or_init(|| services);
    }
}

/// Looks for abandoned runs, now and for as long as the process lives: those that an earlier stack left, too.
pub(crate) fn sweep_always(services: Arc<Services>) {
    let every = (services.timing.lease / 3).max(SHORTEST_SWEEP);
    tokio::spawn(async move {
        let mut ticks = interval(every);
        loop {
            ticks.tick().await;
            let services = Arc::clone(&services);
            tokio::spawn(async move {
                let deadline = Deadline::new(services.timing.function, None);
                if let Err(error) = drive::sweep(services, deadline).await {
                    tracing::warn!(%error, "abandoned runs could not be looked for");
                }
            });
        }
    });
}
