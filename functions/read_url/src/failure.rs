//! What can go wrong on the way to a page, and how each is told to the model.
//!
//! Tells the model nothing of what a name that is not public leads to, and the log nothing that a model or a server has chosen: no address, no
//! name, no media type.

use reqwest::{StatusCode, Url};
use tool::Failure;

use crate::net::Refused;

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("refused: {0}")]
    Refused(Refused),
    #[error("refused redirect: {0}")]
    Redirect(Refused),
    #[error("the name leads to an address that is not public")]
    NotPublic,
    #[error("too many redirects")]
    Redirects,
    #[error("the site's robots.txt does not allow it")]
    Robots,
    #[error("the site's robots.txt could not be read")]
    NoRobots(#[source] Option<Box<Wrong>>),
    #[error("no connection")]
    Unreachable(#[source] reqwest::Error),
    #[error("no answer in time")]
    Late,
    #[error("the answer was cut")]
    Broken(#[source] reqwest::Error),
    #[error("a test of whether the reader is a browser")]
    Challenge,
    #[error("status {0}")]
    Status(StatusCode),
    #[error("a content encoding that was not asked for")]
    Encoded,
    #[error("no text, and no file that is handed on")]
    Unreadable {
        media_type: String,
        bytes: Option<u64>,
    },
    #[error("the page could not be read")]
    Unparsed,
}

impl Wrong {
    /// Logs this for the operator and words it for the model; `url` is the address that was asked last.
    pub fn tell(self, url: Option<&Url>) -> Failure {
        let host = url.and_then(Url::host_str).unwrap_or_default();
        tracing::warn!(
            code = self.code(),
            error = &self as &dyn std::error::Error,
            "a page was not read"
        );
        Failure::new(self.code(), self.words(host), self.is_transient())
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Refused(Refused::Private)
            | Self::Redirect(Refused::Private)
            | Self::NotPublic => "private_address",
            Self::Refused(_) => "invalid_arguments",
            Self::Redirect(_) | Self::Redirects => "bad_redirect",
            Self::Robots | Self::NoRobots(_) => "robots",
            Self::Unreachable(_) => "unreachable",
            Self::Late => "timeout",
            Self::Broken(_) | Self::Encoded => "bad_response",
            Self::Challenge => "challenged",
            Self::Status(_) => "http_status",
            Self::Unreadable { .. } | Self::Unparsed => "unreadable",
        }
    }

    /// Whether the same address may be read later.
    fn is_transient(&self) -> bool {
        match self {
            Self::NoRobots(_) | Self::Unreachable(_) | Self::Late | Self::Broken(_) => true,
            Self::Status(status) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            Self::Refused(_)
            | Self::Redirect(_)
            | Self::NotPublic
            | Self::Redirects
            | Self::Robots
            | Self::Challenge
            | Self::Encoded
            | Self::Unreadable { .. }
            | Self::Unparsed => false,
        }
    }

    fn words(&self, host: &str) -> String {
        let what = match self {
            Self::Refused(reason @ Refused::Private) => {
                return format!("this address is not read: {reason}");
            }
            Self::Refused(reason) => return format!("url: {reason}"),
            Self::Unreadable { media_type, bytes } => return unreadable(media_type, *bytes),
            Self::Redirect(reason) => {
                return format!(
                    "{host} sends its readers on to an address that is not read: {reason}"
                );
            }
            Self::Status(status) => {
                return format!("{host} {} (status {})", said_by(*status), status.as_u16());
            }
            Self::NotPublic => "is not read: it is not on the public internet",
            Self::Redirects => "sends its readers on and on",
            Self::Robots => {
                "does not allow programs to read this address (robots.txt); another page may say the same"
            }
            Self::NoRobots(_) => {
                "does not say which of its pages programs may read (robots.txt could not be read), so none is read now"
            }
            Self::Unreachable(_) => "cannot be reached; the address may be wrong",
            Self::Late => "did not answer in time",
            Self::Broken(_) => "broke off in the middle of its answer",
            Self::Challenge => {
                "lets browsers read this page, and no programs; another page may say the same"
            }
            Self::Encoded => "sent its answer compressed in a way that was not asked for",
            Self::Unparsed => "has a page that is made in a way that cannot be read",
        };
        format!("{host} {what}")
    }
}

fn said_by(status: StatusCode) -> &'static str {
    match status.as_u16() {
        404 | 410 => "has no such page",
        401 | 402 => "shows this page only to those who have signed in",
        403 | 451 => "refuses to show this page",
        429 => "refuses more requests for now; try again later",
        _ => "did not give the page",
    }
}

fn unreadable(media_type: &str, bytes: Option<u64>) -> String {
    let kind = if media_type.is_empty() {
        "of an unknown type"
    } else {
        media_type
    };
    match bytes {
        Some(bytes) => format!("there is no text at this address, but {bytes} bytes ({kind})"),
        None => {
            format!("there is no text at this address, but bytes ({kind}) whose number is not told")
        }
    }
}
