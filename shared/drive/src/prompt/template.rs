//! The texts that models are told: files under `prompts/`, which are part of the program, filled in by one function.
//!
//! A name between braces, as in `{tool}`, is a place. A file that has a place for which the code has no value does not compile, nor
//! does code with a value for which the file has no place. What is filled in is never looked into for places.

/// The text of a file under `prompts/` that has no places.
macro_rules! text {
    ($path:literal) => {
        const {
            let text = $crate::prompt::template::read!($path);
            assert!(
                $crate::prompt::template::has_places(text, &[]),
                concat!("prompts/", $path, " has a place that nothing fills in")
            );
            text
        }
    };
}

/// A file under `prompts/` with its places filled in, as in `filled!("chat/last_round_by_tool.txt", tool = name)`.
macro_rules! filled {
    ($path:literal, $($place:ident = $value:expr),+ $(,)?) => {{
        const TEXT: &str = $crate::prompt::template::read!($path);
        const {
            assert!(
                $crate::prompt::template::has_places(TEXT, &[$(stringify!($place)),+]),
                concat!("the places of prompts/", $path, " are not those that are filled in")
            );
        }
        $crate::prompt::template::rendered(TEXT, &[$((stringify!($place), $value)),+])
    }};
}

/// A file under `prompts/` as it is, without the end of its last line.
macro_rules! read {
    ($path:literal) => {
        $crate::prompt::template::without_last_end(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../prompts/",
            $path
        )))
    };
}

pub(super) use {filled, read, text};

/// A text without the end of its last line, which every file has.
pub(super) const fn without_last_end(text: &str) -> &str {
    let [before @ .., b'\n'] = text.as_bytes() else {
        panic!("a prompt's last line has no end");
    };
    match str::from_utf8(before) {
        Ok(before) => before,
        Err(_) => panic!("a line's end is a character of its own"),
    }
}

/// Whether the places of a text are those with these names: none missing, and none for which there is no name.
pub(super) const fn has_places(text: &str, names: &[&str]) -> bool {
    let text = text.as_bytes();
    let mut found = 0;
    while found < names.len() {
        if !has_place(text, names[found].as_bytes()) {
            return false;
        }
        found += 1;
    }
    let mut at = 0;
    while at < text.len() {
        if let Some(end) = place_at(text, at) {
            let mut known = 0;
            while known < names.len() && !is_at(text, at + 1, end, names[known].as_bytes()) {
                known += 1;
            }
            if known == names.len() {
                return false;
            }
        }
        at += 1;
    }
    true
}

const fn has_place(text: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if let Some(end) = place_at(text, at)
            && is_at(text, at + 1, end, name)
        {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a name stands from one byte up to another.
const fn is_at(text: &[u8], from: usize, to: usize, name: &[u8]) -> bool {
    if to - from != name.len() {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if text[from + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Where the place that begins at a byte has its closing brace. Names are of small letters and `_`: JSON has no places.
const fn place_at(text: &[u8], at: usize) -> Option<usize> {
    if text[at] != b'{' {
        return None;
    }
    let mut end = at + 1;
    while end < text.len() && (text[end].is_ascii_lowercase() || text[end] == b'_') {
        end += 1;
    }
    if end > at + 1 && end < text.len() && text[end] == b'}' {
        Some(end)
    } else {
        None
    }
}

/// A text with its places filled in.
pub(super) fn rendered(text: &str, values: &[(&str, &str)]) -> String {
    let room: usize = values.iter().map(|(_, value)| value.len()).sum();
    let mut rendered = String::with_capacity(text.len() + room);
    let mut written = 0;
    for (at, _) in text.match_indices('{') {
        let Some(end) = place_at(text.as_bytes(), at) else {
            continue;
        };
        let name = &text[at + 1..end];
        let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        rendered.push_str(&text[written..at]);
        rendered.push_str(value);
        written = end + 1;
    }
    rendered.push_str(&text[written..]);
    rendered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_a_text_are_the_values_that_it_gets() {
        let cases: [(&str, &[&str], bool); 12] = [
            ("", &[], true),
            ("call {tool} now", &["tool"], true),
            ("{tool}", &["tool"], true),
            ("{a_b}{tool}{tool}", &["tool", "a_b"], true),
            ("call it now", &["tool"], false),
            ("call {tool} now", &[], false),
            ("call {tools} now", &["tool"], false),
            ("call {too} now", &["tool"], false),
            ("{a} and {b}", &["a"], false),
            ("{} {\"a\": {<b>}} {A} {a", &[], true),
            ("{a", &["a"], false),
            ("{{a}}", &["a"], true),
        ];
        for (text, names, fit) in cases {
            assert_eq!(has_places(text, names), fit, "{text}");
        }
    }

    #[test]
    fn values_stand_in_their_places_as_they_are() {
        let cases = [
            ("", ""),
            ("{tool}", "{note}"),
            ("a{tool}b{note}c{tool}", "a{note}b{tool}{c{note}"),
            ("{\"tool\": {tool}}", "{\"tool\": {note}}"),
            ("é{tool}é", "é{note}é"),
            ("{other} {tool}", "{other} {note}"),
        ];
        for (text, expected) in cases {
            let values = [("tool", "{note}"), ("note", "{tool}{")];
            assert_eq!(rendered(text, &values), expected, "{text}");
        }
    }

    #[test]
    fn one_line_end_goes() {
        for (file, text) in [("a\n", "a"), ("a\n\n", "a\n"), ("\n", ""), ("é\n", "é")] {
            assert_eq!(without_last_end(file), text);
        }
    }
}
