//! Characters that come in halves: one half of a surrogate pair, or some of a character's bytes, in one chunk and the rest in
//! the next, as servers send them that cut their text at tokens.
//!
//! A string cannot hold half a character. Where a frame has one, [`super::frame_repair`] puts a character of its own for it, from a
//! block for private use that nothing here shows, and [`SplitChars`] puts them together again.

use std::borrow::Cow;

/// The first of the characters that stand for halves; 0x800 of surrogates, then 0x100 of bytes.
const BLOCK: u32 = 0x10_0000;
const SURROGATES: u32 = 0xD800;
const FIRST_BYTE: u32 = BLOCK + 0x800;

/// The character for one half of a surrogate pair.
pub(crate) fn of_surrogate(half: u16) -> char {
    stand_in(BLOCK + u32::from(half).saturating_sub(SURROGATES))
}

/// The character for one byte of a character.
pub(crate) fn of_byte(byte: u8) -> char {
    stand_in(FIRST_BYTE + u32::from(byte))
}

/// Whether a character is one of those that stand for halves; in a text of somebody else's they are not kept.
pub(crate) fn is_half(character: char) -> bool {
    (BLOCK..FIRST_BYTE + 0x100).contains(&u32::from(character))
}

fn stand_in(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// A text by itself with its characters whole.
pub(crate) fn whole(text: &str) -> String {
    let mut halves = SplitChars::default();
    let mut whole = halves.join(text, true).into_owned();
    whole.push_str(&halves.finish());
    whole
}

/// Puts halves together, within a text and from one to the next.
#[derive(Debug, Default)]
pub(crate) struct SplitChars {
    /// The halves at the end of the text so far, as long as the rest may follow.
    pending: Vec<char>,
}

impl SplitChars {
    /// The text that follows, with its characters whole; `repaired`: halves may be in it.
    #[inline]
    pub(crate) fn join<'a>(&mut self, text: &'a str, repaired: bool) -> Cow<'a, str> {
        if text.is_empty() || self.pending.is_empty() && !repaired {
            return Cow::Borrowed(text);
        }
        let mut whole = String::new();
        for character in text.chars() {
            // What the reader of a text that is not repaired finds in this block is the text's own.
            if repaired && is_half(character) {
                self.pending.push(character);
            } else {
                self.resolve(&mut whole, true);
                whole.push(character);
            }
        }
        self.resolve(&mut whole, false);
        Cow::Owned(whole)
    }

    /// What is left over at the end of the text.
    pub(crate) fn finish(&mut self) -> String {
        let mut rest = String::new();
        self.resolve(&mut rest, true);
        rest
    }

    /// Moves what can be told of the pending halves into the text; all of it where nothing more belongs to them.
    fn resolve(&mut self, text: &mut String, ends: bool) {
        let mut at = 0;
        while at < self.pending.len() {
            let halves = &self.pending[at..];
            let taken = match half(halves[0]) {
                Half::Surrogate(first) => surrogates(first, halves.get(1), ends, text),
                Half::Byte(_) => bytes(halves, ends, text),
            };
            if taken == 0 {
                break;
            }
            at += taken;
        }
        self.pending.drain(..at);
    }
}

enum Half {
    Surrogate(u16),
    Byte(u8),
}

fn half(character: char) -> Half {
    let code = u32::from(character);
    match u8::try_from(code.wrapping_sub(FIRST_BYTE)) {
        Ok(byte) => Half::Byte(byte),
        Err(_) => Half::Surrogate(u16::try_from(code - BLOCK + SURROGATES).unwrap_or(0xFFFF)),
    }
}

/// Adds the character of a surrogate pair; gives the number of halves that are taken.
fn surrogates(first: u16, next: Option<&char>, ends: bool, text: &mut String) -> usize {
    let second = match next.map(|next| half(*next)) {
        None if !ends && (0xD800..0xDC00).contains(&first) => return 0,
        Some(Half::Surrogate(second)) => Some(second),
        None | Some(Half::Byte(_)) => None,
    };
    let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    text.push(pair.unwrap_or(char::REPLACEMENT_CHARACTER));
    if pair.is_some() { 2 } else { 1 }
}

