//! How the calls of each family begin and end, and who reads them.

use super::offered::Offered;
use super::opening::{Family, Opening, Place};
use super::read::{Input, Read};
use super::shape::{Names, Others, Shape, shape};
use super::{bare, deepseek, fenced, harmony, minimax, mistral, pythonic, tags, xml};

/// Tags before calls in one of the notations of [`tags`]: the real ones, and garbled ones that were seen.
pub(super) const TAGS: [&str; 20] = [
    "<tool_call>",
    "<tool_calls>",
    "<toolcall>",
    "<function_call>",
    "<function_calls>",
    "<antml:function_calls>",
    "<atem:function_calls>",
    "<function_invocation>",
    "<|tool_call|>",
    "<|tool_call>",
    "<|python_tag|>",
    "<|python_start|>",
    "<|tool_call_start|>",
    "<TOOLCALL>",
    "<seed:tool_call>",
    "<minimax:tool_call>",
    "<longcat_tool_call>",
    "<|START_ACTION|>",
    "<|action_start|><|plugin|>",
    "<｜DSML｜function_calls>",
];
const FUNCTOOLS: &str = "functools[";
const MISTRAL: &str = "[TOOL_CALLS]";
/// How other models write what they have read in histories.
const TOOL_USE: &str = "[tool_use:";

/// Whether a call may begin with this byte.
pub(super) const fn is_first_byte(byte: u8) -> bool {
    matches!(byte, b'<' | b'[' | b']' | b'{' | b'`' | b'f')
}

/// Looks at a text that begins with such a byte.
pub(super) fn opening(rest: &str, place: Place, offered: &Offered) -> Opening {
    let names = Names {
        offered,
        others: if place.is_first {
            Others::Close
        } else {
            Others::None
        },
    };
    match rest.as_bytes().first() {
        Some(b'<') => tag(rest),
        Some(b'f') if place.in_word => Opening::No,
        Some(b'f') => one(rest, FUNCTOOLS, Family::Functools),
        Some(b'`') => fenced::opening(rest, names),
        Some(b']') => one(rest, minimax::OPEN, Family::MiniMax),
        Some(b'[') => one(rest, MISTRAL, Family::Mistral)
            .or(|| one(rest, TOOL_USE, Family::Mistral))
            .or(|| pythonic::opening(rest, names))
            .or(|| json(rest, place, names)),
        _ => json(rest, place, names),
    }
}

fn tag(rest: &str) -> Opening {
    let all = |tags: &[&str], family| {
        let looked = tags.iter().map(|tag| one(rest, tag, family));
        looked.fold(Opening::No, |found, next| found.or(|| next))
    };
    all(&TAGS, Family::Tags)
        .or(|| {
            all(
                &xml::MARKUPS.each_ref().map(|markup| markup.open),
                Family::Xml,
            )
        })
        .or(|| all(&deepseek::BEGINNINGS, Family::DeepSeek))
        .or(|| all(&[harmony::CHANNEL, harmony::START], Family::Harmony))
}

fn one(rest: &str, opener: &str, family: Family) -> Opening {
    if rest.starts_with(opener) {
        return Opening::Call(family, opener.len());
    }
    Opening::maybe_if(opener.starts_with(rest))
}

fn json(rest: &str, place: Place, names: Names<'_>) -> Opening {
    if !place.at_line_start {
        return Opening::No;
    }
    match shape(rest, names) {
        Shape::NoCall => Opening::No,
        Shape::Undecided => Opening::Maybe,
        Shape::Call => Opening::Call(Family::Bare, 0),
    }
}

impl Family {
    /// Reads a call from its beginning; `after`: the length of what opens it.
    pub(super) fn read(self, input: &Input<'_>, after: usize) -> Read {
        match self {
            Self::Tags => tags::read(input, after),
            Self::Xml => xml::read(input, 0),
            // The list begins with the last byte of what opens it.
            Self::Functools => tags::read(input, after - 1),
            Self::Mistral => mistral::read(input, after),
            Self::MiniMax => minimax::read(input, after),
            Self::DeepSeek => deepseek::read(input, after),
            Self::Harmony => harmony::read(input),
            Self::Fenced => fenced::read(input, after),
            Self::Pythonic => pythonic::read(input),
            Self::Bare => bare::read(input),
        }
    }
}
