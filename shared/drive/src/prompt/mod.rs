//! What models are told: pure functions of the run.

mod chat;
mod expert;
mod finding;
mod in_text;
#[cfg(test)]
mod tests;
mod toolorchestra;

use run::Prior;

pub(crate) use chat::Conversation;
pub(crate) use expert::expert;
pub(crate) use toolorchestra::toolorchestra;

/// Bytes of text for one token, low enough to be on the safe side for most languages.
const BYTES_PER_TOKEN: usize = 3;

/// The earlier answer with its sources, as models are shown it.
fn prior_answer(prior: &Prior) -> String {
    let mut text = prior
        .answer
        .as_deref()
        .unwrap_or("(no answer was found)")
        .to_owned();
    for source in &prior.sources {
        text.push_str("\nSource: ");
        text.push_str(&source.title);
        text.push_str(" <");
        text.push_str(&source.url);
        text.push('>');
    }
    text
}

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
