//! Tavily: an index made for models, by key.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::contract::{ASKED_FOR, Found, Provider};
use crate::config::Key;
use crate::hit::Candidate;
use crate::json::{list_in, text_in};
use crate::problem::Problem;
use crate::web::{Endpoint, Web};

/// `Query is too long. Max query length is 400 characters.`
const MOST_CHARS: usize = 400;

pub struct Tavily {
    endpoint: Endpoint,
    key: Key,
}

impl Tavily {
    pub const fn new(endpoint: Endpoint, key: Key) -> Self {
        Self { endpoint, key }
    }

    async fn search(&self, web: &Web, query: &str, until: Instant) -> Result<Found, Problem> {
        // `auto_parameters` might choose a search of two credits.
        let body = json!({"query": query, "max_results": ASKED_FOR, "search_depth": "basic"});
        let mut bearer = b"Bearer ".to_vec();
        bearer.extend(self.key.value.as_bytes());
        let request = self
            .endpoint
            .post_json("search", &body)
            .header(AUTHORIZATION, bearer);
        let page = web
            .fetch(&self.endpoint, request, "application/json", until)
            .await?;
        page.successful(Some(self.key.variable))?
            .read_object(|body| read(&body))
            .await
    }
}

impl Provider for Tavily {
    fn ask<'a>(
        &'a self,
        web: &'a Web,
        query: &'a str,
        until: Instant,
    ) -> BoxFuture<'a, Result<Found, Problem>> {
        self.search(web, query, until).boxed()
    }

    fn takes(&self) -> (usize, usize) {
        (MOST_CHARS, usize::MAX)
    }

    fn site(&self) -> &Url {
        self.endpoint.site()
    }
}

fn read(body: &Value) -> Result<Found, Problem> {
    let results = list_in(body, "results").ok_or(Problem::Unreadable("no list of results"))?;
    let candidates = results.iter().map(|result| Candidate {
        title: text_in(result, "title"),
        snippet: text_in(result, "content"),
        url: text_in(result, "url"),
        date: text_in(result, "published_date"),
    });
    Found::new(candidates.collect())
}
