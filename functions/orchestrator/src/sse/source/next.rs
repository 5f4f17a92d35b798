//! The next item of a source, whichever it comes from.

use std::pin::Pin;

use run::Update;
use tokio::time::Sleep;

use super::{Follows, Next, Source};
use crate::sse::encode::Standing;

impl Source {
    /// The next item, or [`Next::Quiet`] when nothing has come until `quiet`. `standing` decides whether there is more to wait for.
    pub(in crate::sse) async fn next(
        &mut self,
        mut quiet: Pin<&mut Sleep>,
        standing: Standing,
    ) -> Next {
        loop {
            if let Some(update) = self.ready() {
                return Next::Update(update);
            }
            let next = match &self.follows {
                Follows::Live(_) => self.listen(quiet.as_mut(), standing).await,
                // In a box: the future is large, and this one is moved for each frame.
                Follows::Tail(_) => Box::pin(self.poll(quiet.deadline(), standing)).await,
                Follows::Nothing => return self.outlast_driver(quiet).await,
            };
            if let Some(next) = next {
                return next;
            }
        }
    }

    /// An update that is there without waiting.
    pub(in crate::sse) fn ready(&mut self) -> Option<Update> {
        if let Some((seq, event)) = self.replayed.next() {
            return Some(Update::Stored { seq, event });
        }
        match &mut self.follows {
            Follows::Live(updates) => updates.try_recv().ok(),
            Follows::Tail(_) | Follows::Nothing => None,
        }
    }

    /// The end, once the driver in this process has released its run, too.
    async fn outlast_driver(&mut self, quiet: Pin<&mut Sleep>) -> Next {
        if let Some(permit) = self.permit.take() {
            permit.leave().await;
        }
        let Some(task) = self.driver.as_mut() else {
            return Next::End;
        };
        let left = tokio::select! {
            biased;
            left = task => left,
            () = quiet => return Next::Quiet,
        };
        if let Err(error) = left {
            tracing::error!(%error, "a driver broke off");
        }
        self.driver = None;
        Next::End
    }
}
