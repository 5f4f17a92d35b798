//! The one error that a request can end with before its stream begins.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::StoreError;

/// A refused request: a status, a code, and words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Dotted path of the field, or the name of the header or parameter.
    field: Option<String>,
    /// The limit that was met.
    limit: Option<MetLimit>,
    /// Visitors are let in who show a token of their own.
    invites_visitors: bool,
    /// Seconds after which it may be sent again, as it is.
    retry_after: Option<u64>,
}

/// A limit that a request would have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MetLimit {
    /// As `GET /api/config` calls it.
    pub(crate) name: &'static str,
    /// How many requests it allows, where it counts requests.
    pub(crate) requests: Option<u32>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anonymous: bool,
}

/// Seconds after which a request that was one too many, or met a busy table, may be sent again.
const SOON: u64 = 5;

/// Most characters of what somebody has sent that a refusal repeats.
const QUOTED_CHARS: usize = 60;

/// The text of a request as a refusal repeats it: its beginning, and a mark where more follows.
pub(crate) fn quoted(sent: &str) -> Cow<'_, str> {
    match sent.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &sent[..end])),
        None => Cow::Borrowed(sent),
    }
}

/// How a request shows its key.
const SCHEME: HeaderValue = HeaderValue::from_static("Bearer");

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            field: None,
            limit: None,
            invites_visitors: false,
            retry_after: None,
        }
    }

    /// A request that is wrong in itself.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    /// A request of which one field, header or parameter is wrong.
    pub(crate) fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..Self::invalid(message)
        }
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// A request that shows no key, or one that is none: in the same words, so that nothing is told of keys.
    pub(crate) fn no_key(invites_visitors: bool) -> Self {
        let message = if invites_visitors {
            "Send an access key of this deployment as `Authorization: Bearer <key>`, or as a visitor `visitor-` and 32 to 64 letters and \
             digits of your own choice: whoever sends them sees your runs."
        } else {
            "Send an access key of this deployment as `Authorization: Bearer <key>`."
        };
        Self {
            invites_visitors,
            ..Self::unauthorized(message)
        }
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn no_such_model(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "model_not_found", message).about("model")
    }

    pub(crate) fn no_such_run() -> Self {
        Self::not_found("There is no such run, or its time is over.")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not take this method; the header `allow` names those that it takes.",
        )
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Names the field, header or parameter that the refusal is about.
    pub(crate) fn about(self, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..self
        }
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body must not be larger than {limit} bytes."),
        )
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self {
            field: Some("content-type".to_owned()),
            ..Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be JSON: send `content-type: application/json`.",
            )
        }
    }

    /// A start that this process has no room for.
    pub(crate) fn no_room() -> Self {
        Self {
            retry_after: Some(SOON),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "As many runs are under way as this service drives at once (MAX_RUNS); nothing was started. Try again in a moment.",
            )
        }
    }

    /// A start that would pass a limit, or may not be now.
    pub(crate) fn limited(
        (status, code): (StatusCode, &'static str),
        limit: MetLimit,
        retry_after: u64,
        message: String,
    ) -> Self {
        Self {
            limit: Some(limit),
            retry_after: Some(retry_after),
            ..Self::new(status, code, message)
        }
    }

    pub(crate) const fn limit(&self) -> Option<MetLimit> {
        self.limit
    }

    pub(crate) const fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    pub(crate) fn rate_limited(message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(SOON),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
        }
    }
}

impl From<StoreError> for ApiError {
    /// The operator's log has the causes; the caller is told what it can do.
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed on the table");
        let (message, retry_after) = match error {
            StoreError::Unavailable { .. } | StoreError::NoTable { .. } => (
                "The store cannot be used right now; try again in a moment.",
                Some(SOON),
            ),
            StoreError::Unreadable { .. } => (
                "What is stored of this run cannot be read by this version; the operator's log says why.",
                None,
            ),
            StoreError::EventTooLarge { .. } => {
                let message = "The request is too large to be stored; shorten it.";
                return Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message);
            }
        };
        Self {
            retry_after,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Body {
            error: Error {
                code: self.code,
                message: &self.message,
                field: self.field.as_deref(),
                limit: self.limit.map(|limit| limit.name),
                anonymous: self.invites_visitors,
            },
        };
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(self.clone());
        if let Some(seconds) = self.retry_after {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, SCHEME);
        }
        response
    }
}
