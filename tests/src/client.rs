//! A client of the service.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::story::Told;
use crate::stream::Events;
use crate::wait::within;

const START: &str = "/api/chat/orchestrator/stream";

/// Talks to one service.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    pub address: String,
    access_key: Option<&'static str>,
}

impl Client {
    /// A client of any server of a test.
    pub fn new(address: &str) -> Self {
        Self {
            http: host::http::direct_client().unwrap(),
            address: address.to_owned(),
            access_key: None,
        }
    }

    /// The same, with an access key in every request.
    #[must_use]
    pub const fn with_key(mut self, key: &'static str) -> Self {
        self.access_key = Some(key);
        self
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.address));
        match self.access_key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        send(self.request(Method::GET, path)).await
    }

    /// A JSON body that must be there.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "application/json");
        response.json().await.unwrap()
    }

    /// A start with any body.
    pub fn start_request(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.request(Method::POST, START)
            .header("content-type", "application/json")
            .body(body)
    }

    /// Starts a run.
    pub async fn start(&self, body: &Value) -> Events {
        let response = send(self.start_request(body.to_string())).await;
        if let Err(refused) = response.error_for_status_ref() {
            panic!("{refused}: {}", response.text().await.unwrap());
        }
        let headers = response.headers();
        let run_id = headers["x-run-id"].to_str().unwrap().to_owned();
        let location = format!("/api/runs/{run_id}/events");
        assert_eq!(headers["location"], location);
        Events::new(run_id, response)
    }

    /// Starts a run and reads it to its end.
    pub async fn ask(&self, body: &Value) -> Told {
        self.start(body).await.told().await
    }

    /// Starts a run for a question and reads it to its end.
    pub async fn question(&self, query: &str) -> Told {
        self.ask(&json!({"query": query})).await
    }

    /// Replays a run after an event, and follows it.
    pub async fn events(&self, run_id: &str, after: u64) -> Events {
        let path = format!("/api/runs/{run_id}/events?after={after}");
        Events::new(run_id.to_owned(), self.get(&path).await)
    }
}

/// Sends a request; the head of the answer must come.
pub async fn send(request: RequestBuilder) -> Response {
    within("the head of a response", request.send())
        .await
        .unwrap()
}
