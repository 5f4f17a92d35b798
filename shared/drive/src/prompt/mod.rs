//! What models are told: pure functions of the run.

mod chat;
mod expert;
mod finding;
mod in_text;
mod prior;
#[cfg(test)]
mod tests;
mod toolorchestra;

pub(crate) use chat::Conversation;
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

const fn bytes(tokens: u32) -> usize {
    tokens as usize * BYTES_PER_TOKEN
}
