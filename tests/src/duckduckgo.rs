//! A search service that answers as `DuckDuckGo`'s Instant Answer API does, with what the test gives it. Its page of results is
//! that of a search that found nothing, so that what the test gave is all that is found.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::loopback::Served;

/// The media type under which the real service sends its JSON.
const MEDIA_TYPE: &str = "application/x-javascript";

/// How a page of results says that it has none.
const NO_RESULTS: &str = r#"<div class="result web-result result--no-result"><span class="no-results">No results found</span></div>"#;

/// Serves until it is dropped.
#[derive(Debug)]
pub struct DuckDuckGo {
    served: Served,
    desk: Desk,
}

#[derive(Clone, Debug)]
struct Desk {
    body: Arc<str>,
    gate: Option<Gate>,
    queries: Arc<Mutex<Vec<String>>>,
}

impl DuckDuckGo {
    /// Says the same to every question.
    pub async fn saying(body: &Value) -> Self {
        Self::start(body, None).await
    }

    /// The same, once the gate is open.
    pub async fn behind(gate: &Gate, body: &Value) -> Self {
        Self::start(body, Some(gate.clone())).await
    }

    async fn start(body: &Value, gate: Option<Gate>) -> Self {
        let desk = Desk {
            body: body.to_string().into(),
            gate,
            queries: Arc::default(),
        };
        let router = Router::new()
            .route("/", get(search))
            .route("/html/", post(results))
            .with_state(desk.clone());
        Self {
            served: Served::start(router).await,
            desk,
        }
    }

    pub fn address(&self) -> &str {
        &self.served.address
    }

    /// What was searched for, in order.
    pub fn queries(&self) -> Vec<String> {
        self.desk.queries.lock().unwrap().clone()
    }
}

/// What the real service says of something that it has an article about, shortened to one summary.
pub fn article(heading: &str, summary: &str, url: &str) -> Value {
    json!({
        "Abstract": summary, "AbstractSource": "Wikipedia", "AbstractText": summary, "AbstractURL": url,
        "Answer": "", "AnswerType": "", "Definition": "", "DefinitionSource": "", "DefinitionURL": "",
        "Entity": "", "Heading": heading, "Image": "", "ImageHeight": "", "ImageIsLogo": "", "ImageWidth": "",
        "Infobox": "", "Redirect": "", "RelatedTopics": [], "Results": [], "Type": "A", "meta": null,
    })
}

async fn results(State(desk): State<Desk>) -> Html<&'static str> {
    if let Some(gate) = &desk.gate {
        gate.pass().await;
    }
    Html(NO_RESULTS)
}

async fn search(
    State(desk): State<Desk>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    if asked.get("format").map(String::as_str) != Some("json") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let query = asked.get("q").cloned().unwrap_or_default();
    desk.queries.lock().unwrap().push(query);
    if let Some(gate) = &desk.gate {
        gate.pass().await;
    }
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE)];
    (headers, desk.body.to_string()).into_response()
}
