//! Why a provider has no results, how that is told, and how long the provider is left alone for it.
//!
//! Refuses to tell the model, or a log, the words of a provider, a key, or an address: they may hold a secret, or commands. Only
//! the names of a `SearXNG` server's engines are told, within a bound.

use std::time::Duration;

use body::BodyError;
use reqwest::StatusCode;

use crate::bounds::RESPONSE;

/// What is waited after a challenge: blocks last as long as somebody knocks, about an hour.
const AFTER_CHALLENGE: Duration = Duration::from_mins(15);
/// What is waited after a refusal that says for how long by no word of its own.
const AFTER_LIMIT: Duration = Duration::from_mins(1);
/// What is waited where a person has to do something first: renew a key, pay.
const UNTIL_SOMEBODY_ACTS: Duration = Duration::from_hours(1);
/// What is waited where the operator may be at it just now, or a server has hung.
const A_MOMENT: Duration = Duration::from_mins(1);
/// Nobody is left alone for longer, whatever was asked for.
const MAX_PAUSE: Duration = Duration::from_hours(24);

/// Why a provider has no results.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("found nothing")]
    FoundNothing,
    #[error("answered with a challenge that only a person can solve")]
    Challenge { wait: Option<Duration> },
    #[error("refuses requests from this address (status {})", status.as_u16())]
    Blocked {
        status: StatusCode,
        wait: Option<Duration>,
    },
    #[error("refuses more searches for now")]
    Limited { wait: Option<Duration> },
    #[error("refuses the key in {variable} (status {})", status.as_u16())]
    KeyRefused {
        status: StatusCode,
        variable: &'static str,
    },
    #[error("says that the plan of the key in {variable} is used up (status {})", status.as_u16())]
    UsedUp {
        status: StatusCode,
        variable: &'static str,
    },
    #[error(
        "does not give JSON: its operator has to add `json` to `search.formats` in its settings (status 403)"
    )]
    JsonIsOff,
    #[error("got no answer from its engines: {0}")]
    EnginesFailed(String),
    #[error(
        "cannot be reached; the operator should check this machine's network access and {variable}"
    )]
    Unreachable {
        variable: &'static str,
        source: reqwest::Error,
    },
    #[error("did not answer in time")]
    Late { waited: Duration },
    #[error("answered with status {}", status.as_u16())]
    Status {
        status: StatusCode,
        wait: Option<Duration>,
    },
    #[error("sends to another address (status {})", status.as_u16())]
    Redirected { status: StatusCode },
    #[error("broke off in the middle of its answer")]
    Cut(#[source] reqwest::Error),
    #[error("answered with more than {} bytes", RESPONSE.bytes)]
    TooLong,
    #[error("answered with something that is not search results: {0}")]
    Unreadable(&'static str),
    #[error(
        "answered with a page that holds neither results nor the mark of an empty one: it refuses, or has changed"
    )]
    Unrecognized,
    #[error("is named in SEARCH_PROVIDERS and not set up: set {variable}")]
    NotSetUp { variable: &'static str },
    #[error("was busy with other searches")]
    Busy,
    #[error("is left alone for {} more: it {reason}", minutes(*.left))]
    LeftAlone { left: Duration, reason: String },
}

impl Problem {
    /// For how long the provider is left alone. `times` counts what it has refused in a row before: who is challenged again
    /// right after a pause has come back too early.
    pub fn pause(&self, times: u32) -> Option<Duration> {
        let pause = match self {
            Self::Challenge { wait } | Self::Blocked { wait, .. } => {
                let own = AFTER_CHALLENGE * 2_u32.pow(times.min(2));
                wait.unwrap_or_default().max(own)
            }
            Self::Limited { wait } => wait.unwrap_or(AFTER_LIMIT),
            Self::Status { wait, .. } => (*wait)?,
            Self::KeyRefused { .. } | Self::UsedUp { .. } => UNTIL_SOMEBODY_ACTS,
            Self::JsonIsOff | Self::Unrecognized => A_MOMENT,
            // One that was hardly given time has done nothing wrong.
            Self::Late { waited } => (*waited >= Duration::from_secs(2)).then_some(A_MOMENT)?,
            Self::FoundNothing
            | Self::EnginesFailed(_)
            | Self::Unreachable { .. }
            | Self::Redirected { .. }
            | Self::Cut(_)
            | Self::TooLong
            | Self::Unreadable(_)
            | Self::NotSetUp { .. }
            | Self::Busy
            | Self::LeftAlone { .. } => return None,
        };
        Some(pause.min(MAX_PAUSE)).filter(|pause| !pause.is_zero())
    }

