//! What servers say in refusals and errors, as far as it is read.

/// Longest of a server's own words, in characters.
const MAX_SAID_CHARS: usize = 300;

/// Whether a server says that it does not know a session. Servers that have begun anew say so in one of these ways, and have done nothing.
pub(crate) fn is_of_session(message: &str) -> bool {
    let message = message.to_lowercase();
    let ways = [
        "session not found",
        "session id",
        "session expired",
        "not initialized",
    ];
    ways.iter().any(|way| message.contains(way))
}

/// The status that a refusal begins with.
pub(crate) fn status(said: &str) -> Option<u16> {
    let code = said.strip_prefix("HTTP ")?.get(..3)?;
    code.parse().ok()
}

/// What a server said, on one line and not for long.
pub(crate) fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_SAID_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
