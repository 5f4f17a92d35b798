//! What models are told: pure functions of the run.

mod chat;
mod expert;
mod finding;
#[cfg(test)]
mod tests;

use run::Prior;

pub(crate) use chat::Conversation;
pub(crate) use expert::expert;

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

const fn bytes(tokens: u32) -> usize {
    tokens as usize * BYTES_PER_TOKEN
}
