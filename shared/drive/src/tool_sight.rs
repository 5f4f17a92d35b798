//! Whether a model sees the tools that its server is sent, and how it is asked for calls therefore.

use catalog::Calls;
use model::{Server, ToolSight};
use run::{AskedBy, ModelId};
use tokio::time::Instant;

use crate::models::{Capabilities, Models, NoTools};
use crate::services::Services;

/// What the server tells of tools; it is asked at most every ten minutes.
pub(crate) async fn look(models: &Models, id: &ModelId, server: &Server) -> ToolSight {
    if let Some(sight) = models.learn(id, |memory| memory.sight(Instant::now())) {
        return sight;
    }
    let sight = models.client.tool_sight(server).await;
    models.learn(id, |memory| memory.told_sight(sight, Instant::now()));
    if sight == ToolSight::Hidden {
        tracing::info!(model = %id, "a model's server tells that it hides tools from the model");
    }
    sight
}

/// How the orchestrator is asked for calls now, and in one sentence why, where that is not as usual.
pub async fn asked_by(services: &Services) -> (AskedBy, Option<&'static str>) {
    let orchestrator = &services.catalog.orchestrator;
    let models = &services.models;
    let id = &orchestrator.model;
    let known = || models.capabilities(id, Instant::now());
    if orchestrator.calls == Calls::Auto
        && known().no_tools.is_none()
        && let Some(server) = models.servers.get(id).filter(|server| !server.rehearsal)
    {
        look(models, id, server).await;
    }
    let known = known();
    let by = known.asked_by(orchestrator.calls);
    (by, reason(orchestrator.calls, by, &known))
}

fn reason(configured: Calls, by: AskedBy, known: &Capabilities) -> Option<&'static str> {
    match (configured, by, known.no_tools) {
        (_, AskedBy::Native, _) | (Calls::Text, _, _) | (Calls::Schema, AskedBy::Schema, _) => None,
        (Calls::Schema, AskedBy::Text, _) => Some(
            "This server does not keep replies to a schema; calls are read from the text instead.",
        ),
        (_, AskedBy::Schema, Some(NoTools::Hidden | NoTools::Uncounted)) => {
            Some("This server hides tools from the model; asked by schema instead.")
        }
        (_, AskedBy::Schema, Some(NoTools::Refused | NoTools::Unread) | None) => {
            Some("This server refuses tools; asked by schema instead.")
        }
        (_, AskedBy::Text, Some(NoTools::Unread)) => Some(
            "This server could not read the calls of the model; they are read from the text instead.",
        ),
        (_, AskedBy::Text, Some(NoTools::Hidden | NoTools::Uncounted)) => Some(
            "This server hides tools from the model and does not keep replies to a schema; calls are read from the text instead.",
        ),
        (_, AskedBy::Text, Some(NoTools::Refused) | None) => {
            Some("This server refuses tools; calls are read from the text instead.")
        }
    }
}
