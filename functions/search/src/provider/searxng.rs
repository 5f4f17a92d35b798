//! `SearXNG`: a server of the operator's own that asks other engines.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::{StatusCode, Url};
use serde_json::Value;
use tokio::time::Instant;

use super::contract::{Found, Provider};
use crate::hit::Candidate;
use crate::json::{list_in, text_in};
use crate::locale::Locale;
use crate::problem::Problem;
use crate::query;
use crate::text::{at_most, plain_text};
use crate::web::{Endpoint, Web};

/// A query stands in the address, of which servers read 4 KB: so many characters are that at most, escaped.
const MOST_CHARS: usize = 400;
/// Its limiter takes nobody for a browser who would not read HTML.
const ACCEPT: &str = "application/json, text/html;q=0.9";
/// Engines that are told of, and characters of what is told of each.
const MAX_ENGINES: usize = 3;
const MAX_ENGINE_CHARS: usize = 60;

pub struct SearXng {
    endpoint: Endpoint,
    language: Option<String>,
}

impl SearXng {
    pub fn new(endpoint: Endpoint, locale: &Locale) -> Self {
        let language = locale.of_searxng();
        Self { endpoint, language }
    }

    async fn search(&self, web: &Web, query: &str, until: Instant) -> Result<Found, Problem> {
        let query = query::without_engine_commands(query);
        let mut fields = vec![("q", &*query), ("format", "json")];
        fields.extend(
            self.language
                .as_deref()
                .map(|language| ("language", language)),
        );
        let request = self.endpoint.get("search", &fields);
        let page = web.fetch(&self.endpoint, request, ACCEPT, until).await?;
        if page.status == StatusCode::FORBIDDEN {
            return Err(Problem::JsonIsOff);
        }
        page.successful(None)?.read_object(|body| read(&body)).await
    }
}

impl Provider for SearXng {
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
    let answers = list_in(body, "answers")
        .unwrap_or_default()
        .iter()
        .filter_map(answer);
    let results = results.iter().map(|result| Candidate {
        title: text_in(result, "title"),
        snippet: text_in(result, "content"),
        url: text_in(result, "url"),
        date: ["publishedDate", "pubdate"]
            .map(|name| text_in(result, name))
            .into_iter()
            .find(|date| !date.is_empty())
            .unwrap_or_default(),
    });
    let candidates: Vec<Candidate> = answers.chain(results).collect();
    match engines(body) {
        Some(failed) if candidates.is_empty() => Err(Problem::EnginesFailed(failed)),
        Some(_) | None => Found::new(candidates),
    }
}

/// An answer that an engine computed or quoted, where it says from where; in older servers it is text alone.
fn answer(answer: &Value) -> Option<Candidate> {
    let (text, url) = (text_in(answer, "answer"), text_in(answer, "url"));
    (!text.is_empty() && !url.is_empty()).then(|| Candidate {
        snippet: text,
        url,
        ..Candidate::default()
    })
}

/// Which engines did not answer, and why: `google (Suspended: CAPTCHA)`.
fn engines(body: &Value) -> Option<String> {
    let failed = list_in(body, "unresponsive_engines").filter(|failed| !failed.is_empty())?;
    let told = failed.iter().take(MAX_ENGINES).map(|engine| {
        let word = |at: usize| {
            let text = engine.get(at).and_then(Value::as_str).unwrap_or_default();
            at_most(MAX_ENGINE_CHARS, &plain_text(text))
        };
        match (engine.as_str(), word(0), word(1)) {
            (Some(name), ..) => at_most(MAX_ENGINE_CHARS, &plain_text(name)),
            (None, name, why) if why.is_empty() => name,
            (None, name, why) => format!("{name} ({why})"),
        }
    });
    let told = told.collect::<Vec<_>>().join(", ");
    Some(match failed.len().saturating_sub(MAX_ENGINES) {
        0 => told,
        more => format!("{told} and {more} more"),
    })
}
