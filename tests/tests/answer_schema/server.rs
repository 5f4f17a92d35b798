//! A server of models that keeps to the schema of an answer, or does not.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tests::loopback::Served;
use tests::model_server::perform;
use tests::script::{Script, answer, calls, json_body, says};
use tests::stack::{Setup, Stack};

use crate::schemas::Case;

/// What a server does with the schema of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    To,
    /// And sets the JSON into a fence, with a sentence before it.
    Fenced,
    /// When it is told what was wrong.
    AtSecond,
    /// It writes JSON of another kind, whatever it is told.
    Nothing,
    Prose,
    /// Like llama.cpp, where it can make no grammar of it: keeps to it as far as it is told in words.
    Refuses,
}

#[derive(Clone)]
pub struct Server {
    keeps: Keeps,
    /// What fits and what does not, by the question.
    answers: Arc<Vec<(String, String, String)>>,
    pub asked: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    pub async fn start(keeps: Keeps, cases: &[Case]) -> (Self, Served, Stack) {
        let answers = cases.iter().map(|case| {
            let fits = case.fits.as_ref().unwrap_or(&case.fails).to_string();
            (question(case.name), fits, case.fails.to_string())
        });
        let server = Self {
            keeps,
            answers: Arc::new(answers.collect()),
            asked: Arc::default(),
        };
        let list = async || Json(json!({"data": [{"id": "scripted"}]}));
        let router = Router::new()
            .route("/v1/models", get(list))
            .route("/v1/chat/completions", post(chat))
            .with_state(server.clone());
        let served = Served::start(router).await;
        let stack = Setup::with_models_at(&served.address).start().await;
        (server, served, stack)
    }

    /// The requests for answers about one case.
    pub fn answers_about(&self, name: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        let about = asked.iter().filter(|it| it.get("tools").is_none());
        let about = about.filter(|it| it["messages"].to_string().contains(&question(name)));
        about.cloned().collect()
    }

    fn reply(&self, request: &Value) -> Script {
        if request.get("tools").is_some() {
            return calls([answer("answer-1")]);
        }
        let messages = request["messages"].as_array().unwrap();
        let told = request["messages"].to_string();
        let known = self.answers.iter().find(|(about, ..)| told.contains(about));
        let (_, fits, fails) = known.unwrap();
        let is_second = messages.last().unwrap()["content"]
            .to_string()
            .contains("does not fit");
        match self.keeps {
            Keeps::Fenced => says(&format!("Here it is:\n\n```json\n{fits}\n```\n")),
            Keeps::AtSecond if is_second => says(fits),
            Keeps::Nothing | Keeps::AtSecond => says(fails),
            Keeps::Prose => says("I think that it is about seven."),
            Keeps::Refuses if request.get("response_format").is_some() => {
                let message = "failed to parse grammar";
                json_body(
                    400,
                    &json!({"error": {"message": message, "type": "invalid_request_error", "code": 400}}),
                )
            }
            Keeps::To | Keeps::Refuses => says(fits),
        }
    }
}

pub fn question(name: &str) -> String {
    format!("Case of {name}.")
}

async fn chat(State(server): State<Server>, Json(request): Json<Value>) -> Response {
    server.asked.lock().unwrap().push(request.clone());
    perform(server.reply(&request)).await
}
