//! How long a silent server is waited for. It has no clock: times come in.

use std::time::Duration;

use tokio::time::Instant;

/// Longest silence behind a reason to end: only counts of tokens and the mark of the end may still come, and some servers leave
/// the connection open without either.
const AFTERWORD: Duration = Duration::from_secs(5);

/// What is known of the silence of one reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleTimeout {
    idle: Duration,
    /// When the first of the reply came, thinking included.
    began: Option<Instant>,
    /// When the reply last went on; none before it has begun.
    went_on: Option<Instant>,
    /// The server has given its reason to end.
    is_finished: bool,
}

impl IdleTimeout {
    /// `idle`: longest silence.
    pub(crate) const fn new(idle: Duration) -> Self {
        Self {
            idle,
            began: None,
            went_on: None,
            is_finished: false,
        }
    }

    /// When to give up if nothing comes. Bytes of any kind excuse a server as often as they come while it reads the question;
    /// once the reply has begun only more of it does.
    pub(crate) fn until(&self, now: Instant) -> Instant {
        let longest = if self.is_finished {
            self.idle.min(AFTERWORD)
        } else {
            self.idle
        };
        self.went_on.unwrap_or(now).min(now) + longest
    }

    /// The server has given its reason to end.
    pub(crate) const fn finishes(&mut self) {
        self.is_finished = true;
    }

    /// More of the reply has come.
    pub(crate) fn goes_on(&mut self, now: Instant) {
        self.began.get_or_insert(now);
        self.went_on = Some(now);
    }

    pub(crate) const fn began(&self) -> Option<Instant> {
        self.began
    }

    pub(crate) const fn idle(&self) -> Duration {
        self.idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decoder, Offered};

    const IDLE: Duration = Duration::from_secs(90);
    const PING: &str = ": ping\n\n";
    const ROLE: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    const TEXT: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    /// Whether a server is still waited for that sends these, each 60 seconds after the one before, and then nothing for as long.
    fn is_waited_for(sent: &[&str]) -> bool {
        let mut now = Instant::now();
        let mut idle_timeout = IdleTimeout::new(IDLE);
        let mut decoder = Decoder::new(Offered::default());
        for bytes in sent.iter().map(Some).chain([None]) {
            let until = idle_timeout.until(now);
            now += Duration::from_mins(1);
            if now > until {
                return false;
            }
            if let Some(bytes) = bytes
                && crate::reply::is_progress(&mut decoder, bytes.as_bytes())
            {
                idle_timeout.goes_on(now);
            }
        }
        true
    }

    #[test]
    fn pings_excuse_a_server_that_reads_the_question_without_end() {
        assert!(is_waited_for(&[PING; 1000]));
        assert!(is_waited_for(&[&[ROLE][..], &[PING; 1000]].concat()));
        assert!(is_waited_for(&[&[PING; 1000][..], &[TEXT; 1000]].concat()));
    }

    #[test]
    fn little_is_waited_for_behind_a_reason_to_end() {
        let now = Instant::now();
        let mut idle_timeout = IdleTimeout::new(IDLE);
        idle_timeout.goes_on(now);
        assert_eq!(idle_timeout.until(now), now + IDLE);
        idle_timeout.finishes();
        assert_eq!(idle_timeout.until(now), now + AFTERWORD);
        let mut short = IdleTimeout::new(Duration::from_secs(1));
        short.finishes();
        assert_eq!(short.until(now), now + Duration::from_secs(1));
    }

    #[test]
    fn a_reply_begins_with_what_comes_first() {
        let now = Instant::now();
        let mut idle_timeout = IdleTimeout::new(IDLE);
        assert_eq!((idle_timeout.idle(), idle_timeout.began()), (IDLE, None));
        idle_timeout.goes_on(now);
        idle_timeout.goes_on(now + IDLE);
        assert_eq!(idle_timeout.began(), Some(now));
    }

    #[test]
    fn pings_excuse_no_server_that_has_begun_its_answer() {
        assert!(is_waited_for(&[TEXT]));
        assert!(!is_waited_for(&[TEXT, PING]));
        assert!(!is_waited_for(&[PING, TEXT, TEXT, PING, PING]));
    }
}
