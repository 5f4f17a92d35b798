//! One message over HTTP, and what comes back for it.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

use super::lines::say;
use crate::text;

/// The service says something every ten seconds.
const SILENCE: Duration = Duration::from_mins(1);
/// Longest answer: a run's, written as JSON in JSON.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// What is shown of a refusal that is not the service's own.
const SHOWN_CHARS: usize = 200;

/// Why there is no answer.
pub(super) enum Problem {
    /// The service says no; another try would be told the same.
    Refused(String),
    /// It cannot be reached, or broke off.
    Lost(String),
}

/// Sends a message, and passes on each message that comes back.
pub(super) async fn exchange(
    request: RequestBuilder,
    message: &Value,
    out: &Sender<String>,
) -> Result<(), Problem> {
    let request = headers(request, message)
        .header(ACCEPT, "application/json, text/event-stream")
        .header(CONTENT_TYPE, "application/json")
        .body(message.to_string());
    let sent = timeout(SILENCE, request.send()).await;
    let response = sent.map_err(|_| silence())?.map_err(|error| lost(&error))?;
    let media_type = response.headers().get(CONTENT_TYPE);
    let is_stream = media_type.is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"));
    if is_stream {
        return pass_on(response, out).await;
    }
    let status = response.status();
    let body = whole(response).await?;
    match serde_json::from_slice::<Value>(&body) {
        Ok(answer) if answer.get("jsonrpc").is_some() => {
            say(out, answer.to_string()).await;
            Ok(())
        }
        answer => Err(Problem::Refused(refusal(
            status.as_u16(),
            answer.ok(),
            &body,
        ))),
    }
}

/// What the newer version of the protocol has in the head of a request, too.
fn headers(mut request: RequestBuilder, message: &Value) -> RequestBuilder {
    let version = &message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"];
    if let Some(version) = version.as_str() {
        request = request.header("mcp-protocol-version", version);
        for (name, value) in [
            ("mcp-method", &message["method"]),
            ("mcp-name", &message["params"]["name"]),
        ] {
            if let Some(value) = value.as_str() {
                request = request.header(name, value);
            }
        }
    }
    request
}

/// Passes on the events of a stream, the last of which is the answer.
async fn pass_on(mut response: Response, out: &Sender<String>) -> Result<(), Problem> {
    let mut unread = Vec::new();
    while let Some(more) = next(&mut response).await? {
        unread.extend_from_slice(&more);
        while let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<_> = unread.drain(..=end).collect();
            let Some(data) = line.strip_prefix(b"data: ") else {
                continue;
            };
            let Ok(message) = serde_json::from_slice::<Value>(data) else {
                return Err(Problem::Lost("What came back cannot be read.".to_owned()));
            };
            let is_answer = message.get("id").is_some();
            say(out, message.to_string()).await;
            if is_answer {
                return Ok(());
            }
        }
        check_length(&unread)?;
    }
    Err(Problem::Lost(
        "The connection broke before the answer.".to_owned(),
    ))
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(more) = next(&mut response).await? {
        body.extend_from_slice(&more);
        check_length(&body)?;
    }
    Ok(body)
}

async fn next(response: &mut Response) -> Result<Option<Bytes>, Problem> {
    let more = timeout(SILENCE, response.chunk()).await;
    more.map_err(|_| silence())?.map_err(|error| lost(&error))
}

fn check_length(read: &[u8]) -> Result<(), Problem> {
    if read.len() > MAX_ANSWER_BYTES {
        return Err(Problem::Refused("The answer is too long.".to_owned()));
    }
    Ok(())
}

fn refusal(status: u16, answer: Option<Value>, body: &[u8]) -> String {
    let said = answer.and_then(|answer| Some(answer["error"]["message"].as_str()?.to_owned()));
    let said = said.unwrap_or_else(|| {
        let body = String::from_utf8_lossy(body);
        body.trim().chars().take(SHOWN_CHARS).collect()
    });
    let said = text::line(&said);
    match status {
        401 | 403 => format!("{status}: {said} The key is that of --key or ACCESS_KEY."),
        404 => format!("404: {said} Is the address that of the service, as https://YOUR-DOMAIN?"),
        _ => format!("{status}: {said}"),
    }
}

fn silence() -> Problem {
    Problem::Lost(format!("Nothing came for {} seconds.", SILENCE.as_secs()))
}

fn lost(error: &reqwest::Error) -> Problem {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        told = format!("{told}: {inner}");
        cause = inner.source();
    }
    Problem::Lost(told)
}
