//! Plain text out of what a page or an encyclopedia wrote as HTML. Refuses to keep any mark-up.
//!
//! Each character is looked at once or twice, whatever stands around it. A parser of whole pages would do more than is asked:
//! it keeps the attributes of a tag apart, in time that grows with the square of their number.

use std::borrow::Cow;

/// As much of a text is cleaned, in bytes: some fifty times what is kept of it, so that long addresses in its tags do not
/// hide it.
const MAX_HTML_BYTES: usize = 32 * 1024;

/// `html` without tags, with entities decoded and each run of white space or control characters made one space.
pub fn plain(html: &str) -> String {
    let untagged = without_tags(beginning(html));
    plain_text(&html_escape::decode_html_entities(&untagged))
}

/// `text` with each run of white space or control characters made one space, and without characters that nobody sees: they
/// may turn the letters of a line around, or hide what a model reads.
pub fn plain_text(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut seen = words
        .map(|word| word.replace(tool::is_unseen, ""))
        .filter(|word| !word.is_empty());
    let mut plain = seen.next().unwrap_or_default();
    for word in seen {
        plain.push(' ');
        plain.push_str(&word);
    }
    plain
}

/// `text`, or its beginning with an ellipsis, in at most `max_chars` characters.
pub fn at_most(max_chars: usize, text: &str) -> String {
    if text.chars().nth(max_chars).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars - 1).collect();
    format!("{}…", kept.trim_end())
}

/// What is cleaned of a text: of one that is cut, all but a tag in which the cut falls.
fn beginning(html: &str) -> &str {
    let cut = &html[..html.floor_char_boundary(MAX_HTML_BYTES)];
    if cut.len() == html.len() {
        return html;
    }
    match cut.rfind(['<', '>']) {
        Some(at) if opens_tag(&cut[at..]) => &cut[..at],
        Some(_) | None => cut,
    }
}

/// Whether a text begins with a tag: a `<` opens one only before a letter, `/` or `!`, so that `a < b` stays.
fn opens_tag(text: &str) -> bool {
    let inner = text.strip_prefix('<');
    inner.is_some_and(|inner| {
        inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
    })
}

/// A tag ends with the `>` that stands in none of
/// its quotes. Where it has no end like that, a quote is missing, and it ends with the first one; without any, it is text.
fn without_tags(html: &str) -> Cow<'_, str> {
    if !html.contains('<') {
        return Cow::Borrowed(html);
    }
    let mut text = String::with_capacity(html.len());
    let open = take_tags(html, Quotes::Hide, &mut text);
    let left = take_tags(open, Quotes::AreText, &mut text);
    text.push_str(left);
    Cow::Owned(text)
}

/// What quotes in a tag do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// A `>` between them does not end it.
    Hide,
    AreText,
}

/// Adds what stands outside of tags to `text`, and gives what begins with a tag that does not end.
fn take_tags<'a>(html: &'a str, quotes: Quotes, text: &mut String) -> &'a str {
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        text.push_str(before);
        if !opens_tag(tag) {
            text.push('<');
            rest = &tag[1..];
            continue;
        }
        match end_of_tag(tag, quotes) {
            Some(end) => rest = &tag[end..],
            None => return tag,
        }
    }
    text.push_str(rest);
    ""
}

/// Where the text behind a tag begins. Quotes count only behind a `=`: elsewhere they are apostrophes.
fn end_of_tag(tag: &str, quotes: Quotes) -> Option<usize> {
    if tag.starts_with("<!--") && quotes == Quotes::Hide {
        return tag.find("-->").map(|at| at + "-->".len());
    }
    let (mut quoted, mut is_value) = (None, false);
    for (at, byte) in tag.bytes().enumerate() {
        match quoted {
            Some(quote) if byte == quote => quoted = None,
            Some(_) => {}
            None if byte == b'>' => return Some(at + 1),
            None if is_value && matches!(byte, b'"' | b'\'') && quotes == Quotes::Hide => {
                quoted = Some(byte);
            }
            None => is_value = byte == b'=' || is_value && byte.is_ascii_whitespace(),
        }
    }
    None
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
            // What nobody sees, and what turns letters around; joiners of letters and of emoji stay.
            (
                "a\u{200b}b\u{ad}c \u{202e}d\u{2066}e\u{feff} \u{e0041}",
                "abc de",
            ),
            ("&#x202e;x&#8203;y", "xy"),
            ("نام\u{200c}ها 👩\u{200d}💻", "نام\u{200c}ها 👩\u{200d}💻"),
            // A `>` in an attribute or a comment ends no tag.
            (r#"<a title="x > y">text</a>"#, "text"),
            ("<a title='x > y'>text</a>", "text"),
            ("<a title = \"x > y\">text</a>", "text"),
            ("one<!-- a > b --> two", "one two"),
            // What is not closed costs no more than itself.
            (r#"<a title="oops>one <b>two</b> three"#, "one two three"),
            ("one <!-- two > three", "one three"),
            ("<p don't>text</p>", "text"),
            ("<!doctype html>text", "text"),
            ("<", "<"),
            ("<<b>>", "<>"),
        ];
        for (html, expected) in cases {
            assert_eq!(plain(html), expected, "{html:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_before_it_is_cleaned_and_not_within_a_tag() {
        let cases = [
            ("x".repeat(MAX_HTML_BYTES + 1), MAX_HTML_BYTES),
            ("é".repeat(MAX_HTML_BYTES), MAX_HTML_BYTES / 2),
            (format!("ab<i {}>c", "x".repeat(MAX_HTML_BYTES)), 2),
            (
                format!("a < {}", "x".repeat(MAX_HTML_BYTES)),
                MAX_HTML_BYTES,
            ),
            (format!("<i {}>ab", "x".repeat(MAX_HTML_BYTES - 100)), 2),
        ];
        for (html, chars) in cases {
            assert_eq!(plain(&html).chars().count(), chars);
        }
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_within_its_limit() {
        let cases = [("äöü", 3, "äöü"), ("äöüß", 3, "äö…"), ("a bc", 3, "a…")];
        for (text, max_chars, expected) in cases {
            assert_eq!(at_most(max_chars, text), expected);
        }
    }

    /// However a text is written, cleaning all of it takes time by its length alone.
    #[test]
    fn effort_of_no_text_is_more_than_its_length() {
        let cases = [
            "<",
            "<a",
            "</",
            "<!--",
            "<!",
            "<a =\"",
            "<a ='>",
            "<a b=\"c>d\" ",
            "<a>",
            "&",
            "&#",
            "&#x",
            "&amp",
            "&a;",
            "&#xffffffffff",
            "<a&b;",
            "\"'=<",
            "> ",
            "é<ü",
        ];
        for piece in cases {
            effort::assert_linear(piece, effort::repeated(piece), |html| {
                let untagged = without_tags(html);
                html_escape::decode_html_entities(&untagged).len()
            });
        }
    }
}
