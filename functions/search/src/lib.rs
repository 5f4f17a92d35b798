//! The tool `search`: asks `DuckDuckGo`'s Instant Answer API and gives the model titles, snippets and addresses.
//!
//! Refuses to pass on mark-up, addresses that are not http(s), or more of a response than its limits allow.

mod arguments;
mod bounds;
mod config;
mod failure;
mod instant_answer;
mod text;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use body::{Body, offload};
use reqwest::{Client, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use tool::Failure;

use arguments::Arguments;
use bounds::{MAX_SEARCH_TIME, REPLY_MARGIN, RESPONSE};
pub use config::{Config, ConfigError};
use failure::Wrong;
use instant_answer::Hit;

const PROVIDER: &str = "duckduckgo";

/// Searches the web for a model.
pub struct Search {
    config: Config,
    client: Client,
}

#[derive(Serialize)]
struct Found {
    query: String,
    num_results: usize,
    results: Vec<Hit>,
    provider: &'static str,
}

impl Search {
    pub fn new(config: Config) -> Result<Self, host::http::ClientError> {
        let client = host::http::client(config.base())?;
        Ok(Self { config, client })
    }

    /// Performs one call: `{query, num_results}` in, `{query, num_results, results, provider}` out.
    pub async fn handle(&self, request: tool::Request) -> tool::Response {
        let deadline = UNIX_EPOCH + Duration::from_millis(request.deadline_ms);
        host::respond(self.search(request.arguments, deadline).await)
    }

    async fn search(
        &self,
        arguments: Map<String, Value>,
        deadline: SystemTime,
    ) -> Result<Found, Failure> {
        let Arguments { query, num_results } = Arguments::parse(arguments)?;
        let left = deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let limit = left.saturating_sub(REPLY_MARGIN).min(MAX_SEARCH_TIME);
        let hits = tokio::time::timeout(limit, self.ask(&query, num_results))
            .await
            .unwrap_or(Err(Wrong::Late))
            .map_err(|wrong| wrong.tell(self.config.base()))?;
        Ok(Found {
            num_results: hits.len(),
            query,
            results: hits,
            provider: PROVIDER,
        })
    }

    async fn ask(&self, query: &str, num_results: usize) -> Result<Vec<Hit>, Wrong> {
        let fixed = [("format", "json"), ("no_html", "1"), ("skip_disambig", "1")];
        let response = self
            .client
            .get(self.config.base().clone())
            .query(&[("q", query)])
            .query(&fixed)
            .send()
            .await
            .map_err(Wrong::from_sending)?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Wrong::TooMany);
        }
        if !status.is_success() {
            return Err(Wrong::Status(status));
        }
        let body = Body::new(response, RESPONSE).whole().await?;
        if body.is_empty() && status != StatusCode::OK {
            // 202 without a body is how the service says that it has no answer.
            return Ok(Vec::new());
        }
        let query = query.to_owned();
        offload(body.len(), move || {
            instant_answer::read(&body, &query, num_results)
        })
        .await
        .map_err(Wrong::NotAnAnswer)
    }
}
