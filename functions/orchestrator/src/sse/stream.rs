//! One client's stream: the updates of its source, written by its encoder, with a ping where the source is quiet.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use drive::{Deadline, Services, Watched};
use run::{RunId, Seq};
use store::LogEvent;
use tokio::time::{Instant, Sleep, sleep};

use super::encode::EventEncoder;
use super::source::{Next, Source};
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
    encoder: EventEncoder,
    /// Reset with each frame: a new timer for each would cost more than the frame.
    ping: Pin<Box<Sleep>>,
}

impl Stream {
    /// Follows the driver of a new run in this process.
    pub(crate) fn live(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        watched: Watched,
    ) -> Self {
        let source = Source::live(services, run_id, deadline, watched);
        Self::new(source, EventEncoder::after(Seq(0)))
    }

    /// Replays what was read of a run from its first event on to a client that has seen those up to `after`, then follows the
    /// log, and takes the run over where nobody drives it.
    pub(crate) fn replay(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        after: Seq,
        read: Vec<LogEvent>,
        permit: Option<WatcherPermit>,
    ) -> Self {
        let source = Source::replay(services, run_id, deadline, read, permit);
        Self::new(source, EventEncoder::after(after))
    }

    fn new(source: Source, encoder: EventEncoder) -> Self {
        Self {
            source,
            encoder,
            ping: Box::pin(sleep(PING_AFTER)),
        }
    }

    pub(crate) const fn run_id(&self) -> RunId {
        self.source.run_id()
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
                Next::Quiet => EventEncoder::ping(&mut out),
                Next::ComeAgain => EventEncoder::come_again(&mut out),
                Next::End => return None,
            }
        }
        self.ping.as_mut().reset(Instant::now() + PING_AFTER);
        Some(Bytes::from(out))
    }
}

#[cfg(test)]
mod tests;