    /// Whether somebody has said that nothing more is to be asked for now.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Challenge { .. } | Self::Blocked { .. } | Self::Limited { .. }
        )
    }

    /// The code of a failure for which this is the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FoundNothing => "nothing_found",
            Self::Challenge { .. } | Self::Blocked { .. } => "blocked",
            Self::Limited { .. } => "rate_limited",
            Self::KeyRefused { .. } | Self::UsedUp { .. } | Self::JsonIsOff => "refused",
            Self::NotSetUp { .. } => "not_configured",
            Self::Unreachable { .. } => "unreachable",
            Self::Late { .. } | Self::Busy => "timeout",
            Self::EnginesFailed(_) | Self::LeftAlone { .. } => "unavailable",
            Self::Status { .. }
            | Self::Redirected { .. }
            | Self::Cut(_)
            | Self::TooLong
            | Self::Unreadable(_)
            | Self::Unrecognized => "bad_response",
        }
    }

    /// Whether the same search may succeed within a minute.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Late { .. }
            | Self::Cut(_)
            | Self::EnginesFailed(_)
            | Self::Busy => true,
            Self::Status { status, .. } => status.is_server_error(),
            Self::Limited { wait } => wait.is_none_or(|wait| wait <= A_MOMENT),
            Self::LeftAlone { left, .. } => *left <= A_MOMENT,
            Self::FoundNothing
            | Self::Challenge { .. }
            | Self::Blocked { .. }
            | Self::KeyRefused { .. }
            | Self::UsedUp { .. }
            | Self::JsonIsOff
            | Self::NotSetUp { .. }
            | Self::Redirected { .. }
            | Self::TooLong
            | Self::Unreadable(_)
            | Self::Unrecognized => false,
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLong { .. } => Self::TooLong,
            BodyError::Late { time } => Self::Late { waited: time },
            BodyError::Broken(error) => Self::Cut(error),
        }
    }
}

/// A pause for people: what has begun counts as a whole minute.
pub fn minutes(pause: Duration) -> String {
    match pause.as_millis().div_ceil(60_000) {
        0 | 1 => "1 minute".to_owned(),
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_refuses_is_left_alone_for_as_long_as_it_asked_within_bounds() {
        let limited = |wait| Problem::Limited { wait };
        let status = StatusCode::FORBIDDEN;
        let second = Duration::from_secs;
        let cases = [
            (Problem::Challenge { wait: None }, 0, Some(second(900))),
            (Problem::Challenge { wait: None }, 1, Some(second(1800))),
            (Problem::Challenge { wait: None }, 7, Some(second(3600))),
            (
                Problem::Challenge {
                    wait: Some(second(5)),
                },
                0,
                Some(second(900)),
            ),
            (
                Problem::Challenge {
                    wait: Some(second(7200)),
                },
                0,
                Some(second(7200)),
            ),
            (
                Problem::Blocked { status, wait: None },
                0,
                Some(second(900)),
            ),
            (limited(None), 0, Some(second(60))),
            (limited(Some(second(7))), 0, Some(second(7))),
            (limited(Some(Duration::ZERO)), 0, None),
            (limited(Some(Duration::MAX)), 0, Some(MAX_PAUSE)),
            (
                Problem::KeyRefused {
                    status,
                    variable: "X",
                },
                3,
                Some(second(3600)),
            ),
            (
                Problem::UsedUp {
                    status,
                    variable: "X",
                },
                0,
                Some(second(3600)),
            ),
            (Problem::JsonIsOff, 0, Some(second(60))),
            (Problem::Unrecognized, 0, Some(second(60))),
            (Problem::Status { status, wait: None }, 0, None),
            (
                Problem::Status {
                    status,
                    wait: Some(second(30)),
                },
                0,
                Some(second(30)),
            ),
            (Problem::Late { waited: second(1) }, 0, None),
            (Problem::Late { waited: second(3) }, 0, Some(second(60))),
            (Problem::FoundNothing, 0, None),
            (Problem::Unreadable("x"), 0, None),
        ];
        for (problem, times, expected) in cases {
            assert_eq!(problem.pause(times), expected, "{problem}");
        }
    }

    #[test]
    fn pauses_are_told_in_minutes_that_have_begun() {
        let cases = [
            (0, "1 minute"),
            (61, "2 minutes"),
            (899, "15 minutes"),
            (900, "15 minutes"),
            (3600, "60 minutes"),
            (7201, "3 hours"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(minutes(Duration::from_secs(seconds)), expected);
        }
    }
}
