//! `GET /api/config` and `GET /health`: what this service is and can do. No secret, no internal address.

use axum::Json;
use axum::extract::State;
use futures_util::future::BoxFuture;
use run::{AskedBy, MAX_CALLS_PER_ROUND, ModelId, RUN_TIME_LIMIT_MS, ToolName};
use serde::Serialize;
use serde_json::{Map, Value};
use store::MAX_WATCHERS;

use super::examples::{EXAMPLES, Example};
use super::read_body::MAX_BODY_BYTES;
use super::start_request::{MAX_INSTRUCTIONS_CHARS, MAX_QUERY_CHARS, MAX_ROUNDS, MAX_TOKENS};
use super::{ApiError, App, Caller, limits};

pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Serialize)]
pub(super) struct Config {
    version: &'static str,
    /// Who asks.
    owner: String,
    /// What the operator says while no run may begin.
    paused: Option<String>,
    orchestrator: Orchestrator,
    models: Vec<Model>,
    tools: Vec<Tool>,
    limits: Limits,
    examples: &'static [Example],
}

#[derive(Serialize)]
struct Orchestrator {
    model: ModelId,
    prompt: &'static str,
    /// How its tool calls are asked for now.
    calls: AskedBy,
    /// Why that is not as usual, in one sentence.
    calls_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Model {
    id: ModelId,
    name: String,
    description: String,
    available: bool,
    rehearsal: bool,
}

#[derive(Serialize)]
struct Tool {
    name: ToolName,
    description: String,
    /// Whether runs are offered it.
    available: bool,
    /// Why they are not, in one sentence.
    problem: Option<String>,
}

#[derive(Serialize)]
struct Limits {
    query_chars: usize,
    instructions_chars: usize,
    max_rounds: u64,
    max_tokens: u64,
    body_bytes: usize,
    calls_per_round: usize,
    run_seconds: u64,
    watchers_per_run: usize,
    /// The caller's own.
    #[serde(flatten)]
    of_caller: Map<String, Value>,
}

#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
}

pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: VERSION,
    })
}

pub(super) async fn config(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Config>, ApiError> {
    let catalog = &app.services.catalog;
    let available: BoxFuture<'_, _> = Box::pin(app.availability.ask(&app.services.models));
    let of_caller = limits::of_caller(&app, &caller).await?;
    let paused = app.services.store.paused().await?;
    let asked_by: BoxFuture<'_, _> = Box::pin(drive::asked_by(&app.services));
    let (available, (calls, calls_reason)) = tokio::join!(available, asked_by);
    let servers = &app.services.models.servers;
    let models = catalog.models.iter().map(|model| Model {
        id: model.id.clone(),
        name: model.name.clone(),
        description: model.description.clone(),
        available: available.contains(&model.id),
        rehearsal: servers
            .get(&model.id)
            .is_some_and(|server| server.rehearsal),
    });
    let tools = catalog.tools.iter().filter(|tool| tool.is_offered);
    let tools = tools.map(|tool| {
        let problem = app.services.tool_problem(tool);
        Tool {
            name: tool.name.clone(),
            description: catalog
                .description_of(tool, |id| app.services.models.takes_ms(catalog, id)),
            available: problem.is_none(),
            problem,
        }
    });
    let described = app.services.described_tools().into_iter();
    let described = described.map(|(name, description, problem)| Tool {
        name,
        description,
        available: problem.is_none(),
        problem,
    });
    Ok(Json(Config {
        version: VERSION,
        owner: caller.name().to_owned(),
        paused: paused.map(|pause| pause.reason),
        orchestrator: Orchestrator {
            model: catalog.orchestrator.model.clone(),
            prompt: match catalog.orchestrator.prompt {
                catalog::Prompt::Chat => "chat",
                catalog::Prompt::Toolorchestra => "toolorchestra",
            },
            calls,
            calls_reason,
        },
        models: models.collect(),
        tools: tools.chain(described).collect(),
        limits: Limits {
            query_chars: MAX_QUERY_CHARS,
            instructions_chars: MAX_INSTRUCTIONS_CHARS,
            max_rounds: MAX_ROUNDS,
            max_tokens: MAX_TOKENS,
            body_bytes: MAX_BODY_BYTES,
            calls_per_round: MAX_CALLS_PER_ROUND,
            run_seconds: RUN_TIME_LIMIT_MS / 1000,
            watchers_per_run: MAX_WATCHERS,
            of_caller,
        },
        examples: EXAMPLES,
    }))
}
