//! One question to one model: who is asked, what the reply has to hold, how long it is waited for, and what is noted of it.

use std::time::Duration;

use model::{AskError, CallForm, ChatRequest, Message, Server};
use run::AskedBy;
use tokio::time::Instant;

use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::loading;
use super::retry::{Others, Tried};
use super::timing::{Timing, begin_within};
use super::wanted::Wanted;
use crate::models::Capabilities;
use crate::prompt::tokens;

/// What a model is asked, and what is waited for.
pub(super) struct Question<'a> {
    pub(super) context: &'a CallContext,
    pub(super) endpoint: ModelEndpoint<'a>,
    pub(super) wanted: Wanted,
    pub(super) others: Others,
    /// How long its reply may take to begin, where another model can be asked instead.
    pub(super) begin: Option<Duration>,
}

impl Question<'_> {
    /// How it was put, when so many had been sent for the call.
    pub(super) fn tried(
        &self,
        request: &ChatRequest,
        known: &Capabilities,
        context_tokens: u32,
        questions: u32,
        has_shown: bool,
    ) -> Tried {
        Tried {
            offers_tools: !request.tools.is_empty(),
            calls: match &request.calls {
                CallForm::Native => AskedBy::Native,
                CallForm::Schema(_) => AskedBy::Schema,
                CallForm::Text => AskedBy::Text,
            },
            sends_answer_schema: request.answer_schema.is_some() && known.profile.takes_schema(),
            has_shown,
            taken: taken(request, known.context_tokens(context_tokens)),
            context_tokens,
            others: self.others.after(questions),
            patience: self.context.services.models.client.idle(),
        }
    }

    /// How long its reply may take to begin. A server that may be loading the model, or does not stream, is given all the time that there is.
    pub(super) fn begin(&self, server: &Server, request: &ChatRequest) -> Option<Duration> {
        let begin = self.begin?;
        let (id, models) = (&self.endpoint.model.id, &self.context.services.models);
        if !server.profile.streams() || models.may_be_loading(id, Instant::now()) {
            return Some(begin);
        }
        let slowest = models.slowest_first_token(id);
        let idle = models.client.idle();
        Some(begin_within(begin, slowest, tokens(request), idle))
    }

    /// Notes what it took, unless its server may have been loading the model.
    pub(super) fn measure(
        &self,
        reply: &Result<Message, AskError>,
        timing: Timing,
        was_heard: bool,
    ) {
        let (id, models) = (&self.endpoint.model.id, &self.context.services.models);
        let now = Instant::now();
        let is_loading = |error| !was_heard && loading::may_explain(models, id, error, now);
        if !reply.as_ref().is_err_and(is_loading)
            && let Some(measure) = timing.measure(self.wanted, reply, now)
        {
            models.took(id, &measure);
        }
    }
}

/// What a request takes that was refused, in tokens. One that fits in the context by estimate is longer than estimated: it is measured by
/// its own length.
fn taken(request: &ChatRequest, context_tokens: u32) -> u32 {
    tokens(request).min(context_tokens)
}
