//! Plain text out of what a page or an encyclopedia wrote as HTML. Refuses to keep any mark-up.

use std::borrow::Cow;

/// `html` without tags, with entities decoded and each run of white space or control characters made one space.
pub fn plain(html: &str) -> String {
    let untagged = without_tags(html);
    let decoded = html_escape::decode_html_entities(&untagged);
    let words = decoded.split(|c: char| c.is_whitespace() || c.is_control());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `text`, or its beginning with an ellipsis, in at most `max_chars` characters.
pub fn at_most(max_chars: usize, text: &str) -> String {
    if text.chars().nth(max_chars).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A `<` begins a tag only before a letter, `/` or `!`, so that `a < b` stays.
fn without_tags(html: &str) -> Cow<'_, str> {
    if !html.contains('<') {
        return Cow::Borrowed(html);
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        text.push_str(before);
        let opens = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match tag.find('>') {
            Some(end) if opens => rest = &tag[end + 1..],
            Some(_) | None => {
                text.push('<');
                rest = &tag[1..];
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_up_goes_and_what_it_says_stays() {
        let cases = [
            ("", ""),
            ("Rust &amp; C&#43;&#x2B;", "Rust & C++"),
            ("<b>Rust</b> is <i>fast</i><br/>", "Rust is fast"),
            (
                r#"<a href="https://duckduckgo.com/Rust">Rust</a> iron oxide"#,
                "Rust iron oxide",
            ),
            ("a < b, b<3, c > d", "a < b, b<3, c > d"),
            ("cut <b", "cut <b"),
            ("&lt;script&gt; is text", "<script> is text"),
            ("caf\u{e9} &eacute; &nosuch; & co", "café é &nosuch; & co"),
            (" one\n\ttwo\u{0}\u{1b}three ", "one two three"),
        ];
        for (html, expected) in cases {
            assert_eq!(plain(html), expected, "{html:?}");
        }
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_within_its_limit() {
        let cases = [("äöü", 3, "äöü"), ("äöüß", 3, "äö…"), ("a bc", 3, "a…")];
        for (text, max_chars, expected) in cases {
            assert_eq!(at_most(max_chars, text), expected);
        }
    }
}
