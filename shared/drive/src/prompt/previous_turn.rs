//! The question that a run follows, its answer, and the turns before them, as models are shown them.

use run::Prior;
use serde_json::{Value, json};

use super::inert;
use super::observation::shorten;
use super::template::{filled, text};

const TAG: &str = "earlier";
/// Room for the heading, the tags and the notes about what was left out, in bytes.
const FRAME_BYTES: usize = 256;

/// What a chat template puts around a question and its answer, in bytes.
const TURN_BYTES: usize = 64;

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

    /// The turns before it, oldest first: of the newest as many as another quarter holds.
    pub(super) fn before(room: usize, prior: &Prior) -> Vec<Self> {
        let mut left = (room / 4).saturating_sub(FRAME_BYTES);
        let turns = prior.earlier.iter().rev().map_while(|turn| {
            let turn = Self {
                question: turn.query.clone(),
                answer: inert::text(written(turn.answer.as_deref())).into_owned(),
            };
            left = left
                .checked_sub(TURN_BYTES + json_bytes(&turn.question) + json_bytes(&turn.answer))?;
            Some(turn)
        });
        let mut turns: Vec<_> = turns.collect();
        turns.reverse();
        turns
    }

    fn json(&self) -> Value {
        let Self { question, answer } = self;
        json!({"question": question, "answer": answer})
    }
}

/// All turns as data: titles of foreign pages stand in them, and what models made of those.
pub(super) fn framed(room: usize, prior: &Prior) -> String {
    let mut last = PreviousTurn::within_quarter_of(room, prior).json();
    let before = PreviousTurn::before(room, prior);
    if !before.is_empty() {
        last["before"] = before.iter().map(PreviousTurn::json).collect();
    }
    let body = inert::json(&last);
    let earlier = format!("<{TAG}>\n{body}\n</{TAG}>");
    filled!("earlier_question.txt", earlier = &earlier)
}

fn json_bytes(text: &str) -> usize {
    text.chars().map(run::json_bytes).sum()
}

/// Some servers refuse a message without text.
fn written(answer: Option<&str>) -> &str {
    answer
        .filter(|answer| !answer.trim().is_empty())
        .unwrap_or(text!("no_earlier_answer.txt"))
}

/// The earlier answer with its sources.
fn answer(prior: &Prior) -> String {
    let mut text = written(prior.answer.as_deref()).to_owned();
    for source in &prior.sources {
        text.push_str("\nSource: ");
        text.push_str(&source.title);
        text.push_str(" <");
        text.push_str(&source.url);
        text.push('>');
    }
    text
}
