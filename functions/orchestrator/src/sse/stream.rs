//! One client's stream: the updates of its source, written by its encoder, with a ping where the source is quiet.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use drive::{Deadline, Services, Watched};
use run::RunId;
use store::LogEvent;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep};

use super::encode::Encode;
use super::source::{Followed, Next, Source};
use super::watcher_permit::WatcherPermit;

/// A ping goes out after this long without anything else. Clients are promised one within 10 seconds; the rest is for the table,
/// which may be read or written when it is time.
const PING_AFTER: Duration = Duration::from_secs(8);
/// Frames that are ready go out together, up to about this many bytes.
const SEND_BYTES: usize = 64 * 1024;

/// The frames of one client.
#[derive(Debug)]
pub(crate) struct Stream {
    source: Source,
    encoder: Box<dyn Encode>,
    /// Reset with each frame: a new timer for each would cost more than the frame.
    ping: Pin<Box<Sleep>>,
    /// Nothing is kept of the run.
    is_forgotten: bool,
}

impl Stream {
    /// Follows the driver of a new run in this process.
    pub(crate) fn live(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        watched: Watched,
        encoder: Box<dyn Encode>,
    ) -> Self {
        let followed = followed(&services, &*encoder);
        let source = Source::live(services, run_id, deadline, followed, watched);
        Self::new(source, encoder)
    }

    /// Replays what was read of a run from its first event on, then follows the log, and takes the run over where nobody drives it.
    pub(crate) fn replay(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        read: Vec<LogEvent>,
        permit: Option<WatcherPermit>,
        encoder: Box<dyn Encode>,
    ) -> Self {
        let followed = followed(&services, &*encoder);
        let source = Source::replay(services, run_id, deadline, followed, read, permit);
        Self::new(source, encoder)
    }

    /// For who may see the run and not drive it.
    pub(crate) fn without_takeover(mut self) -> Self {
        self.source.is_watched_only = true;
        self
    }

    fn new(source: Source, encoder: Box<dyn Encode>) -> Self {
        Self {
            source,
            encoder,
            ping: Box::pin(sleep(PING_AFTER)),
            is_forgotten: false,
        }
    }

    pub(crate) const fn run_id(&self) -> RunId {
        self.source.run_id()
    }

    /// Whether what was returned is an error, where that can still be the response's status.
    pub(crate) fn has_failed(&self) -> bool {
        self.encoder.has_failed()
    }

    /// The next frames to send, `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        let mut out = String::new();
        while out.is_empty() {
            let standing = self.encoder.standing();
            match self.source.next(self.ping.as_mut(), standing).await {
                Next::Update(update) => {
                    self.encoder.encode(&update, &mut out);
                    while out.len() < SEND_BYTES
                        && let Some(update) = self.source.ready()
                    {
                        self.encoder.encode(&update, &mut out);
                    }
                }
                Next::Quiet => {
                    self.encoder.ping(&mut out);
                    // Also where there is nothing to say any more: the time would be over for ever.
                    self.ping.as_mut().reset(Instant::now() + PING_AFTER);
                }
                Next::ComeAgain => self.encoder.come_again(&mut out),
                Next::End => {
                    self.encoder.end(&mut out);
                    if out.is_empty() {
                        if let Some(forgets) = self.forgets() {
                            forgets.await;
                        }
                        return None;
                    }
                }
            }
        }
        self.ping.as_mut().reset(Instant::now() + PING_AFTER);
        Some(Bytes::from(out))
    }
}

impl Stream {
    /// What is left to do where nothing of the run is to be kept; once.
    fn forgets(&mut self) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let is_due = self.encoder.forgets() && !std::mem::replace(&mut self.is_forgotten, true);
        is_due.then(|| self.source.forget())
    }
}

/// Some clients leave with the last frame, and do not read to the stream's end.
impl Drop for Stream {
    fn drop(&mut self) {
        if let Ok(runtime) = Handle::try_current()
            && let Some(forgets) = self.forgets()
        {
            runtime.spawn(forgets);
        }
    }
}

/// A stream of a client that does not come again lasts as long as this function may.
fn followed(services: &Services, encoder: &dyn Encode) -> Followed {
    let comes_again = encoder.comes_again();
    let watch = if comes_again {
        services.timing.watch
    } else {
        services.timing.function
    };
    Followed { watch, comes_again }
}

#[cfg(test)]
mod tests;
