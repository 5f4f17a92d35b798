//! Questions as clients of OpenAI's Responses ask them, and what they are told, held to the contract.

use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::model_server::ModelServer;
use tests::openapi::{OpenApi, fits};
use tests::stack::{Setup, Stack};
use tests::wait::within;

static RESPONSE: LazyLock<Validator> = LazyLock::new(|| OpenApi::new().schema("Response"));
static FRAME: LazyLock<Validator> = LazyLock::new(|| OpenApi::new().schema("ResponseFrame"));

pub async fn stack() -> (ModelServer, Stack) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    (models, stack)
}

pub fn whole(question: &str) -> Value {
    json!({"model": "orchestrator", "input": question})
}

/// A question that is streamed.
pub fn streamed(question: &str) -> Value {
    let mut body = whole(question);
    body["stream"] = true.into();
    body
}

pub fn request(client: &Client, body: &Value) -> RequestBuilder {
    client.request(Method::POST, "/v1/responses").json(body)
}

pub fn at(client: &Client, method: Method, path: &str) -> RequestBuilder {
    client.request(method, &format!("/v1/responses/{path}"))
}

/// The status, the head and the JSON of an answer.
pub async fn answer(request: RequestBuilder) -> (u16, HeaderMap, Value) {
    let response = send(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = within("a body", response.text()).await.unwrap();
    (status, headers, serde_json::from_str(&body).unwrap())
}

/// A response, as every one of them has to be.
pub async fn response(request: RequestBuilder) -> Value {
    let (status, _, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    fits(&RESPONSE, &body, "a response");
    body
}

/// The refusal of a request: its status and the field.
pub async fn refused(request: RequestBuilder) -> (u16, Option<String>) {
    let (status, _, body) = answer(request).await;
    let error = &body["error"];
    assert!(error["message"].is_string(), "{body}");
    (status, error["param"].as_str().map(str::to_owned))
}

/// The text of a response's message, of which it has one.
pub fn text(response: &Value) -> &str {
    let output = response["output"].as_array().unwrap();
    let mut messages = output.iter().filter(|item| item["type"] == "message");
    let message = messages.next().unwrap();
    assert_eq!(messages.next(), None);
    message["content"][0]["text"].as_str().unwrap()
}

/// The lines of a response's thoughts and steps.
pub fn lines(response: &Value) -> Vec<&str> {
    let output = response["output"].as_array().unwrap();
    let thoughts = output.iter().filter_map(|item| item["summary"].as_array());
    let parts = thoughts.flatten().map(|part| part["text"].as_str());
    let lines = parts.map(|part| part.unwrap().strip_suffix('\n'));
    lines.map(Option::unwrap).collect()
}

pub fn kinds(frames: &[Value]) -> Vec<&str> {
    let kinds = frames.iter().map(|frame| frame["type"].as_str().unwrap());
    kinds
        .map(|kind| kind.strip_prefix("response.").unwrap_or(kind))
        .collect()
}

/// A stream, as it comes.
pub struct Frames {
    pub run_id: String,
    response: Response,
    unread: Vec<u8>,
    pub seen: Vec<Value>,
    pub is_done: bool,
}

impl Frames {
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200, "{response:?}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        Self {
            run_id,
            response,
            unread: Vec::new(),
            seen: Vec::new(),
            is_done: false,
        }
    }

    pub async fn ask(client: &Client, body: &Value) -> Self {
        Self::of(send(request(client, body)).await)
    }

    /// The frames of a response behind a number.
    pub async fn after(client: &Client, run_id: &str, number: Option<u64>) -> Self {
        let from = number.map_or_else(String::new, |it| format!("&starting_after={it}"));
        let path = format!("resp_{run_id}?stream=true{from}");
        Self::of(send(at(client, Method::GET, &path)).await)
    }

    /// Adds a frame, as every client takes it.
    fn add(&mut self, frame: &str) {
        assert!(!self.is_done, "behind the end: {frame}");
        if frame == ": ping" {
            return;
        }
        if frame == "data: [DONE]" {
            self.is_done = true;
            return;
        }
        let (name, data) = frame.split_once('\n').unwrap();
        let data = data.strip_prefix("data: ").unwrap();
        let frame: Value = serde_json::from_str(data).unwrap();
        assert_eq!(name.strip_prefix("event: "), frame["type"].as_str());
        fits(&FRAME, &frame, "a frame");
        if let Some(last) = self.seen.last() {
            let next = last["sequence_number"].as_u64().unwrap() + 1;
            assert_eq!(frame["sequence_number"], next, "{frame}");
        }
        self.seen.push(frame);
    }

    /// Reads what comes next; false at the end, or where the connection breaks.
    pub async fn read(&mut self) -> bool {
        let Ok(Some(bytes)) = within("more of a stream", self.response.chunk()).await else {
            return false;
        };
        self.unread.extend_from_slice(&bytes);
        while let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
            let frame: Vec<u8> = self.unread.drain(..end + 2).collect();
            self.add(str::from_utf8(&frame).unwrap().trim_end());
        }
        true
    }

    /// Reads up to a frame of this kind.
    pub async fn until(&mut self, kind: &str) {
        while !kinds(&self.seen).contains(&kind) {
            assert!(self.read().await, "{:#?}", self.seen);
        }
    }

    /// Reads to the end of a stream that ends before its response, and gives what that is told by.
    pub async fn interrupted(mut self) -> Value {
        let rest = within("the end of a stream", async {
            while let Some(bytes) = self.response.chunk().await.unwrap() {
                self.unread.extend_from_slice(&bytes);
            }
            String::from_utf8(self.unread).unwrap()
        });
        let rest = rest.await;
        let rest = rest.strip_suffix("data: [DONE]\n\n").unwrap();
        let (_, last) = rest.trim_end().rsplit_once("data: ").unwrap();
        let last: Value = serde_json::from_str(last).unwrap();
        fits(&FRAME, &last, "a frame");
        assert_eq!(last["type"], "error", "{last}");
        last["error"]["code"].clone()
    }

    /// Reads to the end, which must be one.
    pub async fn rest(mut self) -> Vec<Value> {
        while self.read().await {}
        assert!(self.is_done, "{:#?}", self.seen);
        assert_eq!(self.unread, b"");
        self.seen
    }
}
