//! `GET /v1/models`: what a client may name as its model. It asks nobody: chat pages ask it with each page.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use run::Priority;
use serde_json::{Value, json};

use super::super::ApiError;
use super::super::error::quoted;

/// What answers for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// A run, with what matters most in it.
    Orchestrator(Priority),
    /// One call of the cheapest model, and no run.
    Task,
}

/// The names.
const MODELS: [(&str, Model); 5] = [
    ("orchestrator", Model::Orchestrator(Priority::Balanced)),
    (
        "orchestrator-quality",
        Model::Orchestrator(Priority::Quality),
    ),
    ("orchestrator-cost", Model::Orchestrator(Priority::Cost)),
    (
        "orchestrator-latency",
        Model::Orchestrator(Priority::Latency),
    ),
    ("orchestrator-task", Model::Task),
];
/// When the models came to be, in seconds since 1970: 2026-11-22, the day of the first commit. Clients sort by it.
const CREATED: u64 = 1_795_305_600;

impl Model {
    pub(super) fn named(name: &str) -> Result<Self, ApiError> {
        let found = MODELS.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, model)| *model)
            .ok_or_else(|| no_such_model(name))
    }
}

pub(in super::super) async fn list() -> Json<Value> {
    let models: Vec<_> = MODELS.iter().map(|(name, _)| object(name)).collect();
    Json(json!({"object": "list", "data": models}))
}

pub(in super::super) async fn show(
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, ApiError> {
    let name = name.map_or_else(|_| String::new(), |Path(name)| name);
    Model::named(&name)?;
    Ok(Json(object(&name)))
}

fn object(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": CREATED, "owned_by": "serverless-llm"})
}

fn no_such_model(name: &str) -> ApiError {
    let known: Vec<_> = MODELS.iter().map(|(name, _)| *name).collect();
    ApiError::no_such_model(format!(
        "There is no model `{}`; there are: {}.",
        quoted(name),
        known.join(", ")
    ))
}
