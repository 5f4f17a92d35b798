//! Whether a server lets its model see tools, as the server tells it beside its chat endpoint.
//!
//! llama.cpp answers a request with tools as if there were none where the chat template knows none; of its own accord it tells that
//! under `/props` alone. Ollama lists what a model can do under `/api/show`, which takes a `POST`: it is sent to nobody who does not
//! answer as Ollama does. What neither tells is unknown, and no refusal.

use std::time::Duration;

use body::{Body, Bounds};
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::client::{Client, PROBE_TIMEOUT};
use crate::server::Server;

/// `/props` holds the chat template, and `/api/show` a licence.
const TOLD: Bounds = Bounds {
    bytes: 1024 * 1024,
    time: PROBE_TIMEOUT,
};

/// Whether a model sees the tools that its server is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolSight {
    Sees,
    /// They are left out without a word, or refused.
    Hidden,
    Unknown,
}

/// Of `/props`.
#[derive(Deserialize)]
struct Props {
    chat_template_caps: Option<Caps>,
}

#[derive(Deserialize)]
struct Caps {
    supports_tools: Option<bool>,
}

/// Of `/api/version`.
#[derive(Deserialize)]
struct Version {
    #[serde(rename = "version")]
    _version: String,
}

/// Of `/api/show`.
#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    capabilities: Vec<String>,
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    family: String,
}

impl Client {
    /// Asks a server whether its model sees tools, within two seconds.
    pub async fn tool_sight(&self, server: &Server) -> ToolSight {
        self.tool_sight_within(server, PROBE_TIMEOUT).await
    }

    async fn tool_sight_within(&self, server: &Server, time: Duration) -> ToolSight {
        let asked = timeout(time, self.ask_for_sight(server)).await;
        asked.ok().flatten().unwrap_or(ToolSight::Unknown)
    }

    async fn ask_for_sight(&self, server: &Server) -> Option<ToolSight> {
        let http = self.http(server);
        let props = http.get(server.beside("props")?);
        let props = props.query(&[("model", &server.model)]);
        match told(server.signed(props)).await? {
            (status, body) if status.is_success() => return of_props(&body),
            (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, _) => {}
            _ => return None,
        }
        let version = server.signed(http.get(server.beside("api/version")?));
        let (status, body) = told(version).await?;
        if !status.is_success() || serde_json::from_slice::<Version>(&body).is_err() {
            return None;
        }
        let show = http.post(server.beside("api/show")?);
        let show = show.json(&json!({"model": server.model}));
        match told(server.signed(show)).await? {
            (status, body) if status.is_success() => of_show(&body),
            _ => None,
        }
    }
}

async fn told(request: RequestBuilder) -> Option<(StatusCode, Vec<u8>)> {
    let response = request.send().await.ok()?;
    let status = response.status();
    let body = Body::new(response, TOLD).whole().await.ok()?;
    Some((status, body.to_vec()))
}

fn of_props(body: &[u8]) -> Option<ToolSight> {
    let props: Props = serde_json::from_slice(body).ok()?;
    let sees = props.chat_template_caps?.supports_tools?;
    Some(if sees {
        ToolSight::Sees
    } else {
        ToolSight::Hidden
    })
}

/// llama.cpp has the same path for an editor's sake, and says nothing of tools there, nor of a family.
fn of_show(body: &[u8]) -> Option<ToolSight> {
    let shown: Shown = serde_json::from_slice(body).ok()?;
    let is_of_ollama = shown
        .details
        .is_some_and(|details| !details.family.is_empty());
    if !is_of_ollama || shown.capabilities.is_empty() {
        return None;
    }
    let sees = shown.capabilities.iter().any(|it| it == "tools");
    Some(if sees {
        ToolSight::Sees
    } else {
        ToolSight::Hidden
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_server_says_of_tools_is_a_no() {
        let hidden = Some(ToolSight::Hidden);
        let sees = Some(ToolSight::Sees);
        for (props, told) in [
            (
                r#"{"chat_template_caps": {"supports_tools": false, "supports_tool_calls": false}}"#,
                hidden,
            ),
            (
                r#"{"chat_template_caps": {"supports_tools": true}, "model_path": "a"}"#,
                sees,
            ),
            (r#"{"chat_template_caps": {"supports_tools": null}}"#, None),
            (r#"{"chat_template_caps": {}}"#, None),
            (r#"{"chat_template_caps": null}"#, None),
            (r#"{"role": "router"}"#, None),
            (r#"{"error": "no"}"#, None),
            ("[]", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(of_props(props.as_bytes()), told, "{props}");
        }
        for (show, told) in [
            (
                r#"{"details": {"family": "llama"}, "capabilities": ["completion"]}"#,
                hidden,
            ),
            (
                r#"{"details": {"family": "qwen2"}, "capabilities": ["completion", "tools"]}"#,
                sees,
            ),
            (
                r#"{"details": {"family": "llama"}, "capabilities": []}"#,
                None,
            ),
            (r#"{"details": {"family": "llama"}}"#, None),
            (
                r#"{"details": {"family": ""}, "capabilities": ["completion"]}"#,
                None,
            ),
            (r#"{"details": null, "capabilities": ["completion"]}"#, None),
            (r#"{"capabilities": ["completion"]}"#, None),
            (
                r#"{"capabilities": {"tools": true}, "details": {"family": "llama"}}"#,
                None,
            ),
            ("not found", None),
        ] {
            assert_eq!(of_show(show.as_bytes()), told, "{show}");
        }
    }
}
