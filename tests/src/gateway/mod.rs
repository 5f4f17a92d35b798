//! Gateways that refuse what they do not take, in the words of those that people use: the order of messages, ids and names of
//! calls, fields, keywords of schemas, numbers.
//!
//! What passes is answered from a script. A refusal that teaches something about a field is one of a known few; any other is a
//! fault of the request.

mod conversation;
mod rules;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::loopback::Served;
use crate::model_server::{KEY, perform};
use crate::script::Script;

/// Whose rules are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    Mistral,
    Anthropic,
    Bedrock,
    Gemini,
    Azure,
    Groq,
    DashScope,
    /// A chat template for turns of user and assistant alone, without a system and without tools.
    Template,
    /// OpenAI's, where the organization is not verified: replies come whole.
    Unverified,
}

/// What a gateway does not take.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub body: Value,
    /// The field that can be left out or put in another way; none where the request is wrong.
    pub teaches: Option<String>,
}

/// Serves until it is dropped.
#[derive(Debug)]
pub struct Gateway {
    served: Served,
    strictness: Strictness,
    book: Arc<Mutex<Book>>,
}

/// What is to be said, and what was heard.
#[derive(Debug, Default)]
struct Book {
    orchestrator: VecDeque<Script>,
    experts: VecDeque<Script>,
    /// Model and field of the refusals that taught something.
    taught: Vec<(String, String)>,
    faults: Vec<String>,
    accepted: Vec<Value>,
}

#[derive(Clone)]
struct Desk {
    strictness: Strictness,
    book: Arc<Mutex<Book>>,
}

impl Strictness {
    /// Those that a whole run of streams goes through.
    pub const ALL: [Self; 8] = [
        Self::Mistral,
        Self::Anthropic,
        Self::Bedrock,
        Self::Gemini,
        Self::Azure,
        Self::Groq,
        Self::DashScope,
        Self::Template,
    ];

    /// Path and query of its address.
    pub const fn base(self) -> (&'static str, &'static str) {
        match self {
            Self::Mistral | Self::Anthropic | Self::Template | Self::Unverified => ("/v1", ""),
            Self::Bedrock | Self::Groq => ("/openai/v1", ""),
            Self::DashScope => ("/compatible-mode/v1", ""),
            Self::Gemini => ("/v1beta/openai", ""),
            Self::Azure => ("/openai/deployments/gpt", "api-version=2024-10-21"),
        }
    }
}

impl Gateway {
    pub async fn start(strictness: Strictness) -> Self {
        let book = Arc::<Mutex<Book>>::default();
        let desk = Desk {
            strictness,
            book: Arc::clone(&book),
        };
        let router = Router::new().fallback(chat).with_state(desk);
        Self {
            served: Served::start(router).await,
            strictness,
            book,
        }
    }

    /// Its address as its documentation tells it.
    pub fn address(&self) -> String {
        let (path, query) = self.strictness.base();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{query}", self.served.address)
    }

    /// What to say to the next requests of the orchestrator, in order.
    pub fn orchestrator(&self, scripts: impl IntoIterator<Item = Script>) {
        self.book().orchestrator.extend(scripts);
    }

    /// What to say to the next requests of experts, in order.
    pub fn experts(&self, scripts: impl IntoIterator<Item = Script>) {
        self.book().experts.extend(scripts);
    }

    /// Model and field of each refusal so far that taught something.
    pub fn taught(&self) -> Vec<(String, String)> {
        self.book().taught.clone()
    }

    /// Bodies of the requests that passed.
    pub fn accepted(&self) -> Vec<Value> {
        self.book().accepted.clone()
    }

    /// Fails if a request was wrong, or a script was never asked for.
    pub fn assert_spent(&self) {
        let book = self.book();
        let who = self.strictness;
        assert_eq!(book.faults, Vec::<String>::new(), "{who:?}");
        let left = (&book.orchestrator, &book.experts);
        assert_eq!(left.0.len() + left.1.len(), 0, "{who:?}: {left:?}");
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Book {
    fn reply(&mut self, strictness: Strictness, body: &str) -> Result<Script, Refusal> {
        let request: Value = serde_json::from_str(body)
            .map_err(|error| Refusal::fault(400, json!({"error": error.to_string()})))?;
        strictness.judge(&request)?;
        let text = request["messages"].to_string();
        let by_orchestrator = request.get("tools").is_some() || text.contains("<tools>");
        self.accepted.push(request);
        let script = if by_orchestrator {
            self.orchestrator.pop_front()
        } else {
            self.experts.pop_front()
        };
        script.ok_or_else(|| {
            Refusal::fault(400, json!({"error": "nothing is written down for this"}))
        })
    }
}

impl Refusal {
    /// The request is wrong.
    const fn fault(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            teaches: None,
        }
    }

    /// The request is right elsewhere.
    fn lesson(status: u16, field: &str, body: Value) -> Self {
        Self {
            status,
            body,
            teaches: Some(field.to_owned()),
        }
    }
}

async fn chat(
    State(desk): State<Desk>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    if method == Method::GET {
        // It lists no models.
        return StatusCode::NOT_FOUND.into_response();
    }
    let (path, query) = desk.strictness.base();
    let key = ["authorization", "api-key"].map(|name| headers.get(name));
    let key = key.map(|value| value.map(|it| it.to_str().unwrap().to_owned()));
    // Azure: "Either API-KEY or Authorization header must be provided but not both".
    let wanted = match desk.strictness {
        Strictness::Azure => [None, Some(KEY.to_owned())],
        _ => [Some(format!("Bearer {KEY}")), None],
    };
    let reply = {
        let mut book = desk.book.lock().unwrap();
        let reply = if uri.path() != format!("{path}/chat/completions")
            || uri.query().unwrap_or_default() != query
        {
            let error = json!({"error": {"code": "404", "message": "Resource not found"}});
            Err(Refusal::fault(404, error))
        } else if key != wanted {
            Err(Refusal::fault(
                401,
                json!({"error": {"message": "Unauthorized"}}),
            ))
        } else {
            book.reply(desk.strictness, &body)
        };
        if let Err(refusal) = &reply {
            let request = serde_json::from_str(&body).unwrap_or(Value::Null);
            match &refusal.teaches {
                Some(field) => {
                    let model = request["model"].as_str().unwrap_or_default().to_owned();
                    book.taught.push((model, field.clone()));
                }
                None => book.faults.push(format!("{uri}: {refusal:?} to {request}")),
            }
        }
        reply
    };
    match reply {
        Ok(script) => perform(script).await,
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status).unwrap();
            (status, Json(refusal.body)).into_response()
        }
    }
}
