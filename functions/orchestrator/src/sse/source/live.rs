//! The updates of the driver in this process.

use std::pin::Pin;

use run::Seq;
use tokio::time::Sleep;

use super::tail::Tail;
use super::{Follows, Next, Source};
use crate::sse::encode::Standing;

impl Source {
    /// Receives the driver's updates. When there are no more of them, the log goes on: a client that lagged too far behind, or
    /// whose driver was passed by, misses nothing.
    pub(super) async fn listen(
        &mut self,
        quiet: Pin<&mut Sleep>,
        standing: Standing,
    ) -> Option<Next> {
        let Follows::Live(updates) = &mut self.follows else {
            return None;
        };
        let received = tokio::select! {
            biased;
            received = updates.recv() => received,
            () = quiet => return Some(Next::Quiet),
        };
        if let Some(update) = received {
            return Some(Next::Update(update));
        }
        self.follows = match standing {
            Standing::Over | Standing::Suspended => Follows::Nothing,
            Standing::UnderWay => {
                let lease = self.services.timing.lease;
                Follows::Tail(Tail::new(Seq(1), lease, self.watch))
            }
        };
        None
    }
}
