//! What a model was shown for a call, rendered again from the run's log. The log keeps a mark of each prompt, which tells whether that
//! is the very one: the operator's catalogue, and what is known of the model's server, may be others by now.

use catalog::Catalog;
use model::{ChatRequest, Prompt};
use run::{AskedBy, Attempts, CallId, Event, ModelId, PromptDigest, Run};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::endpoint::ModelEndpoint;
use super::rendering::Rendering;
use crate::models::Capabilities;
use crate::services::Services;

/// What a model was shown for a call.
#[derive(Debug)]
pub struct ShownPrompt {
    /// Who was asked last.
    pub model: ModelId,
    /// The fields of the request that the model reads: `messages`, and `tools` or `response_format`.
    pub fields: Map<String, Value>,
    /// It is the very prompt that was sent, as its mark in the log proves. Older logs, and calls that have not ended, have no mark.
    pub is_exact: bool,
}

/// Why nothing can be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    #[error("There is no call {0} in this run.")]
    NoSuchCall(CallId),
    #[error("No model was asked in the call {0}.")]
    NoModel(CallId),
    #[error(
        "What the model `{0}` was shown cannot be rendered again, as it is not in the catalogue any more, or has no server now. \
         Nothing is lost: put it back into the catalogue, or give it a server again, and it is shown."
    )]
    Unavailable(ModelId),
}

/// Renders the prompt of a call once more.
///
/// # Errors
///
/// The run has no such call, no model was asked in it, or its model is not there any more.
pub fn shown_prompt(
    services: &Services,
    log: &[Event],
    call: CallId,
) -> Result<ShownPrompt, NotShown> {
    let run = Run::fold(log).ok_or(NotShown::NoSuchCall(call))?;
    let catalog = services.catalog_of(&run.start);
    let asked = Asked::of(&run, &catalog, call)?;
    let server = services.models.servers.get(&asked.model);
    let (Some(server), Some(model)) = (server, catalog.model(&asked.model)) else {
        return Err(NotShown::Unavailable(asked.model));
    };
    let endpoint = ModelEndpoint { server, model };
    let known = services.models.capabilities(&asked.model, Instant::now());
    let mut newest = None;
    for run in stages(log, call).iter().rev() {
        let rendering = Rendering {
            services,
            catalog: &catalog,
            run,
        };
        for known in [&known, &Capabilities::default()] {
            let request = asked.request(&rendering, call, &endpoint, known);
            let request = request.ok_or(NotShown::NoModel(call))?;
            let prompt = known.profile.prompt(&request);
            if asked.digest == Some(prompt.digest()) {
                return Ok(asked.shown(&prompt, true));
            }
            newest.get_or_insert_with(|| asked.shown(&prompt, false));
        }
    }
    newest.ok_or(NotShown::NoSuchCall(call))
}

/// Who was asked last in a call, and how.
struct Asked {
    model: ModelId,
    by: Option<AskedBy>,
    /// Of what was sent, once the call has ended.
    digest: Option<PromptDigest>,
}

impl Asked {
    fn of(run: &Run, catalog: &Catalog, call: CallId) -> Result<Self, NotShown> {
        let missing = NotShown::NoSuchCall(call);
        let digest = |attempts: &Attempts| attempts.ended().last()?.spent.prompt;
        match call {
            CallId::Orchestrator { round } => {
                let round = run.round(round).ok_or(missing)?;
                let decision = round.decision.as_ref();
                let model = decision.map(|it| &it.model).or(round.attempts.model());
                Ok(Self {
                    model: model.unwrap_or(&catalog.orchestrator.model).clone(),
                    by: decision.map(|it| it.asked_by),
                    digest: decision.and_then(|_| digest(&round.attempts)),
                })
            }
            CallId::Tool { .. } => {
                let state = run.call(call).ok_or(missing)?;
                let model = state.attempts.model().or(state.spec.model.as_ref());
                let is_composed = state.spec.composition.is_some() || !state.was_called();
                let model = model.filter(|_| !is_composed);
                Ok(Self {
                    model: model.ok_or(NotShown::NoModel(call))?.clone(),
                    by: None,
                    digest: state.outcome.as_ref().and_then(|_| digest(&state.attempts)),
                })
            }
        }
    }

    fn request(
        &self,
        rendering: &Rendering<'_>,
        call: CallId,
        endpoint: &ModelEndpoint<'_>,
        known: &Capabilities,
    ) -> Option<ChatRequest> {
        match call {
            CallId::Orchestrator { .. } => {
                let configured = rendering.catalog.orchestrator.calls;
                let by = self.by.unwrap_or_else(|| known.asked_by(configured));
                Some(rendering.decision(endpoint, known, by))
            }
            CallId::Tool { .. } => rendering.text(rendering.run.call(call)?, endpoint, known),
        }
    }

    fn shown(&self, prompt: &Prompt<'_>, is_exact: bool) -> ShownPrompt {
        // What was just read of a request is always an object.
        let fields = serde_json::to_value(prompt).unwrap_or_default();
        ShownPrompt {
            model: self.model.clone(),
            fields: match fields {
                Value::Object(fields) => fields,
                _ => Map::new(),
            },
            is_exact,
        }
    }
}

/// The run as it stood when the model may have been asked: once the call stood in the log, and after each result that came before its end.
fn stages(log: &[Event], call: CallId) -> Vec<Run> {
    let begins = |event: &Event| match (event, call) {
        (Event::RoundStart { round, .. }, CallId::Orchestrator { round: asked }) => *round == asked,
        (Event::ToolCall(made), CallId::Tool { .. }) => made.call_id == call,
        _ => false,
    };
    let ends = |event: &Event| match (event, call) {
        (Event::RoundDecided { round, .. }, CallId::Orchestrator { round: asked }) => {
            *round == asked
        }
        (Event::ToolResult(result), CallId::Tool { .. }) => result.call_id == call,
        _ => false,
    };
    let Some(begin) = log.iter().position(begins) else {
        return Vec::new();
    };
    let (before, after) = log.split_at(begin + 1);
    // A decision whose calls were lost is made again.
    let end = after.iter().rposition(ends).unwrap_or(after.len());
    let Some(mut run) = Run::fold(before) else {
        return Vec::new();
    };
    let mut stages = vec![run.clone()];
    for event in after.iter().take(end) {
        run.apply(event);
        let is_new = match event {
            Event::ToolCall(_) | Event::ToolResult(_) | Event::Resumed { .. } => true,
            Event::Retry { ended, .. } => ended.invalid_answer.is_some(),
            _ => false,
        };
        if is_new {
            stages.push(run.clone());
        }
    }
    stages
}
