//! Calls that were not answered, or whose answer did not come whole.

use body::BodyError;

use super::super::super::failure::{failed, lost};
use super::attempt::{Again, Attempted, Post};
use crate::tools::cause;

impl Post<'_> {
    /// A request that no head of a response came to. What failed to connect has sent nothing.
    pub(super) fn unanswered(&self, error: reqwest::Error) -> Attempted {
        let sent = !error.is_connect();
        let cause = cause(&error.without_url());
        self.log(&cause);
        let name = &self.tool.name;
        let (outcome, again) = if sent {
            let message = format!(
                "The server of the tool {name} ended the connection without an answer: {cause}."
            );
            (lost(self.call, "connection_lost", message), Again::Soon)
        } else {
            let message = format!("The server of the tool {name} cannot be reached: {cause}.");
            (failed("tool_unreachable", message, true), Again::Soon)
        };
        Attempted { outcome, again }
    }

    /// A response that did not come whole.
    pub(super) fn unread(&self, error: BodyError) -> Attempted {
        let name = &self.tool.name;
        match error {
            // It has run; the next time it may do so for as much again.
            BodyError::TooLong { most } => {
                let message = format!(
                    "The tool {name} answered with more than {most} bytes. Ask it for less."
                );
                let outcome = failed("result_too_large", message, false);
                Attempted {
                    outcome,
                    again: Again::No,
                }
            }
            BodyError::Late { time } => {
                let message = format!(
                    "The tool {name} did not finish its answer within {:.1} s.",
                    time.as_secs_f64()
                );
                let outcome = lost(self.call, "timeout", message);
                Attempted {
                    outcome,
                    again: Again::No,
                }
            }
            BodyError::Broken(error) => {
                let cause = cause(&error);
                self.log(&cause);
                let message = format!("The answer of the tool {name} broke off: {cause}.");
                let outcome = lost(self.call, "connection_lost", message);
                Attempted {
                    outcome,
                    again: Again::Soon,
                }
            }
        }
    }

    /// For the operator: the server by its origin alone.
    fn log(&self, cause: &str) {
        let server = self.server.url.origin().ascii_serialization();
        tracing::warn!(tool = %self.tool.name, server, cause, "the server of a tool did not answer");
    }
}
