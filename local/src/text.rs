//! How things are written for people at a terminal, and as JSON for programs, which people look at too.
//!
//! What models, tools and people wrote may hold characters that a terminal obeys, or shows nothing of. None of them comes out
//! as it is. (Halves of surrogate pairs cannot be among them: no text that is stored holds any.)

use std::fmt::Write as _;

use run::{Owner, Usage};
use serde::Serialize;
use tool::is_unseen;

/// How the owner is called whose key stands in the environment, or who needs none.
pub(crate) const DEFAULT_OWNER: &str = "default";
/// What is shown of a text that has no line of its own, in characters.
const BRIEF_CHARS: usize = 160;

/// A text on one line.
pub(crate) fn line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        push_safe(&mut safe, character);
    }
    safe
}

/// An owner's name on one line, as people call it.
pub(crate) fn owner(owner: &Owner) -> String {
    match owner.as_str() {
        Owner::UNNAMED => DEFAULT_OWNER.to_owned(),
        name => line(name),
    }
}

/// The beginning of a text, on one line.
pub(crate) fn brief(text: &str) -> String {
    match text.char_indices().nth(BRIEF_CHARS) {
        Some((end, _)) => format!("{}…", line(&text[..end])),
        None => line(text),
    }
}

/// The beginning of a value as JSON.
pub(crate) fn brief_json(value: &impl Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(json) => brief(&json),
        Err(error) => format!("cannot be shown: {error}"),
    }
}

/// A value as JSON on one line, all of which can be seen. Whoever reads it gets the same value.
pub(crate) fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    if !json.contains(is_escaped_in_json) {
        return Ok(json);
    }
    let mut seen = String::with_capacity(json.len());
    for character in json.chars() {
        if is_escaped_in_json(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Into a text nothing can fail to be written.
                let _ = write!(seen, "\\u{unit:04x}");
            }
        } else {
            seen.push(character);
        }
    }
    Ok(seen)
}

/// All that has no face of its own: where programs read it again, joiners, fillers and selectors need none.
const fn is_escaped_in_json(character: char) -> bool {
    is_unseen(character)
        || matches!(
            character,
            '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{200c}'..='\u{200d}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{e0100}'..='\u{e01ef}'
        )
}

/// A text with its line breaks, indented.
pub(crate) fn block(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.lines() {
        if !line.is_empty() {
            safe.push_str("  ");
        }
        for character in line.chars() {
            match character {
                '\t' => safe.push('\t'),
                _ => push_safe(&mut safe, character),
            }
        }
        safe.push('\n');
    }
    safe
}

/// A length of time.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A cost, to the millionth of a dollar.
pub(crate) fn dollars(usd: f64) -> String {
    let digits = format!("{usd:.6}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    match digits {
        "0" if usd > 0.0 => "<$0.000001".to_owned(),
        digits => format!("${digits}"),
    }
}

