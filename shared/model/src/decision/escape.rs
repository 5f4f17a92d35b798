//! Escapes in the texts of JSON.

/// What a character behind a backslash stands for; itself, where JSON knows no such escape.
pub(super) const fn unescaped(c: char) -> char {
    match c {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}
