//! How the calls of each family begin and end, and who reads them.

use super::offered::Offered;
use super::read::{Input, Read};
use super::shape::{Names, Others, Shape, shape};
use super::{bare, deepseek, fenced, harmony, mistral, pythonic, tags, xml};

/// Tags before calls in one of the notations of [`tags`]: the real ones, and garbled ones that were seen.
pub(super) const TAGS: [&str; 17] = [
    "<tool_call>",
    "<tool_calls>",
    "<toolcall>",
    "<function_call>",
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

/// What may stand behind a call and belongs to it.
pub(super) const CLOSERS: [&str; 38] = [
    "</tool_call>",
    "</tool_calls>",
    "</toolcall>",
    "</function_call>",
    "</function_invocation>",
    "</function>",
    "</parameter>",
    "</invoke>",
    "</TOOLCALL>",
    "</seed:tool_call>",
    "</minimax:tool_call>",
    "</longcat_tool_call>",
    "</｜DSML｜invoke>",
    "</｜DSML｜function_calls>",
    "<|python_end|>",
    "<|END_ACTION|>",
    "<|action_end|>",
    "<|call|>",
    "<tool_call|>",
    "<|/tool_call|>",
    "</|tool_call|>",
    "<|tool_call_end|>",
    "<|tool_calls_end|>",
    "<|tool_calls_section_end|>",
    "<|tool▁call▁end|>",
    "<|tool▁calls▁end|>",
    "<｜tool_call_end｜>",
    "<｜tool_calls_end｜>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁calls▁end｜>",
    "```<｜tool▁call▁end｜>",
    "```<|tool▁call▁end|>",
    "<｜end▁of▁sentence｜>",
    "<|eom_id|>",
    "<|eot_id|>",
    // Llama begins its next message itself.
    "<|start_header_id|>assistant<|end_header_id|>",
    "<|im_end|>",
    "</s>",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Tags,
    Xml,
    Functools,
    Mistral,
    DeepSeek,
    Harmony,
    Fenced,
    Pythonic,
    Bare,
}

/// Where a text stands that may begin a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) at_line_start: bool,
    pub(super) in_word: bool,
    /// No other text and no call has come before it.
    pub(super) is_first: bool,
}

/// What a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    No,
    /// The text is too short to tell.
    Maybe,
    /// A call, if what follows is one; and the length of what opens it, in bytes.
    Call(Family, usize),
}

/// Whether a call may begin with this byte.
pub(super) const fn is_first_byte(byte: u8) -> bool {
    matches!(byte, b'<' | b'[' | b'{' | b'`' | b'f')
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
        Some(b'[') => one(rest, MISTRAL, Family::Mistral)
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

impl Opening {
    pub(super) const fn maybe_if(maybe: bool) -> Self {
        if maybe { Self::Maybe } else { Self::No }
    }

    /// This, or what another look finds if that is more.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Call(..) => self,
            Self::No => other(),
            Self::Maybe => match other() {
                call @ Self::Call(..) => call,
                Self::No | Self::Maybe => Self::Maybe,
            },
        }
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
            Self::DeepSeek => deepseek::read(input, after),
            Self::Harmony => harmony::read(input),
            Self::Fenced => fenced::read(input, after),
            Self::Pythonic => pythonic::read(input),
            Self::Bare => bare::read(input),
        }
    }
}
