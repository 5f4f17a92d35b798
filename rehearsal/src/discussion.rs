//! The part of a model in a discussion. All who take part are these same rules, so nothing that one of them says bears another out: each
//! text says so.

use crate::brief::Brief;
use crate::compose;
use crate::expert::reason;
use crate::findings::{computed, cut, fenced, opened};
use crate::turn::Turn;

/// Most that is quoted of what one has said, in characters.
const MAX_QUOTE_CHARS: usize = 600;

/// What a model is told of its part, by how it begins.
const TAKES_PART: &str = "You are one of several models that discuss";
const WRITES: &str = "You write the result of a discussion";

/// The turn of a model in a discussion; `None` where the system message tells of none.
pub(crate) fn turn(system: &str, message: &str) -> Option<Turn> {
    let said = said(message);
    if system.starts_with(WRITES) {
        return Some(Turn::Say(synthesis(&said)));
    }
    if !system.starts_with(TAKES_PART) {
        return None;
    }
    Some(match said.first() {
        None => opinion(&Brief::read(message)),
        Some(own) => Turn::Say(reply(own, said.len() - 1)),
    })
}

fn opinion(brief: &Brief) -> Turn {
    if brief.findings.is_empty() {
        reason(brief)
    } else {
        Turn::Say(compose::answer(brief.problem, &brief.findings))
    }
}

fn reply(own: &Said, others: usize) -> String {
    format!(
        "I have read {}. Each follows the same rules as I do, so it is no second opinion, and my answer stands:\n\n{}",
        counted(others, "other answer"),
        own.quote()
    )
}

fn synthesis(said: &[Said]) -> String {
    let Some(first) = said.first() else {
        return "No answer of the discussion can be read here.".to_owned();
    };
    let mut names: Vec<_> = said.iter().map(|said| said.by.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let same = "Each follows the same rules, so that they agree says nothing.";
    let held = match names[..] {
        [one] => format!("{one} alone answered: there was no discussion."),
        _ => format!("{} held this alike. {same}", names.join(", ")),
    };
    format!("{}\n\n{held}", first.quote())
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// What one model has said in the discussion.
struct Said {
    by: String,
    text: String,
}

impl Said {
    /// What was computed, else how it begins.
    fn quote(&self) -> String {
        match computed(&self.text) {
            Some(output) => fenced("", output),
            None => cut(opened(&self.text), MAX_QUOTE_CHARS),
        }
    }
}

/// The answers that a message shows, in their order. One that was cut is left out: its text is no JSON.
fn said(message: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let mut lines = message.lines();
    while let Some(line) = lines.next() {
        let by = line.strip_prefix("<answer by=");
        let Some(by) = by.and_then(|by| by.strip_suffix('>')) else {
            continue;
        };
        let text = lines.next().unwrap_or_default();
        let read = (serde_json::from_str(by), serde_json::from_str(text));
        if let (Ok(by), Ok(text)) = read {
            said.push(Said { by, text });
        }
    }
    said
}
