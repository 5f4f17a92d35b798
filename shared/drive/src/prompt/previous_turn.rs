//! The question that a run follows, and its answer, as models are shown them.

use run::Prior;
use serde_json::json;

use super::inert;
use super::observation::shorten;
use super::template::{filled, text};

const TAG: &str = "earlier";
/// Room for the heading, the tags and the notes about what was left out, in bytes.
const FRAME_BYTES: usize = 256;

/// An earlier question and its answer, shortened. The answer holds no control token; the question is the user's own.
pub(super) struct PreviousTurn {
    pub(super) question: String,
    pub(super) answer: String,
}

impl PreviousTurn {
    /// At most a quarter of what a prompt may hold, in bytes: what the run itself finds goes before.
    pub(super) fn within_quarter_of(room: usize, prior: &Prior) -> Self {
        let answer = answer(prior);
        let answer = inert::text(&answer);
        let quarter = (room / 4).saturating_sub(FRAME_BYTES);
        let for_question = quarter.saturating_sub(answer.len()).max(quarter / 2);
        let question = shorten(&prior.query, for_question);
        let for_answer = quarter.saturating_sub(question.len());
        Self {
            answer: shorten(&answer, for_answer),
            question,
        }
    }

    /// As data: titles of foreign pages stand in it, and what models made of those.
    pub(super) fn framed(&self) -> String {
        let Self { question, answer } = self;
        let body = inert::json(&json!({"question": question, "answer": answer}));
        let earlier = format!("<{TAG}>\n{body}\n</{TAG}>");
        filled!("earlier_question.txt", earlier = &earlier)
    }
}

/// The earlier answer with its sources.
fn answer(prior: &Prior) -> String {
    // Some servers refuse a message without text.
    let answer = prior.answer.as_deref();
    let mut text = answer
        .filter(|answer| !answer.trim().is_empty())
        .unwrap_or(text!("no_earlier_answer.txt"))
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
