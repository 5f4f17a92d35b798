//! Questions as clients of OpenAI's interface ask them.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::model_server::ModelServer;
use tests::stack::{Setup, Stack};
use tests::wait::within;

pub async fn stack() -> (ModelServer, Stack) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    (models, stack)
}

/// A question that is streamed.
pub fn streamed(question: &str) -> Value {
    let mut body = whole(question);
    body["stream"] = true.into();
    body
}

pub fn whole(question: &str) -> Value {
    json!({"model": "orchestrator", "messages": [{"role": "user", "content": question}]})
}

pub fn request(client: &Client, body: &Value) -> RequestBuilder {
    let request = client.request(Method::POST, "/v1/chat/completions");
    request.json(body)
}

pub async fn ask(client: &Client, body: &Value) -> Response {
    send(request(client, body)).await
}

/// The status and the body of an answer that is one object.
pub async fn answer(request: RequestBuilder) -> (u16, HeaderMap, Value) {
    let response = send(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = within("a body", response.text()).await.unwrap();
    (status, headers, serde_json::from_str(&body).unwrap())
}

pub fn run_id(response: &Response) -> String {
    let id = &response.headers()["x-run-id"];
    id.to_str().unwrap().to_owned()
}

/// What a stream has said.
#[derive(Debug, Default)]
pub struct Said {
    pub content: String,
    pub reasoning: String,
    pub annotations: Vec<Value>,
    pub finish_reason: Option<String>,
    pub usage: Option<Value>,
    pub error: Option<Value>,
    pub frames: Vec<Value>,
    pub is_done: bool,
}

impl Said {
    /// Adds a frame, as every client takes it.
    fn add(&mut self, frame: &str) {
        assert!(!self.is_done, "behind the end: {frame}");
        let data = frame.strip_prefix("data: ");
        let data = data.unwrap_or_else(|| panic!("no data: {frame}"));
        assert!(!data.contains('\n'), "{data}");
        if data == "[DONE]" {
            self.is_done = true;
            return;
        }
        let frame: Value = serde_json::from_str(data).unwrap();
        if frame.get("error").is_some() {
            self.error = Some(frame["error"].clone());
            return;
        }
        if let Some(usage) = frame.get("usage").filter(|usage| !usage.is_null()) {
            self.usage = Some(usage.clone());
        }
        if let Some(choice) = frame["choices"].get(0) {
            assert_eq!(self.finish_reason, None, "behind the finish: {frame}");
            let delta = &choice["delta"];
            let text = |field: &str| delta[field].as_str().unwrap_or_default();
            self.content.push_str(text("content"));
            self.reasoning.push_str(text("reasoning_content"));
            let annotations = delta["annotations"].as_array();
            self.annotations
                .extend(annotations.into_iter().flatten().cloned());
            let reason = choice["finish_reason"].as_str();
            self.finish_reason = reason.map(str::to_owned);
        }
        self.frames.push(frame);
    }
}

/// A stream, as it comes.
pub struct Chunks {
    pub run_id: String,
    response: Response,
    unread: String,
    pub said: Said,
}

impl Chunks {
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            run_id: run_id(&response),
            response,
            unread: String::new(),
            said: Said::default(),
        }
    }

    pub async fn ask(client: &Client, body: &Value) -> Self {
        Self::of(ask(client, body).await)
    }

    async fn read(&mut self) -> bool {
        let bytes = within("more of a stream", self.response.chunk()).await;
        let Some(bytes) = bytes.unwrap() else {
            assert_eq!(self.unread, "");
            return false;
        };
        self.unread.push_str(str::from_utf8(&bytes).unwrap());
        while let Some(end) = self.unread.find("\n\n") {
            let frame: String = self.unread.drain(..end + 2).collect();
            self.said.add(frame.trim_end());
        }
        true
    }

    /// Reads until what was said is so.
    pub async fn until(&mut self, fits: impl Fn(&Said) -> bool) {
        while !fits(&self.said) {
            assert!(self.read().await, "{:?}", self.said);
        }
    }

    /// Reads to the end, which must be one.
    pub async fn rest(mut self) -> Said {
        while self.read().await {}
        assert!(self.said.is_done, "{:?}", self.said);
        self.said
    }
}
