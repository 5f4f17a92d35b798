//! Text that cannot be decided about yet.

/// Adds text to what is held back. `advance` decides about as much as can be decided, and gives its length; the rest is held.
///
/// Where nothing is held, as nearly always, the text is not copied.
pub(super) fn push(held: &mut String, text: &str, advance: impl FnOnce(&str) -> usize) {
    if held.is_empty() {
        let taken = advance(text);
        held.push_str(&text[taken..]);
    } else {
        held.push_str(text);
        let taken = advance(held);
        held.drain(..taken);
    }
}
