//! A run that is begun here and driven elsewhere.

use run::StopReason;
use store::HeadStatus;
use tokio::task::JoinHandle;

use super::Driver;
use crate::call;
use crate::deadline::Deadline;

impl Driver {
    /// Leaves a run that has just been started to the function that goes on with runs, so that nothing of it depends on this process. Where
    /// there is no such function it is driven here, by the task that is returned.
    pub async fn hand_over(self, deadline: Deadline) -> Option<JoinHandle<StopReason>> {
        if self.services.driver_function.is_none() {
            return Some(self.spawn(deadline).task);
        }
        let store = &self.services.store;
        let released = store.release(&self.token, HeadStatus::Suspended).await;
        if let Err(error) = released {
            tracing::warn!(%error, "a run could not be handed over, and is driven here");
            return Some(self.spawn(deadline).task);
        }
        // Where that function is in this process, it finds room.
        drop(self.seat);
        call::wake_driver(&self.services, self.token.run_id).await;
        None
    }
}
