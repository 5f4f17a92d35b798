//! What can go wrong on the way to a page, and how each is told to the model.
//!
//! Tells the model nothing of what a name that is not public leads to, and the log no more of an address than its host.

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
    #[error("no text, and no file that is handed on: {media_type}")]
    Unreadable {
        media_type: String,
        bytes: Option<u64>,
    },
    #[error("the page could not be read")]
    Unparsed,
}

impl Wrong {
    /// Logs this for the operator and words it for the model.
    pub fn tell(self, url: Option<&Url>) -> Failure {
        let host = url.and_then(Url::host_str).unwrap_or_default();
        tracing::warn!(
            host,
            error = &self as &dyn std::error::Error,
            "a page was not read"
        );
        let (code, message, retryable) = match self {
            Self::Refused(reason @ Refused::Private) => (
                "private_address",
                format!("this address is not read: {reason}"),
                false,
            ),
            Self::Refused(reason) => ("invalid_arguments", format!("url: {reason}"), false),
            Self::Redirect(reason) => (
                if reason == Refused::Private {
                    "private_address"
                } else {
                    "bad_redirect"
                },
                format!("{host} sends its readers on to an address that is not read: {reason}"),
                false,
            ),
            Self::NotPublic => (
                "private_address",
                format!("{host} is not read: it is not on the public internet"),
                false,
            ),
            Self::Redirects => (
                "bad_redirect",
                format!("{host} sends its readers on and on"),
                false,
            ),
            Self::Robots => (
                "robots",
                format!(
                    "{host} does not allow programs to read this address (robots.txt); another page may say the same"
                ),
                false,
            ),
            Self::NoRobots(_) => (
                "robots",
                format!(
                    "{host} does not say which of its pages programs may read (robots.txt could not be read), so none is read now"
                ),
                true,
            ),
            Self::Unreachable(_) => (
                "unreachable",
                format!("{host} cannot be reached; the address may be wrong"),
                true,
            ),
            Self::Late => ("timeout", format!("{host} did not answer in time"), true),
            Self::Broken(_) => (
                "bad_response",
                format!("{host} broke off in the middle of its answer"),
                true,
            ),
            Self::Challenge => (
                "challenged",
                format!(
                    "{host} lets browsers read this page, and no programs; another page may say the same"
                ),
                false,
            ),
            Self::Status(status) => status_failure(host, status),
            Self::Encoded => (
                "bad_response",
                format!("{host} sent its answer compressed in a way that was not asked for"),
                false,
            ),
            Self::Unreadable { media_type, bytes } => {
                ("unreadable", unreadable(&media_type, bytes), false)
            }
            Self::Unparsed => (
                "unreadable",
                format!("the page of {host} is made in a way that cannot be read"),
                false,
            ),
        };
        Failure::new(code, message, retryable)
    }
}

fn status_failure(host: &str, status: StatusCode) -> (&'static str, String, bool) {
    let what = match status.as_u16() {
        404 | 410 => "has no such page",
        401 | 402 => "shows this page only to those who have signed in",
        403 | 451 => "refuses to show this page",
        429 => "refuses more requests for now; try again later",
        _ => "did not give the page",
    };
    let is_transient = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    (
        "http_status",
        format!("{host} {what} (status {})", status.as_u16()),
        is_transient,
    )
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
