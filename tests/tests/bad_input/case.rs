//! A request that must be refused.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Client, send};

use crate::START;

/// A request, and how it is refused.
pub struct Case {
    method: Method,
    path: String,
    pub headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    status: u16,
    code: &'static str,
    field: Option<String>,
    /// Words of the message.
    words: Vec<String>,
}

impl Case {
    pub fn new(method: Method, path: &str, (status, code): (u16, &'static str)) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            status,
            code,
            field: None,
            words: Vec::new(),
        }
    }

    /// A start with a JSON body that is refused as invalid.
    pub fn start(body: impl Into<Vec<u8>>) -> Self {
        Self::new(Method::POST, START, (400, "invalid_request"))
            .header("content-type", "application/json")
            .body(body)
    }

    pub fn not_found(path: &str) -> Self {
        Self::new(Method::GET, path, (404, "not_found"))
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn refused_as(mut self, status: u16, code: &'static str) -> Self {
        (self.status, self.code) = (status, code);
        self
    }

    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    pub fn says<const N: usize>(mut self, words: [&str; N]) -> Self {
        self.words = words.map(str::to_owned).to_vec();
        self
    }

    /// What is not as it should be, if anything.
    pub async fn fault(&self, client: &Client) -> Option<String> {
        let mut request = client.request(self.method.clone(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_bytes());
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        let response = send(request).await;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!({"no JSON": text}));
        let message = body["error"]["message"].as_str().unwrap_or_default();
        let mut expected = json!({"error": {"code": self.code, "message": message}});
        if let Some(field) = &self.field {
            expected["error"]["field"] = json!(field);
        }
        let silent: Vec<_> = self
            .words
            .iter()
            .filter(|it| !message.contains(*it))
            .collect();
        if status == self.status && body == expected && !message.is_empty() && silent.is_empty() {
            return None;
        }
        let sent = self
            .body
            .as_deref()
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        let sent: String = sent.chars().take(100).collect();
        Some(format!(
            "{} {} {:?} {sent}\n    got      {status} {body}\n    expected {} {expected} with {silent:?}",
            self.method, self.path, self.headers, self.status,
        ))
    }
}
