//! Requests to one service.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::header::header;
use crate::{ClientError, Events, Refusal};

/// Where runs are started.
pub const START: &str = "/api/chat/orchestrator/stream";

/// Talks to one service.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    access_key: Option<String>,
}

impl Client {
    /// A client of the service at an address: scheme, host and port, and what stands before its paths.
    pub fn new(http: reqwest::Client, address: impl Into<String>) -> Self {
        let mut address = address.into();
        address.truncate(address.trim_end_matches('/').len());
        Self {
            http,
            address,
            access_key: None,
        }
    }

    /// The same, with an access key in every request.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.access_key = Some(key.into());
        self
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Any request to a path, to be completed and sent by the caller.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.address));
        match &self.access_key {
            Some(key) => request.header(AUTHORIZATION, format!("Bearer {key}")),
            None => request,
        }
    }

    /// A start with any body, to be completed and sent by the caller.
    pub fn start_request(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.request(Method::POST, START)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
    }

    /// Starts a run, and begins to read its events.
    ///
    /// # Errors
    /// It is refused, or no answer comes in the form of the contract.
    pub async fn start(&self, request: &Value) -> Result<Events, ClientError> {
        let response = self.start_request(request.to_string()).send().await?;
        let response = accepted(response).await?;
        let run_id = header(&response, "x-run-id")?.to_owned();
        let location = header(&response, "location")?;
        if location != format!("/api/runs/{run_id}/events") {
            return Err(ClientError::contract(format!(
                "location is {location}, and x-run-id {run_id}"
            )));
        }
        Events::of(run_id, 0, response)
    }

    /// Reads a run's events after a position, those to come included; `None` where it has ended and none is left.
    ///
    /// # Errors
    /// As of [`Self::start`].
    pub async fn events(&self, run_id: &str, after: u64) -> Result<Option<Events>, ClientError> {
        let path = format!("/api/runs/{run_id}/events?after={after}");
        let response = self.request(Method::GET, &path).send().await?;
        let response = accepted(response).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        Events::of(run_id.to_owned(), after, response).map(Some)
    }

    /// The JSON at a path.
    ///
    /// # Errors
    /// As of [`Self::start`].
    pub async fn json(&self, path: &str) -> Result<Value, ClientError> {
        let response = self.request(Method::GET, path).send().await?;
        let response = accepted(response).await?;
        let media_type = header(&response, "content-type")?;
        if media_type != "application/json" {
            return Err(ClientError::contract(format!("{path} is {media_type}")));
        }
        Ok(response.json().await?)
    }
}

/// A response that is no refusal.
async fn accepted(response: Response) -> Result<Response, ClientError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.bytes().await?;
    Err(ClientError::Refused(Refusal::read(status.as_u16(), &body)))
}