/// What something took: time, and where there are any, tokens and money.
pub(crate) fn took(duration_ms: u64, usage: Option<Usage>, cost_usd: Option<f64>) -> String {
    let parts = [
        Some(duration(duration_ms)),
        usage.map(tokens),
        cost_usd.map(dollars),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn tokens(usage: Usage) -> String {
    let Usage {
        input_tokens,
        output_tokens,
        ..
    } = usage;
    format!("{}{input_tokens} + {output_tokens} tokens", about(usage))
}

/// What is said before a number of tokens of which a part was reckoned.
pub(crate) const fn about(usage: Usage) -> &'static str {
    if usage.estimated { "about " } else { "" }
}

fn push_safe(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if is_unseen(character) => out.extend(character.escape_unicode()),
        _ => out.push(character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn json_shows_all_that_it_holds() {
        for (held, told) in [
            ("a\u{9b}31m", r"a\u009b31m"),
            ("\u{7f}", r"\u007f"),
            ("\u{85}", r"\u0085"),
            ("\u{202e}b", r"\u202eb"),
            ("\u{2066}", r"\u2066"),
            ("\u{200b}\u{200d}\u{feff}", r"\u200b\u200d\ufeff"),
            ("\u{2028}\u{2029}", r"\u2028\u2029"),
            ("\u{e0041}", r"\udb40\udc41"),
            ("\u{fe0f}", r"\ufe0f"),
            ("\u{1b}\n", r"\u001b\n"),
            ("é 七 🦀 </s>", "é 七 🦀 </s>"),
        ] {
            assert_eq!(super::json(&held).unwrap(), format!("\"{told}\""));
            let key = super::json(&json!({ held: [] })).unwrap();
            assert_eq!(key, format!("{{\"{told}\":[]}}"));
        }
    }

    proptest! {
        #[test]
        fn json_reads_as_the_same_value_and_hides_nothing(
            texts in prop::collection::vec(prop_oneof![
                any::<String>(),
                prop::collection::vec(prop::char::ranges(vec![
                    '\0'..='\u{a0}', '\u{2000}'..='\u{206f}', '\u{fe00}'..='\u{ffff}', '\u{e0000}'..='\u{e01ef}',
                ].into()), 0..20).prop_map(String::from_iter),
            ], 0..5),
        ) {
            let value = json!({ "texts": texts, &*texts.concat(): [null, 1.5] });
            let told = super::json(&value).unwrap();
            prop_assert!(!told.contains(is_escaped_in_json), "{told:?}");
            prop_assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), value);
            for text in &texts {
                prop_assert!(!line(text).contains(is_unseen));
                prop_assert!(!brief(text).contains(is_unseen));
                prop_assert!(!block(text).contains(|it| is_unseen(it) && it != '\n' && it != '\t'));
            }
        }
    }

    #[test]
    fn what_a_terminal_obeys_comes_out_escaped() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7}\u{8}\u{7f}\r\u{202e}b\u{2028}\0é 七 🦀";
        let escaped = "a\\u{1b}[2J\\u{9b}31m\\u{7}\\u{8}\\u{7f}\\r\\u{202e}b\\u{2028}\\u{0}é 七 🦀";
        assert_eq!(line(hostile), escaped);
        assert_eq!(block(hostile), format!("  {escaped}\n"));
        assert_eq!(brief(hostile), escaped);
    }

    #[test]
    fn one_line_stays_one_and_several_stay_several() {
        assert_eq!(line("a\n\tb"), "a\\n\\tb");
        assert_eq!(block("a\r\n\n\tb\nc\n"), "  a\n\n  \tb\n  c\n");
        assert_eq!(block(""), "");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let exact = "é".repeat(BRIEF_CHARS);
        assert_eq!(brief(&exact), exact);
        assert_eq!(brief(&format!("{exact}é")), format!("{exact}…"));
    }

    #[test]
    fn times_costs_and_tokens_read_as_people_say_them() {
        let times = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1.0 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 00 s"),
            (3_599_999, "59 min 59 s"),
            (3_720_000, "1 h 02 min"),
        ];
        for (ms, said) in times {
            assert_eq!(duration(ms), said);
        }
        let costs = [
            (0.0, "$0"),
            (0.000_000_4, "<$0.000001"),
            (0.0024, "$0.0024"),
            (12.5, "$12.5"),
            (10.0, "$10"),
        ];
        for (usd, said) in costs {
            assert_eq!(dollars(usd), said);
        }
        let usage = Usage {
            input_tokens: 10,
            output_tokens: 5,
            ..Usage::default()
        };
        assert_eq!(took(7, Some(usage), Some(0.5)), "7 ms, 10 + 5 tokens, $0.5");
        let reckoned = Usage {
            estimated: true,
            ..usage
        };
        assert_eq!(took(7, Some(reckoned), None), "7 ms, about 10 + 5 tokens");
        assert_eq!(took(7, None, None), "7 ms");
    }
}
