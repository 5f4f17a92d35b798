//! Brave: an index of its own, by key.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderName;
use reqwest::{StatusCode, Url};
use serde_json::Value;
use tokio::time::Instant;

use super::contract::{ASKED_FOR, Found, Provider};
use crate::config::Key;
use crate::hit::Candidate;
use crate::json::{list_in, text_in};
use crate::locale::Locale;
use crate::page::Page;
use crate::problem::Problem;
use crate::text::plain;
use crate::web::{Endpoint, Web};

const MOST_CHARS: usize = 400;
const MOST_WORDS: usize = 50;
const TOKEN: HeaderName = HeaderName::from_static("x-subscription-token");
/// What is left of each window of time, and in how many seconds each begins anew: `0, 1419`.
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

pub struct Brave {
    endpoint: Endpoint,
    key: Key,
    locale: Locale,
}

impl Brave {
    pub fn new(endpoint: Endpoint, key: Key, locale: &Locale) -> Self {
        let locale = locale.clone();
        Self {
            endpoint,
            key,
            locale,
        }
    }

    async fn search(&self, web: &Web, query: &str, until: Instant) -> Result<Found, Problem> {
        let count = ASKED_FOR.to_string();
        let country = self.locale.country_of_brave();
        let mut fields = vec![
            ("q", query),
            ("count", &count),
            ("text_decorations", "false"),
        ];
        fields.extend(country.as_deref().map(|country| ("country", country)));
        fields.extend(
            self.locale
                .language_of_brave()
                .map(|language| ("search_lang", language)),
        );
        let request = self
            .endpoint
            .get("res/v1/web/search", &fields)
            .header(TOKEN, self.key.value.clone());
        let page = web
            .fetch(&self.endpoint, request, "application/json", until)
            .await?;
        match page.status {
            StatusCode::OK => page.read_object(|body| read(&body)).await,
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = page.wait().or_else(|| until_reset(&page));
                Err(self
                    .refusal(page)
                    .await
                    .unwrap_or(Problem::Limited { wait }))
            }
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => {
                let (status, wait) = (page.status, page.wait());
                Err(self
                    .refusal(page)
                    .await
                    .unwrap_or(Problem::Status { status, wait }))
            }
            status => page
                .successful(Some(self.key.variable))
                .and(Err(Problem::Status { status, wait: None })),
        }
    }

    /// What the code in the body says where the status could be anything: a key that is wrong has that of a query that is.
    async fn refusal(&self, page: Page) -> Option<Problem> {
        let (status, variable) = (page.status, self.key.variable);
        let code = page.read_object(|body| Ok(code(&body))).await.ok()?;
        if code.contains("SUBSCRIPTION_TOKEN") {
            Some(Problem::KeyRefused { status, variable })
        } else if code.contains("QUOTA") {
            Some(Problem::UsedUp { status, variable })
        } else {
            None
        }
    }
}

impl Provider for Brave {
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

/// `web` is left out where there are no results.
fn read(body: &Value) -> Result<Found, Problem> {
    let Some(web) = body.get("web").filter(|web| !web.is_null()) else {
        let is_answer = body.get("query").is_some_and(Value::is_object);
        return Err(if is_answer {
            Problem::FoundNothing
        } else {
            Problem::Unreadable("neither results nor a query")
        });
    };
    let results = list_in(web, "results").ok_or(Problem::Unreadable("no list of results"))?;
    let candidates = results.iter().map(|result| Candidate {
        title: plain(&text_in(result, "title")),
        snippet: plain(&text_in(result, "description")),
        url: text_in(result, "url"),
        date: ["page_age", "age"]
            .map(|name| text_in(result, name))
            .into_iter()
            .find(|date| !date.is_empty())
            .unwrap_or_default(),
    });
    Found::new(candidates.collect())
}

/// `{"error": {"code"}}`, or the first of `{"errors": [{"code"}]}`.
fn code(body: &Value) -> String {
    let first = || list_in(body, "errors")?.first();
    body.get("error")
        .or_else(first)
        .map(|error| text_in(error, "code"))
        .unwrap_or_default()
}

/// Until the last of the windows that are used up begins anew.
fn until_reset(page: &Page) -> Option<Duration> {
    let numbers = |name| {
        let list = page.header(name).unwrap_or_default().split(',');
        list.map(|number| number.trim().parse::<u64>().ok())
            .collect::<Vec<_>>()
    };
    let windows = numbers(&REMAINING).into_iter().zip(numbers(&RESET));
    let resets = windows.filter_map(|(left, reset)| reset.filter(|_| left == Some(0)));
    resets.max().map(Duration::from_secs)
}
