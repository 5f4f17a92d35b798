//! Why a server could not be asked. No word of it holds an address's query, a header, or what a server said behind a refusal: any of them may be
//! a secret.

use std::error::Error;
use std::time::Duration;

use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::transport::streamable_http_client::StreamableHttpError;

use crate::words::{is_of_session, said, status};

type HttpError = StreamableHttpError<reqwest::Error>;

/// Why a server could not be asked, or did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{says}")]
pub struct Problem {
    kind: Kind,
    says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No connection: nothing was sent.
    Unreachable,
    /// The server does not know the session any more, or not who asks: nothing was done.
    NoSession,
    /// It refused before it did anything.
    Refused,
    /// It refused for now.
    Busy,
    /// What was sent may have been done: no answer came.
    Lost,
    Late,
    /// It answered with what nobody can read.
    Malformed,
    /// It answered with an error of its protocol.
    Said,
}

impl Problem {
    fn new(kind: Kind, says: impl Into<String>) -> Self {
        Self {
            kind,
            says: says.into(),
        }
    }

    /// One word for it.
    pub const fn code(&self) -> &'static str {
        match self.kind {
            Kind::Unreachable | Kind::Lost => "tool_unreachable",
            Kind::NoSession | Kind::Refused => "tool_refused",
            Kind::Busy => "tool_busy",
            Kind::Late => "timeout",
            Kind::Malformed => "bad_response",
            Kind::Said => "tool_error",
        }
    }

    /// Whether the server may have done what it was asked.
    pub const fn may_be_done(&self) -> bool {
        match self.kind {
            Kind::Lost | Kind::Late | Kind::Malformed => true,
            Kind::Unreachable | Kind::NoSession | Kind::Refused | Kind::Busy | Kind::Said => false,
        }
    }

    /// Whether the same may succeed later.
    pub const fn is_passing(&self) -> bool {
        match self.kind {
            Kind::Unreachable | Kind::NoSession | Kind::Busy | Kind::Lost | Kind::Late => true,
            Kind::Refused | Kind::Malformed | Kind::Said => false,
        }
    }

    /// Whether a new session may help.
    pub(crate) const fn ends_session(&self) -> bool {
        match self.kind {
            Kind::Unreachable | Kind::NoSession | Kind::Lost => true,
            Kind::Refused | Kind::Busy | Kind::Late | Kind::Malformed | Kind::Said => false,
        }
    }

    /// Whether the server is there and speaks otherwise than was expected.
    pub(crate) const fn is_of_protocol(&self) -> bool {
        match self.kind {
            Kind::Refused | Kind::Malformed | Kind::Said => true,
            Kind::Unreachable | Kind::NoSession | Kind::Busy | Kind::Lost | Kind::Late => false,
        }
    }

    pub(crate) fn late(limit: Duration) -> Self {
        let seconds = limit.as_secs_f64();
        Self::new(
            Kind::Late,
            format!("It did not answer within {seconds:.1} s"),
        )
    }

    pub(crate) fn closed() -> Self {
        Self::new(Kind::Lost, "The connection to it ended before it answered")
    }

    pub(crate) fn unreadable() -> Self {
        Self::new(
            Kind::Malformed,
            "It answered with what is no answer to this",
        )
    }

    fn unknown_session() -> Self {
        Self::new(Kind::NoSession, "It does not know the session any more")
    }

    pub(crate) fn unknown_version(version: &str) -> Self {
        let version = said(version);
        Self::new(
            Kind::Refused,
            format!("It speaks version `{version}` of the protocol, which is not known here"),
        )
    }

    /// Why no session could be begun.
    pub(crate) fn of_begin(error: &ClientInitializeError) -> Self {
        match error {
            ClientInitializeError::TransportError { error, .. } => {
                Self::of_transport(&*error.error)
            }
            ClientInitializeError::LegacyFallbackFailed { fallback, .. } => {
                Self::of_begin(fallback)
            }
            ClientInitializeError::JsonRpcError(error) => Self::of_server(&error.message),
            ClientInitializeError::NoCompatibleProtocolVersion {
                server_supported, ..
            } => {
                let versions: Vec<_> = server_supported
                    .iter()
                    .map(|it| said(it.as_str()))
                    .take(5)
                    .collect();
                Self::unknown_version(&versions.join(", "))
            }
            ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::Cancelled => {
                Self::new(
                    Kind::Malformed,
                    "It ended the connection where the answer to the first request was due",
                )
            }
            _ => Self::unreadable(),
        }
    }

    /// Why a request of a session has no answer.
    pub(crate) fn of_request(error: &ServiceError) -> Self {
        match error {
            ServiceError::McpError(error) => Self::of_server(&error.message),
            ServiceError::TransportSend(error) => Self::of_transport(&*error.error),
            ServiceError::Timeout { timeout } => Self::late(*timeout),
            ServiceError::TransportClosed | ServiceError::Cancelled { .. } => Self::closed(),
            _ => Self::unreadable(),
        }
    }

    /// An error that a server gave, or that the client gives in its place where the answer's stream has ended.
    fn of_server(message: &str) -> Self {
        let message = message.trim_start_matches("Mcp error: ");
        let of_client = [
            "before the response arrived",
            "stream ended",
            "stream closed",
        ];
        if of_client.iter().any(|it| message.contains(it)) {
            return Self::closed();
        }
        if is_of_session(message) {
            return Self::unknown_session();
        }
        Self::new(Kind::Said, format!("It answered: {}", said(message)))
    }

    fn of_transport(error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(known) = error.downcast_ref::<HttpError>() {
                return Self::of_http(known);
            }
            next = error.source();
        }
        Self::closed()
    }

    fn of_http(error: &HttpError) -> Self {
        match error {
            StreamableHttpError::Client(error) => Self::of_connection(error),
            StreamableHttpError::HttpStatus(status) => {
                Self::of_status(status.status, status.retry_after.as_deref())
            }
            StreamableHttpError::AuthRequired(_) => Self::of_status(401, None),
            StreamableHttpError::InsufficientScope(_) => Self::of_status(403, None),
            StreamableHttpError::UnexpectedServerResponse(said) if is_of_session(said) => {
                Self::unknown_session()
            }
            StreamableHttpError::UnexpectedServerResponse(said) => match status(said) {
                Some(status) => Self::of_status(status, None),
                None => Self::unreadable(),
            },
            StreamableHttpError::SessionExpired
            | StreamableHttpError::ReinitializationFailed(_) => Self::unknown_session(),
            StreamableHttpError::ResponseBodyTooLarge { .. } => {
                Self::new(Kind::Malformed, "It answered with more than can be read")
            }
            StreamableHttpError::UnexpectedContentType(kind) => {
                let kind = said(kind.as_deref().unwrap_or("nothing that is named"));
                Self::new(
                    Kind::Malformed,
                    format!(
                        "It answered with {kind}, not with JSON: is this the address of an MCP server?"
                    ),
                )
            }
            StreamableHttpError::Sse(_) | StreamableHttpError::Deserialize(_) => Self::unreadable(),
            _ => Self::closed(),
        }
    }

    fn of_connection(error: &reqwest::Error) -> Self {
        let mut cause: &dyn Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        // The innermost cause names no address.
        let cause = if error.source().is_some() {
            cause.to_string()
        } else {
            "the request failed".to_owned()
        };
        if error.is_connect() {
            return Self::new(
                Kind::Unreachable,
                format!("It could not be reached: {}", said(&cause)),
            );
        }
        Self::new(
            Kind::Lost,
            format!("The connection to it broke: {}", said(&cause)),
        )
    }

    fn of_status(status: u16, retry_after: Option<&str>) -> Self {
        match status {
            401 => Self::new(
                Kind::NoSession,
                "It refuses who asks (401): look at its `headers` and their variables",
            ),
            403 => Self::new(
                Kind::Refused,
                "It refuses who asks (403): look at its `headers` and their variables",
            ),
            300..=399 => Self::new(
                Kind::Refused,
                format!(
                    "It answers with a redirect ({status}), which is not followed: set its `url` to where it is"
                ),
            ),
            404 | 405 => Self::new(
                Kind::Refused,
                format!("It answers {status}: is this the address of an MCP server?"),
            ),
            429 | 503 => {
                let after = retry_after.and_then(|after| after.trim().parse::<u32>().ok());
                let after = after
                    .map(|seconds| format!(", for {seconds} s"))
                    .unwrap_or_default();
                Self::new(Kind::Busy, format!("It has no room now ({status}){after}"))
            }
            400..=499 => Self::new(Kind::Refused, format!("It refuses the request ({status})")),
            _ => Self::new(Kind::Lost, format!("It failed ({status})")),
        }
    }
}
