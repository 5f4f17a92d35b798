//! Serper: Google's result pages as JSON, by key.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderName;
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::contract::{ASKED_FOR, Found, Provider};
use crate::config::Key;
use crate::hit::Candidate;
use crate::json::{list_in, text_in};
use crate::locale::Locale;
use crate::problem::Problem;
use crate::web::{Endpoint, Web};

/// The engine behind it passes over more words.
const MOST_WORDS: usize = 32;
const MOST_CHARS: usize = 400;
const KEY: HeaderName = HeaderName::from_static("x-api-key");

pub struct Serper {
    endpoint: Endpoint,
    key: Key,
    locale: Locale,
}

impl Serper {
    pub fn new(endpoint: Endpoint, key: Key, locale: &Locale) -> Self {
        let locale = locale.clone();
        Self {
            endpoint,
            key,
            locale,
        }
    }

    async fn search(&self, web: &Web, query: &str, until: Instant) -> Result<Found, Problem> {
        let mut body = json!({"q": query, "num": ASKED_FOR});
        if let Some(region) = &self.locale.region {
            body["gl"] = region.as_str().into();
        }
        if let Some(language) = &self.locale.language {
            body["hl"] = language.as_str().into();
        }
        let request = self
            .endpoint
            .post_json("search", &body)
            .header(KEY, self.key.value.clone());
        let page = web
            .fetch(&self.endpoint, request, "application/json", until)
            .await?;
        let status = page.status;
        if status != StatusCode::BAD_REQUEST {
            return page
                .successful(Some(self.key.variable))?
                .read_object(|body| read(&body))
                .await;
        }
        // `{"message": "Not enough credits"}` has the status of a request that is wrong.
        let message = page
            .read_object(|body| Ok(text_in(&body, "message").to_ascii_lowercase()))
            .await;
        let variable = self.key.variable;
        Err(match message {
            Ok(message) if message.contains("credit") => Problem::UsedUp { status, variable },
            Ok(_) | Err(_) => Problem::Status { status, wait: None },
        })
    }
}

impl Provider for Serper {
    fn ask<'a>(
        &'a self,
        web: &'a Web,
        query: &'a str,
        until: Instant,
    ) -> BoxFuture<'a, Result<Found, Problem>> {
        self.search(web, query, until).boxed()
    }

    fn takes(&self) -> (usize, usize) {
        (MOST_CHARS, MOST_WORDS)
    }

    fn site(&self) -> &Url {
        self.endpoint.site()
    }
}

/// The box above the results first, where it says from where.
fn read(body: &Value) -> Result<Found, Problem> {
    let is_answer = body.get("searchParameters").is_some_and(Value::is_object);
    let results = match list_in(body, "organic") {
        Some(results) => results,
        None if is_answer => &[],
        None => return Err(Problem::Unreadable("no list of results")),
    };
    let results = results.iter().map(|result| candidate(result, "snippet"));
    let answer = body.get("answerBox").map(|answer| {
        let says = ["answer", "snippet"]
            .into_iter()
            .find(|name| !text_in(answer, name).is_empty());
        candidate(answer, says.unwrap_or("snippet"))
    });
    let answer = answer.filter(|answer| !answer.url.is_empty() && !answer.snippet.is_empty());
    Found::new(answer.into_iter().chain(results).collect())
}

fn candidate(result: &Value, snippet: &str) -> Candidate {
    Candidate {
        title: text_in(result, "title"),
        snippet: text_in(result, snippet),
        url: text_in(result, "link"),
        date: text_in(result, "date"),
    }
}
