//! The web that searches go to, as it was recorded or made for one question: every provider on one loopback port.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::json;

use crate::loopback::Served;

/// What the page of results says to `current population of Tokyo`.
const PAGE: &str = include_str!("../../functions/search/tests/web/duckduckgo-results.html");
/// The Instant Answer API knows topics, and nothing of the question.
const NO_ANSWER: &str = include_str!("../../functions/search/tests/web/duckduckgo-nothing.json");

/// Its providers, in the order in which they are asked.
pub const PROVIDERS: [&str; 6] = [
    "tavily",
    "searxng",
    "brave",
    "serper",
    "duckduckgo",
    "wikipedia",
];
/// What each of them has found.
pub const POPULATION: &str = "14,254,039";

/// Serves until it is dropped.
#[derive(Debug)]
pub struct RecordedWeb {
    served: Served,
    desk: Desk,
}

#[derive(Clone, Debug, Default)]
struct Desk {
    dead: Arc<Mutex<Vec<&'static str>>>,
    /// The providers that were asked.
    asked: Arc<Mutex<Vec<String>>>,
}

impl RecordedWeb {
    pub async fn start() -> Self {
        let desk = Desk::default();
        let router = Router::new()
            .route("/{provider}/", any(answer))
            .route("/{provider}/{*rest}", any(answer))
            .with_state(desk.clone());
        let served = Served::start(router).await;
        Self { served, desk }
    }

    /// From now on these answer with an error.
    pub fn dead(&self, providers: &[&'static str]) {
        *self.desk.dead.lock().unwrap() = providers.to_vec();
    }

    /// The variables by which a search asks here, and nowhere else.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let names = [
            "TAVILY_URL",
            "SEARXNG_URL",
            "BRAVE_URL",
            "SERPER_URL",
            "DUCKDUCKGO_URL",
            "WIKIPEDIA_URL",
        ];
        let addresses = names.iter().zip(PROVIDERS);
        let addresses = addresses
            .map(|(name, provider)| (*name, format!("{}/{provider}", self.served.address)));
        let keys = ["TAVILY_API_KEY", "BRAVE_API_KEY", "SERPER_API_KEY"];
        addresses
            .chain(keys.map(|name| (name, "a-key".to_owned())))
            .collect()
    }

    /// Who was asked since the last time that somebody looked, each once.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.desk.asked.lock().unwrap());
        asked.dedup();
        asked
    }

    /// The page that a provider has found first.
    pub fn source(provider: &str) -> (String, String) {
        if provider == "duckduckgo" {
            let title = "Population of Tokyo (estimate) - Tokyo Metropolitan Government";
            let url = "https://www.metro.tokyo.example/statistics/population";
            return (title.to_owned(), url.to_owned());
        }
        (
            format!("Tokyo, by {provider}"),
            format!("https://{provider}.example.org/tokyo"),
        )
    }
}

async fn answer(State(desk): State<Desk>, Path(path): Path<Vec<String>>) -> Response {
    let (provider, rest) = (path[0].clone(), path.get(1).cloned().unwrap_or_default());
    desk.asked.lock().unwrap().push(provider.clone());
    if desk
        .dead
        .lock()
        .unwrap()
        .iter()
        .any(|dead| **dead == *provider)
    {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let (title, url) = RecordedWeb::source(&provider);
    let text = format!("Tokyo has {POPULATION} inhabitants as of October 1, 2026.");
    let body = match (&*provider, &*rest) {
        ("tavily", "search") => json!({"results": [{"title": title, "url": url, "content": text}]}),
        ("searxng", "search") => {
            json!({"results": [{"title": title, "url": url, "content": text}], "unresponsive_engines": []})
        }
        ("brave", "res/v1/web/search") => {
            json!({"query": {}, "web": {"results": [{"title": title, "url": url, "description": text}]}})
        }
        ("serper", "search") => {
            json!({"searchParameters": {}, "organic": [{"title": title, "link": url, "snippet": text}]})
        }
        ("wikipedia", "w/api.php") => {
            json!({"batchcomplete": true, "query": {"pages": [{"index": 1, "title": title, "extract": text, "fullurl": url}]}})
        }
        ("duckduckgo", "") => return page("application/x-javascript", NO_ANSWER),
        ("duckduckgo", "html/") => return page("text/html; charset=UTF-8", PAGE),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    axum::Json(body).into_response()
}

fn page(media_type: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}
