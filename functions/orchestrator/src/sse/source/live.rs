//! What the driver of this process tells.

use std::pin::Pin;

use run::Seq;
use tokio::time::Sleep;

use super::tail::Tail;
use super::{Follows, Next, Source};
use crate::sse::encode::Standing;

impl Source {
    /// Takes what the driver tells. When it tells no more, the log goes on: a client that lagged too far behind, or whose
    /// driver was passed by, misses nothing.
    pub(super) async fn listen(
        &mut self,
        quiet: Pin<&mut Sleep>,
        standing: Standing,
    ) -> Option<Next> {
        let Follows::Live(updates) = &mut self.follows else {
            return None;
        };
        let told = tokio::select! {
            biased;
            told = updates.recv() => told,
            () = quiet => return Some(Next::Quiet),
        };
        if let Some(update) = told {
            return Some(Next::Told(update));
        }
        self.follows = match standing {
            Standing::Over | Standing::Suspended => Follows::Nothing,
            Standing::UnderWay => {
                let timing = self.services.timing;
                Follows::Tail(Tail::new(Seq(1), timing.lease, timing.watch))
            }
        };
        None
    }
}
