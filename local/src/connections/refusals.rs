//! What the operator and the refused are told: one line in a while, and a status.

use std::io;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::Limits;
use super::room::Full;

/// Time between two lines of the log.
const TOLD_AGAIN: Duration = Duration::from_secs(10);

/// Written to a connection for which there is no room, in the form of the interface's errors.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/json\r\n\
    content-length: 108\r\n\
    cache-control: no-store\r\n\
    retry-after: 5\r\n\
    connection: close\r\n\r\n\
    {\"error\":{\"code\":\"unavailable\",\"message\":\"There are as many connections as there can be; try again later.\"}}";

/// What has happened since the last line.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    told: Option<Instant>,
    refused: u64,
    evicted: u64,
}

impl Refusals {
    /// Refuses a connection with words, as far as they can be sent at once.
    pub(super) fn refuse(&mut self, stream: &TcpStream, full: Full, limits: &Limits) {
        if let Err(error) = stream.try_write(REFUSAL) {
            tracing::debug!(%error, "a refused connection could not be told");
        }
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