/// Adds the characters of bytes; gives the number of halves that are taken.
fn bytes(halves: &[char], ends: bool, text: &mut String) -> usize {
    let bytes: Vec<u8> = halves
        .iter()
        .map_while(|character| match half(*character) {
            Half::Byte(byte) => Some(byte),
            Half::Surrogate(_) => None,
        })
        .collect();
    let ends = ends || bytes.len() < halves.len();
    match std::str::from_utf8(&bytes) {
        Ok(valid) => {
            text.push_str(valid);
            bytes.len()
        }
        Err(error) if error.valid_up_to() > 0 => {
            let valid = &bytes[..error.valid_up_to()];
            text.push_str(&String::from_utf8_lossy(valid));
            valid.len()
        }
        Err(error) => match error.error_len() {
            None if !ends => 0,
            length => {
                text.push(char::REPLACEMENT_CHARACTER);
                length.unwrap_or(bytes.len())
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(texts: &[&[char]]) -> String {
        let mut halves = SplitChars::default();
        let mut whole = String::new();
        for text in texts {
            whole.push_str(&halves.join(&text.iter().collect::<String>(), true));
        }
        whole + &halves.finish()
    }

    #[test]
    fn half_a_character_is_one_of_0x800_surrogates_and_0x100_bytes() {
        for (character, is_one) in [
            ('\u{fffff}', false),
            (of_surrogate(0xD800), true),
            (of_surrogate(0xDFFF), true),
            (of_byte(0), true),
            (of_byte(0xFF), true),
            ('\u{100900}', false),
            ('\u{10ffff}', false),
        ] {
            assert_eq!(is_half(character), is_one, "{character:?}");
        }
    }

    #[test]
    fn halves_become_characters_where_they_meet_and_are_told_apart_where_they_do_not() {
        let (high, low) = (of_surrogate(0xD83D), of_surrogate(0xDE00));
        let [a, b, c, d] = "😀".as_bytes() else {
            panic!("four bytes");
        };
        let [a, b, c, d] = [a, b, c, d].map(|byte| of_byte(*byte));
        let cases: [(&[&[char]], &str); 12] = [
            (&[&[high, low]], "😀"),
            (&[&['x', high], &[low, 'y']], "x😀y"),
            (&[&[high], &[], &[low]], "😀"),
            (&[&[high], &['y']], "\u{fffd}y"),
            (&[&[high], &[high], &[low]], "\u{fffd}😀"),
            (&[&[low], &[high]], "\u{fffd}\u{fffd}"),
            (&[&[a], &[b], &[c], &[d, 'z']], "😀z"),
            (&[&[a, b], &[c, d, a], &[b, c, d]], "😀😀"),
            (&[&[a, b, 'x'], &[d]], "\u{fffd}x\u{fffd}"),
            (&[&[a, b], &[high, low]], "\u{fffd}😀"),
            (&[&['x', a, b, c]], "x\u{fffd}"),
            (&[&[a, b, c, d, a]], "😀\u{fffd}"),
        ];
        for (texts, whole) in cases {
            assert_eq!(joined(texts), whole, "{texts:?}");
        }
        // What nothing can follow is not waited for.
        for (halves, at_once) in [
            (&[a, b, high, low][..], "\u{fffd}😀"),
            (&[low, high], "\u{fffd}"),
            (&[a, b, c, d, a], "😀"),
        ] {
            let text: String = halves.iter().collect();
            assert_eq!(
                SplitChars::default().join(&text, true),
                at_once,
                "{halves:?}"
            );
        }
    }

    #[test]
    fn a_text_without_halves_is_lent_and_keeps_characters_for_private_use() {
        let mut halves = SplitChars::default();
        let text = "é\u{100000}";
        assert!(matches!(halves.join(text, false), Cow::Borrowed(same) if same == text));
        assert_eq!(halves.join(&of_byte(0xC3).to_string(), true), "");
        assert_eq!(halves.join(text, false), "\u{fffd}é\u{100000}");
    }
}
