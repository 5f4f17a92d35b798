//! A client of the service, for which whatever goes wrong fails the test.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::story::Told;
use crate::stream::Events;
use crate::wait::within;

/// Talks to one service.
#[derive(Clone, Debug)]
pub struct Client {
    client: client::Client,
    pub address: String,
}

impl Client {
    /// A client of any server of a test.
    pub fn new(address: &str) -> Self {
        let http = host::http::direct_client().unwrap();
        Self {
            client: client::Client::new(http, address),
            address: address.to_owned(),
        }
    }

    /// The same, with an access key in every request.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        Self {
            client: self.client.with_key(key),
            address: self.address,
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, path)
    }

    pub async fn get(&self, path: &str) -> Response {
        send(self.request(Method::GET, path)).await
    }

    /// A JSON body that must be there.
    pub async fn json(&self, path: &str) -> Value {
        let json = within("a JSON body", self.client.json(path)).await;
        json.unwrap_or_else(|error| panic!("{path}: {error:?}"))
    }

    /// A start with any body.
    pub fn start_request(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client.start_request(body)
    }

    /// Starts a run.
    pub async fn start(&self, body: &Value) -> Events {
        let started = within("the head of a stream", self.client.start(body)).await;
        Events::new(started.unwrap_or_else(|error| panic!("{error:?}")))
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
        let replayed = within("the head of a stream", self.client.events(run_id, after)).await;
        let replayed = replayed.unwrap_or_else(|error| panic!("{error:?}"));
        Events::new(replayed.unwrap_or_else(|| panic!("nothing is left of {run_id}")))
    }
}

/// Sends a request; the head of the answer must come.
pub async fn send(request: RequestBuilder) -> Response {
    within("the head of a response", request.send())
        .await
        .unwrap()
}
