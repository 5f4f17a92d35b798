//! What a model is asked in a call, made from the run alone: before it is asked, to know what that takes, and afterwards, to show it.

use catalog::{Catalog, Target};
use model::ChatRequest;
use run::{AskedBy, CallState, Run};

use super::endpoint::ModelEndpoint;
use super::orchestrator::{form, tool_set};
use crate::models::Capabilities;
use crate::prompt::{self, AnswerForm, Conversation, Step};
use crate::services::Services;

/// A run as it stands when a model is asked.
#[derive(Clone, Copy)]
pub(super) struct Rendering<'a> {
    pub(super) services: &'a Services,
    pub(super) catalog: &'a Catalog,
    pub(super) run: &'a Run,
}

/// What the prompt for a text may take of the context, beside the form of an answer, and the text itself, in tokens.
pub(super) fn room(
    run: &Run,
    endpoint: &ModelEndpoint<'_>,
    known: &Capabilities,
    form: Option<&AnswerForm<'_>>,
) -> (u32, u32) {
    let most_tokens = endpoint.model.context_tokens;
    let context_tokens = known.context_tokens(most_tokens);
    let reply_tokens = known.reply_tokens(run.start.request.max_tokens, most_tokens);
    let of_form = form.map_or(0, AnswerForm::tokens);
    (context_tokens.saturating_sub(of_form), reply_tokens)
}

/// The prompt with the form of an answer, where the text is not free.
pub(super) fn in_form(
    prompt: ChatRequest,
    known: &Capabilities,
    form: Option<&AnswerForm<'_>>,
) -> ChatRequest {
    match form {
        Some(form) => form.put(prompt, known.keeps_to_schema()),
        None => prompt,
    }
}

impl Rendering<'_> {
    /// For the decision of the run's current round, whose calls are asked for so.
    pub(super) fn decision(
        &self,
        endpoint: &ModelEndpoint<'_>,
        known: &Capabilities,
        asked_by: AskedBy,
    ) -> ChatRequest {
        let tool_set = tool_set(self.services, self.catalog, self.run);
        let form = form(endpoint, known, asked_by);
        match self.catalog.orchestrator.prompt {
            catalog::Prompt::Chat => Conversation::new(self.run, &tool_set, form).request(self.run),
            catalog::Prompt::Toolorchestra => prompt::toolorchestra(self.run, &tool_set, form),
        }
    }

    /// For a call of a tool that is a model, or for a step in which a model writes; `None` for any other call.
    pub(super) fn text(
        &self,
        call: &CallState,
        endpoint: &ModelEndpoint<'_>,
        known: &Capabilities,
    ) -> Option<ChatRequest> {
        let form = AnswerForm::of(self.run, call, call.attempts.invalid_answer());
        let (context_tokens, reply_tokens) = room(self.run, endpoint, known, form.as_ref());
        let request = self.free_text(call, context_tokens, reply_tokens)?;
        Some(in_form(request, known, form.as_ref()))
    }

    fn free_text(
        &self,
        call: &CallState,
        context_tokens: u32,
        reply_tokens: u32,
    ) -> Option<ChatRequest> {
        let run = self.run;
        if let Some(step) = Step::of(run, call) {
            let request = prompt::discussion(run, &step, context_tokens, reply_tokens);
            return Some(request);
        }
        match &self.catalog.tool(&call.spec.tool)?.target {
            Target::Models(aliases) => Some(prompt::expert(
                run,
                &call.spec,
                aliases,
                context_tokens,
                reply_tokens,
            )),
            Target::Chain(chain) => Some(prompt::chained(
                run,
                &chain.ask,
                context_tokens,
                reply_tokens,
            )),
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Discuss(_) => None,
        }
    }
}
