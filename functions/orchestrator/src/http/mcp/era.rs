//! The two ways in which clients speak: versions that begin with a handshake, and the one in which each request says all by itself.
//!
//! Nothing of a handshake is kept here, so that requests of both may reach any process in any order.

use axum::http::{HeaderMap, StatusCode};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::super::config::VERSION;
use super::message::{Fault, Request};

/// Versions of the protocol, the newest first. All but that one begin with a handshake.
pub(super) const VERSIONS: [&str; 5] = [
    STATELESS,
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
];
const STATELESS: &str = "2026-07-28";
/// What a handshake comes to where it asks for a version that is not known, or that knows none.
const NEWEST_OF_HANDSHAKE: &str = VERSIONS[1];

const VERSION_HEADER: &str = "mcp-protocol-version";
const VERSION_META: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_META: &str = "io.modelcontextprotocol/clientCapabilities";

/// How a request is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    Handshake,
    Stateless,
}

impl Era {
    /// Looks at what a request and its head say of the version. In the newer way the head has to repeat what the body says, so that
    /// whoever stands between knows it without reading the body.
    pub(super) fn of(request: &Request, headers: &HeaderMap) -> Result<Self, Fault> {
        if request.method == "initialize" {
            return Ok(Self::Handshake);
        }
        let header = single(headers, VERSION_HEADER)?;
        let meta = request.meta(VERSION_META);
        let is_discovery = request.method == "server/discover";
        if meta.is_none() && !is_discovery && header.is_none_or(is_of_handshake) {
            return Ok(Self::Handshake);
        }
        let said = meta.and_then(Value::as_str);
        if let Some(version) = said {
            agree(VERSION_HEADER, header, version)?;
        }
        match said.or(header) {
            Some(version) if is_of_handshake(version) && !is_discovery => {
                return Ok(Self::Handshake);
            }
            Some(version) if !VERSIONS.contains(&version) => {
                return Err(Fault::unknown_version(version, &VERSIONS));
            }
            Some(_) | None => {}
        }
        let is_complete = request
            .meta(CAPABILITIES_META)
            .is_some_and(Value::is_object);
        if said.is_none() || !is_complete {
            let message = format!("_meta must hold {VERSION_META} and {CAPABILITIES_META}.");
            let fault = Fault::invalid_params(message);
            return Err(fault.with_status(StatusCode::BAD_REQUEST));
        }
        agree(
            "mcp-method",
            single(headers, "mcp-method")?,
            &request.method,
        )?;
        if let ("tools/call", Some(name)) = (&*request.method, request.params.get("name")) {
            let said = single(headers, "mcp-name")?.map(decoded).transpose()?;
            agree("mcp-name", said.as_deref(), name.as_str().unwrap_or(""))?;
        }
        Ok(Self::Stateless)
    }

    /// A fault, with the status that it has where statuses tell of faults.
    pub(super) fn fault(self, fault: Fault, status: StatusCode) -> Fault {
        match self {
            Self::Handshake => fault,
            Self::Stateless => fault.with_status(status),
        }
    }

    /// A result in the form of its time.
    pub(super) fn result(self, mut result: Map<String, Value>) -> Value {
        if self == Self::Stateless {
            result.insert("resultType".to_owned(), "complete".into());
            let meta = json!({"io.modelcontextprotocol/serverInfo": server_info()});
            result.insert("_meta".to_owned(), meta);
        }
        Value::Object(result)
    }
}

/// The version that a handshake comes to.
pub(super) fn negotiated(request: &Request) -> &str {
    let wanted = request
        .params
        .get("protocolVersion")
        .and_then(Value::as_str);
    wanted
        .filter(|version| is_of_handshake(version))
        .unwrap_or(NEWEST_OF_HANDSHAKE)
}

pub(super) fn server_info() -> Value {
    json!({"name": "serverless-llm", "title": "serverless-llm", "version": VERSION})
}

fn is_of_handshake(version: &str) -> bool {
    VERSIONS[1..].contains(&version)
}

/// A header that stands in the request once at most: else those who read another one of them see another request.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str());
    match (value.transpose(), values.next()) {
        (Ok(value), None) => Ok(value),
        (Ok(_) | Err(_), _) => Err(Fault::header_mismatch(format!(
            "The header {name} must stand in a request once, in ASCII."
        ))),
    }
}

fn agree(name: &str, said: Option<&str>, meant: &str) -> Result<(), Fault> {
    if said == Some(meant) {
        return Ok(());
    }
    Err(Fault::header_mismatch(format!(
        "The header {name} must say what the body says."
    )))
}

/// A value that a header cannot hold as it is.
fn decoded(value: &str) -> Result<String, Fault> {
    let inner = value.strip_prefix("=?base64?");
    let Some(inner) = inner.and_then(|it| it.strip_suffix("?=")) else {
        return Ok(value.to_owned());
    };
    let bytes = BASE64.decode(inner.as_bytes()).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| Fault::header_mismatch("The header mcp-name cannot be decoded."))
}

#[cfg(test)]
mod tests;
