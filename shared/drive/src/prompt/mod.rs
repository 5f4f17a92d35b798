//! What models are told: pure functions of the run.

mod chat;
mod expert;
mod history;
mod in_text;
mod inert;
mod observation;
mod previous_turn;
#[cfg(test)]
mod tests;
mod toolorchestra;

use catalog::ToolSet;
use model::{ChatMessage, ChatRequest};

pub(crate) use chat::Conversation;
pub use chat::SERVICE;
pub(crate) use expert::expert;
pub(crate) use toolorchestra::toolorchestra;

/// Bytes of text for one token, low enough to be on the safe side for most languages.
const BYTES_PER_TOKEN: usize = 3;

/// What a prompt for the orchestrator is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// What question and reply may take together.
    pub(crate) context_tokens: u32,
    /// The server refuses tools: they are described in words.
    pub(crate) tools_in_text: bool,
}

/// The tools that write the answer, as a sentence names them; `None` where the orchestrator alone can answer.
fn ending(tool_set: &ToolSet<'_>) -> Option<String> {
    let names: Vec<_> = tool_set.ending().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

const fn bytes(tokens: u32) -> usize {
    tokens as usize * BYTES_PER_TOKEN
}

/// What a request takes by estimate, its reply included, in tokens.
pub(crate) fn tokens(request: &ChatRequest) -> u32 {
    let messages: usize = request.messages.iter().map(ChatMessage::len).sum();
    let tools: usize = request
        .tools
        .iter()
        .map(|tool| tool.to_string().len())
        .sum();
    let question = u32::try_from((messages + tools) / BYTES_PER_TOKEN).unwrap_or(u32::MAX);
    question.saturating_add(request.max_tokens.unwrap_or(0))
}
