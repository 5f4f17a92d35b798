//! Wikipedia: the beginnings of articles, without a key.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Url;
use serde_json::Value;
use tokio::time::Instant;

use super::contract::{Found, Provider};
use crate::hit::Candidate;
use crate::json::{list_in, text_in};
use crate::problem::Problem;
use crate::web::{Endpoint, Web};

/// Longer queries are refused.
const MOST_CHARS: usize = 300;
/// How a page begins that only lists other pages.
const LISTS_OTHERS: [&str; 4] = [
    "may refer to:",
    "may also refer to:",
    "can refer to:",
    "may refer to",
];

pub struct Wikipedia {
    endpoint: Endpoint,
}

impl Wikipedia {
    pub const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    async fn search(&self, web: &Web, query: &str, until: Instant) -> Result<Found, Problem> {
        let fields = [
            ("action", "query"),
            ("format", "json"),
            ("formatversion", "2"),
            ("generator", "search"),
            ("gsrsearch", query),
            ("gsrlimit", "5"),
            ("prop", "extracts|info"),
            ("exintro", "1"),
            ("explaintext", "1"),
            ("exlimit", "max"),
            ("inprop", "url"),
        ];
        let request = self.endpoint.get("w/api.php", &fields);
        let page = web
            .fetch(&self.endpoint, request, "application/json", until)
            .await?;
        let page = page.successful(None)?;
        let wait = page.wait();
        page.read_object(move |body| match body.get("error") {
            // Its errors have the status of a success.
            Some(error) if text_in(error, "code").contains("ratelimit") => {
                Err(Problem::Limited { wait })
            }
            Some(_) => Err(Problem::Unreadable("an error of the encyclopedia")),
            None => read(&body),
        })
        .await
    }
}

impl Provider for Wikipedia {
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

    fn knows_the_web(&self) -> bool {
        false
    }

    fn site(&self) -> &Url {
        self.endpoint.site()
    }
}

/// Pages come in any order; `index` is their place among the results. Where nothing fits, there is no `query`.
fn read(body: &Value) -> Result<Found, Problem> {
    let Some(query) = body.get("query") else {
        let is_answer = body.get("batchcomplete").is_some();
        return Err(if is_answer {
            Problem::FoundNothing
        } else {
            Problem::Unreadable("neither pages nor the mark of a whole answer")
        });
    };
    let pages = list_in(query, "pages").ok_or(Problem::Unreadable("no list of pages"))?;
    let mut pages: Vec<&Value> = pages.iter().collect();
    pages.sort_by_key(|page| {
        page.get("index")
            .and_then(Value::as_u64)
            .unwrap_or(u64::MAX)
    });
    let candidates = pages.into_iter().map(|page| Candidate {
        title: text_in(page, "title"),
        snippet: text_in(page, "extract"),
        url: text_in(page, "fullurl"),
        date: String::new(),
    });
    Found::new(
        candidates
            .filter(|page| !lists_others(&page.snippet))
            .collect(),
    )
}

fn lists_others(extract: &str) -> bool {
    let first = extract.lines().next().unwrap_or_default().trim_end();
    LISTS_OTHERS.iter().any(|end| first.ends_with(end))
}
