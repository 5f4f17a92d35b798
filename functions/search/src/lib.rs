//! The tool `search`: asks search providers in the operator's order and gives the model titles, snippets and addresses.
//!
//! Refuses to pass on mark-up, addresses that are not http(s), or more of a response than its limits allow; and to take a
//! challenge, a limit or a page that it cannot read for "nothing found".

mod address;
mod arguments;
mod bounds;
mod breaker;
mod cache;
mod chain;
mod config;
mod date;
mod decode;
mod failure;
mod hit;
mod json;
mod locale;
mod page;
mod problem;
mod provider;
mod query;
mod text;
mod web;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tool::Failure;

use arguments::Arguments;
use chain::{Chain, Tried};
pub use config::{Config, ConfigError};
use hit::Hit;

/// One search takes no longer than this, however late its deadline is.
const MAX_SEARCH_TIME: Duration = Duration::from_secs(12);
/// What is left of a deadline for the answer's way back.
const REPLY_MARGIN: Duration = Duration::from_millis(250);

/// Searches the web for a model.
pub struct Search {
    chain: Chain,
}

#[derive(Serialize)]
struct Found {
    /// As it was searched for: without words to whoever searches.
    query: String,
    num_results: usize,
    results: Vec<Hit>,
    /// Who answered.
    provider: &'static str,
    /// What others said who were asked before.
    tried: Vec<Tried>,
}

impl Search {
    pub fn new(config: &Config) -> Result<Self, host::http::ClientError> {
        Ok(Self {
            chain: Chain::new(config)?,
        })
    }

    /// Performs one call: `{query, num_results}` in, `{query, num_results, results, provider, tried}` out.
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
        let left = left.saturating_sub(REPLY_MARGIN).min(MAX_SEARCH_TIME);
        let query = query::cleaned(&query);
        let answered = self.chain.search(&query, Instant::now() + left).await?;
        let mut results = answered.hits;
        results.truncate(num_results);
        Ok(Found {
            query,
            num_results: results.len(),
            results,
            provider: answered.provider,
            tried: answered.tried,
        })
    }
}
