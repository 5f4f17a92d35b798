//! What a prompt is made for, and what it may take.

use model::{CallForm, ChatMessage, ChatRequest};
use run::AskedBy;

/// Bytes of text for one token, low enough to be on the safe side for most languages.
pub(super) const BYTES_PER_TOKEN: usize = 3;

/// What a prompt for the orchestrator is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// What question and reply may take together.
    pub(crate) context_tokens: u32,
    pub(crate) calls: AskedBy,
    /// The model thinks before it writes, so that a decision needs no reason in it.
    pub(crate) thinks_first: bool,
}

/// What so many tokens take, in bytes.
pub(super) const fn bytes(tokens: u32) -> usize {
    tokens as usize * BYTES_PER_TOKEN
}

/// What a request takes by estimate, its reply included, in tokens.
pub(crate) fn tokens(request: &ChatRequest) -> u32 {
    let question = u32::try_from(request_bytes(request) / BYTES_PER_TOKEN).unwrap_or(u32::MAX);
    question.saturating_add(request.max_tokens.unwrap_or(0))
}

/// What messages and tools of a request take, in bytes. Tools that are described in a message are a part of it.
pub(crate) fn request_bytes(request: &ChatRequest) -> usize {
    let messages = request.messages.iter().map(ChatMessage::len);
    let sent = match &request.calls {
        CallForm::Native => &*request.tools,
        CallForm::Text | CallForm::Schema(_) => &[],
    };
    let tools = sent.iter().map(|tool| tool.to_string().len());
    messages.chain(tools).sum()
}
