//! What the operator and the refused are told: one line in a while, and a status.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncWriteExt as _, copy, sink};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::admission::Full;
use super::limits::Limits;

/// Time between two lines of the log.
const TOLD_AGAIN: Duration = Duration::from_secs(10);

/// Refused connections that are told why at the same time; more are told only what can be sent at once.
const MAX_TOLD: usize = 8;
/// How long one of them may take for it.
const TELLING: Duration = Duration::from_secs(1);

/// Written to a connection for which there is no room, in the form of the interface's errors.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/json\r\n\
    content-length: 108\r\n\
    cache-control: no-store\r\n\
    x-content-type-options: nosniff\r\n\
    retry-after: 5\r\n\
    connection: close\r\n\r\n\
    {\"error\":{\"code\":\"unavailable\",\"message\":\"There are as many connections as there can be; try again later.\"}}";

/// What has happened since the last line.
#[derive(Debug)]
pub(super) struct Refusals {
    told: Option<Instant>,
    refused: u64,
    evicted: u64,
    telling: Arc<Semaphore>,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self {
            told: None,
            refused: 0,
            evicted: 0,
            telling: Arc::new(Semaphore::new(MAX_TOLD)),
        }
    }

    /// Refuses a connection with words, and waits for none of them.
    pub(super) fn refuse(&mut self, stream: TcpStream, full: Full, limits: &Limits) {
        self.say(stream);
        self.refused += 1;
        let most = match full {
            Full::Port => limits.connections,
            Full::Address => limits.per_address,
        };
        if self.is_time_to_tell() {
            let (refused, evicted) = self.take();
            tracing::warn!(
                ?full,
                most,
                refused,
                evicted,
                "there are as many connections as there can be, all with requests under way: others are refused"
            );
        }
    }

    fn say(&self, mut stream: TcpStream) {
        let place = match Arc::clone(&self.telling).try_acquire_owned() {
            Ok(place) => place,
            Err(_all_taken) => {
                if let Err(error) = stream.try_write(REFUSAL) {
                    tracing::debug!(%error, "a refused connection could not be told");
                }
                return;
            }
        };
        tokio::spawn(async move {
            match timeout(TELLING, tell(&mut stream)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a refused connection could not be told");
                }
                Err(_late) => tracing::debug!("a refused connection goes on sending"),
            }
            drop(place);
        });
    }

    /// A connection without a request may have been closed for another.
    pub(super) fn made_room(&mut self, has_evicted: bool, limits: &Limits) {
        self.evicted += u64::from(has_evicted);
        if has_evicted && self.is_time_to_tell() {
            let (refused, evicted) = self.take();
            tracing::warn!(
                most = limits.connections,
                per_address = limits.per_address,
                refused,
                evicted,
                "there are as many connections as there can be: those that ask nothing are closed for others"
            );
        }
    }

    /// This machine has no room.
    pub(super) fn not_accepted(&mut self, error: &io::Error) {
        if self.is_time_to_tell() {
            tracing::error!(%error, "no connection can be accepted now");
        }
    }

    fn is_time_to_tell(&mut self) -> bool {
        let is_time = self.told.is_none_or(|told| told.elapsed() >= TOLD_AGAIN);
        if is_time {
            self.told = Some(Instant::now());
        }
        is_time
    }

    fn take(&mut self) -> (u64, u64) {
        let taken = (self.refused, self.evicted);
        (self.refused, self.evicted) = (0, 0);
        taken
    }
}

/// Says it, and reads what the other side sends until that has heard it and ends: the system resets a connection that is closed
/// with something unread, and what was said is lost with it.
async fn tell(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(REFUSAL).await?;
    stream.shutdown().await?;
    copy(stream, &mut sink()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let text = std::str::from_utf8(REFUSAL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
        let said: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(said["error"]["code"], "unavailable");
    }
}
