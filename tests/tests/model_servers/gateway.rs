//! A server that keeps what it is sent, and does what the test says.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::json;
use tests::loopback::Served;
use tests::model_server::perform;
use tests::script::says;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
}

/// How questions are answered.
#[derive(Clone, Debug)]
pub enum Answers {
    Says(&'static str),
    /// With this status, and all headers of the request in the words.
    Echoes(u16),
    /// Elsewhere, with this status.
    Redirects(u16, String),
}

#[derive(Clone)]
pub struct Gateway {
    answers: Answers,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Gateway {
    pub fn new(answers: Answers) -> Self {
        Self {
            answers,
            asked: Arc::default(),
        }
    }

    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    pub async fn serve(&self) -> Served {
        Served::start(self.router()).await
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(gateway): State<Gateway>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    _: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let is_question = path.ends_with("/chat/completions");
    let echo = format!("{headers:?}");
    gateway.asked.lock().unwrap().push(Asked {
        method,
        path: path.clone(),
        headers,
    });
    match &gateway.answers {
        Answers::Redirects(status, to) => {
            let status = StatusCode::from_u16(*status).unwrap();
            (status, [("location", format!("{to}{path}"))]).into_response()
        }
        Answers::Echoes(status) if is_question => {
            let error = json!({"error": {"message": format!("not with {echo}"), "type": "no", "code": echo}});
            (StatusCode::from_u16(*status).unwrap(), Json(error)).into_response()
        }
        Answers::Says(words) if is_question => perform(says(words)).await,
        Answers::Says(_) | Answers::Echoes(_) if path.ends_with("/models") => {
            Json(json!({"data": [{"id": "qwen2.5-7b-instruct"}]})).into_response()
        }
        Answers::Says(_) | Answers::Echoes(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
