//! Texts as they are handed to a model: without what nobody sees, and no longer than is said.

use tool::is_unseen;

/// Removes what is obeyed or passed over rather than seen: controls, what turns the direction of writing around, what has no width.
/// Ends of lines are all of one kind, tabs stay.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut is_selected = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let c = match c {
            '\r' => {
                characters.next_if_eq(&'\n');
                '\n'
            }
            '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
            c => c,
        };
        // One chooses how the character before it looks; more of them carry what nobody sees.
        let selects = matches!(c, '\u{fe00}'..='\u{fe0f}');
        let is_kept = match c {
            '\n' | '\t' => true,
            _ if selects => !is_selected,
            _ => !is_unseen(c) && !is_blank_filler(c),
        };
        is_selected = selects || (is_selected && !is_kept);
        if is_kept {
            clean.push(c);
        }
    }
    clean
}

/// Letters and marks that are made to be looked at and show nothing.
const fn is_blank_filler(c: char) -> bool {
    matches!(
        c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// A text in one line, at most `most` bytes of it.
pub fn line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for word in clean(text).split_whitespace() {
        if line.len() > most {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.len() > most {
        line.truncate(line.floor_char_boundary(most.saturating_sub('…'.len_utf8())));
        line.push('…');
    }
    line
}

/// The beginning of a text, at the end of a line where one is near, and whether anything is missing.
pub fn beginning(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most {
        return (text, false);
    }
    let cut = &text[..text.floor_char_boundary(most)];
    let near = cut.floor_char_boundary(most - most / 8);
    let end = cut[near..].rfind('\n').map_or(cut.len(), |at| near + at);
    (cut[..end].trim_end(), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_nobody_sees_is_removed_and_what_people_write_with_stays() {
        let cases = [
            ("a\r\nb\rc\nd\u{2028}e\u{85}f", "a\nb\nc\nd\ne\nf"),
            ("a\tb", "a\tb"),
            ("a\0b\u{1b}[31mc\u{9b}d\u{7f}", "ab[31mcd"),
            ("ig\u{200b}no\u{2060}re\u{feff}", "ignore"),
            (
                "\u{202e}txet\u{202c} \u{2066}x\u{2069} \u{200f}y\u{61c}",
                "txet x y",
            ),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("\u{e0049}\u{e0067}\u{e006e}tags", "tags"),
            (
                "\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}\u{34f}filler\u{17b4}",
                "filler",
            ),
            ("❤\u{fe0f} kept", "❤\u{fe0f} kept"),
            (
                "😀\u{fe00}\u{fe01}\u{e0101}\u{fe02}hidden bytes",
                "😀\u{fe00}hidden bytes",
            ),
            ("👩\u{200d}💻 نام\u{200c}ها", "👩\u{200d}💻 نام\u{200c}ها"),
            (
                "e\u{301} ü ß 漢字 한국어 हिन्दी עברית",
                "e\u{301} ü ß 漢字 한국어 हिन्दी עברית",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_is_one_line_and_says_that_it_was_cut() {
        assert_eq!(line(" a\n b\t\u{a0}c ", 100), "a b c");
        assert_eq!(line("one two three", 9), "one tw…");
        assert_eq!(line(&"é".repeat(100), 10), "ééé…");
    }

    #[test]
    fn a_beginning_ends_with_a_line_where_one_is_near() {
        assert_eq!(beginning("short", 9), ("short", false));
        assert_eq!(beginning("aaaaaaa\nbbbb", 8), ("aaaaaaa", true));
        assert_eq!(
            beginning("a\nbbbbbbbbbbbbbbbbbb", 10),
            ("a\nbbbbbbbb", true)
        );
        assert_eq!(beginning("ééééé", 5), ("éé", true));
    }

    proptest! {
        #[test]
        fn cleaning_is_done_once_and_keeps_nothing_unseen(text in "(\\PC|[\0-\u{9f}\u{200b}-\u{2069}\u{fe00}-\u{fe0f}\u{e0000}-\u{e01ef}]){0,40}") {
            let once = clean(&text);
            prop_assert!(once.chars().all(|c| matches!(c, '\n' | '\t') || !is_unseen(c)), "{once:?}");
            prop_assert_eq!(clean(&once), once);
        }

        #[test]
        fn no_bound_is_passed(text in "(\\PC|\n){0,60}", most in 3..50_usize) {
            prop_assert!(line(&text, most).len() <= most);
            let (kept, is_cut) = beginning(&text, most);
            prop_assert!(kept.len() <= most && text.starts_with(kept) && is_cut == (text.len() > most));
        }
    }

    #[test]
    fn effort_of_no_text_is_more_than_its_length() {
        for piece in ["a", "\u{200b}", "\r", "a \n", "\u{fe0f}", "é"] {
            effort::assert_linear(piece, effort::repeated(piece), |text| {
                clean(text).len()
                    + line(text, 1 << 20).len()
                    + beginning(text, text.len() / 2).0.len()
            });
        }
    }
}
