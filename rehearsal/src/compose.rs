//! The answerer: puts what tools returned into a short text, and says nothing that no tool returned.

use crate::findings::{CLOSING, Finding, cut};
use crate::greeting::is_greeting;
use crate::words::tokens;

/// `body` with the closing sentence; where both do not fit into `max_chars`, the body is shortened.
pub(crate) fn closed(body: &str, max_chars: usize) -> String {
    let room = max_chars.saturating_sub(CLOSING.chars().count() + "\n```\n\n".len());
    let body = cut(body.trim_end(), room);
    let open = body.matches("\n```").count() % 2 == 1;
    let fence = if open { "\n```" } else { "" };
    format!("{body}{fence}\n\n{CLOSING}")
}

pub(crate) fn answer(problem: &str, findings: &[Finding]) -> String {
    if !findings.is_empty() {
        let parts = findings.iter().map(Finding::quote);
        return parts.collect::<Vec<_>>().join("\n\n");
    }
    if is_greeting(&tokens(problem)) {
        return "Hello. Ask something that has to be looked up, computed or reasoned about, to see each step of it."
            .to_owned();
    }
    "Nothing was found out about this: no tool has returned anything, and a stand-in without weights knows nothing by itself."
        .to_owned()
}
