//! Whether the server of a tool is there: asked by a request that calls nothing.

use std::error::Error;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::ALLOW;
use run::ToolName;

use super::Tools;

/// What a server says to a request that calls nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It answers with this status, and may say which methods it takes.
    Answers { status: u16, allow: Option<String> },
    /// Nobody answers; the innermost cause.
    Silent(String),
}

impl Tools {
    /// Asks the server of a tool for what it takes (`OPTIONS`), with the headers of a call. `None` where the tool has no server.
    pub async fn probe(&self, tool: &ToolName, limit: Duration) -> Option<Probe> {
        let server = self.server(tool)?;
        let request = server.client.request(Method::OPTIONS, server.url.clone());
        let request = request.headers(server.headers.clone()).timeout(limit);
        Some(match request.send().await {
            Ok(response) => Probe::Answers {
                status: response.status().as_u16(),
                allow: response.headers().get(ALLOW).map(|allow| {
                    let allow = allow.to_str().unwrap_or_default();
                    allow.to_ascii_uppercase()
                }),
            },
            Err(error) => Probe::Silent(cause(&error.without_url())),
        })
    }
}

/// The innermost cause says most.
pub(crate) fn cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
