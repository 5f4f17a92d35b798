//! How things are written for people at a terminal.
//!
//! What models, tools and people wrote may hold characters that a terminal obeys. None of them comes out as it is.

use run::Usage;
use serde::Serialize;

/// What is shown of a text that has no line of its own, in characters.
const BRIEF_CHARS: usize = 160;

/// A text on one line.
pub(super) fn line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        push_safe(&mut safe, character);
    }
    safe
}

/// The beginning of a text, on one line.
pub(super) fn brief(text: &str) -> String {
    match text.char_indices().nth(BRIEF_CHARS) {
        Some((end, _)) => format!("{}…", line(&text[..end])),
        None => line(text),
    }
}

/// The beginning of a value as JSON.
pub(super) fn brief_json(value: &impl Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(json) => brief(&json),
        Err(error) => format!("cannot be shown: {error}"),
    }
}

/// A text with its line breaks, indented.
pub(super) fn block(text: &str) -> String {
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
pub(super) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A cost, to the millionth of a dollar.
pub(super) fn dollars(usd: f64) -> String {
    let digits = format!("{usd:.6}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    match digits {
        "0" if usd > 0.0 => "<$0.000001".to_owned(),
        digits => format!("${digits}"),
    }
}

/// What something took: time, and where there are any, tokens and money.
pub(super) fn took(duration_ms: u64, usage: Option<Usage>, cost_usd: Option<f64>) -> String {
    let parts = [
        Some(duration(duration_ms)),
        usage.map(tokens),
        cost_usd.map(dollars),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn tokens(usage: Usage) -> String {
    format!("{} + {} tokens", usage.input_tokens, usage.output_tokens)
}

fn push_safe(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if is_obeyed(character) => out.extend(character.escape_unicode()),
        _ => out.push(character),
    }
}

/// Controls of a terminal (C0, DEL, C1), what breaks a line, and what turns the direction of writing around.
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

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
        };
        assert_eq!(took(7, Some(usage), Some(0.5)), "7 ms, 10 + 5 tokens, $0.5");
        assert_eq!(took(7, None, None), "7 ms");
    }
}
