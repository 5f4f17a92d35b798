//! JSON on one line, whatever a client takes for the end of one.

use std::borrow::Cow;

/// Some clients take these for the end of a line, and a frame is one line. Where JSON holds them raw they stand in a text, as escapes do.
const LINE_ENDS: [(char, &str); 3] = [
    ('\u{85}', "\\u0085"),
    ('\u{2028}', "\\u2028"),
    ('\u{2029}', "\\u2029"),
];

/// JSON without what some clients take for the end of a line; it holds no plain one.
pub(crate) fn on_one_line(json: &str) -> Cow<'_, str> {
    // Most text is ASCII, and is told so faster than it is searched.
    if json.is_ascii() || !json.contains(LINE_ENDS.map(|(end, _)| end)) {
        return Cow::Borrowed(json);
    }
    let escaped = LINE_ENDS.iter();
    let escaped = escaped.fold(json.to_owned(), |json, (end, escape)| {
        json.replace(*end, escape)
    });
    Cow::Owned(escaped)
}

/// Adds it.
pub(super) fn push_line(out: &mut String, json: &str) {
    out.push_str(&on_one_line(json));
}
