//! One JSON object of a reply, streamed or whole, as far as it matters here.
//!
//! Servers leave fields out, send nulls, and add their own: every field is optional and unknown ones are passed over.
//! Strings borrow from the frame where no escape is in them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::content_parts::ContentParts;
use super::frame_repair;
use super::lenient::parts::Parts;
use super::lenient::{Arguments, Count, Lenient, Present, Text};
use super::line::{Kind, is_end_mark};
use super::split_chars;
use super::usage::{Timings, WireUsage, WithUsage};
use crate::wire_error::WireError;

/// A chunk of a stream, or a whole reply: they differ only in `delta` and `message`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(default)]
    error: Present,
    #[serde(borrow, default)]
    pub(crate) choices: Parts<Choice<'a>>,
    #[serde(default)]
    pub(crate) usage: Option<Box<Lenient<WireUsage>>>,
    /// Where Groq puts the usage. Boxed, as what follows here: all are rare, and a chunk is moved often.
    #[serde(default)]
    pub(crate) x_groq: Option<Box<Lenient<WithUsage>>>,
    #[serde(default)]
    pub(crate) timings: Option<Box<Lenient<Timings>>>,
    /// Parts of characters are in its strings.
    #[serde(skip)]
    pub(crate) repaired: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice<'a> {
    #[serde(default)]
    pub(crate) index: Count,
    #[serde(borrow, default)]
    pub(crate) delta: Lenient<Delta<'a>>,
    #[serde(borrow, default)]
    pub(crate) message: Option<Box<Lenient<Delta<'a>>>>,
    #[serde(borrow, default)]
    pub(crate) finish_reason: Text<'a>,
    /// Where Moonshot puts the usage.
    #[serde(default)]
    pub(crate) usage: Option<Box<Lenient<WireUsage>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(crate) content: ContentParts<'a>,
    #[serde(borrow, default)]
    pub(crate) reasoning_content: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) reasoning: Text<'a>,
    /// Names that fewer servers give their reasoning. Boxed, as what follows: all are rare, and a delta is moved often.
    #[serde(borrow, default)]
    pub(crate) thinking: Option<Box<Text<'a>>>,
    #[serde(borrow, default)]
    pub(crate) reasoning_details: Option<Box<Text<'a>>>,
    /// Words of a model that will not answer, in place of content.
    #[serde(borrow, default)]
    pub(crate) refusal: Option<Box<Text<'a>>>,
    #[serde(borrow, default)]
    pub(crate) tool_calls: Parts<CallPart<'a>>,
    /// The one call of servers older than `tool_calls`; newer ones repeat the first call here.
    #[serde(borrow, default)]
    pub(crate) function_call: Option<Box<Lenient<FunctionPart<'a>>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct CallPart<'a> {
    #[serde(default)]
    pub(crate) index: Count,
    #[serde(borrow, default)]
    pub(crate) id: Text<'a>,
    #[serde(borrow, default)]
    function: Lenient<FunctionPart<'a>>,
    /// Some servers leave the wrapper `function` out.
    #[serde(borrow, default)]
    name: Option<Box<Text<'a>>>,
    #[serde(borrow, default)]
    arguments: Option<Box<Arguments<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct FunctionPart<'a> {
    #[serde(borrow, default)]
    pub(crate) name: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) arguments: Arguments<'a>,
}

impl<'a> CallPart<'a> {
    pub(crate) fn of_function(function: FunctionPart<'a>) -> Self {
        Self {
            function: Lenient(Some(function)),
            ..Self::default()
        }
    }

    /// Whether it holds neither name nor arguments.
    #[inline]
    pub(crate) fn says_nothing(&self) -> bool {
        if let Some(function) = &self.function.0 {
            return function.says_nothing();
        }
        let is_named = self
            .name
            .as_ref()
            .is_some_and(|name| !name.as_str().is_empty());
        let asks = self
            .arguments
            .as_ref()
            .is_some_and(|asked| !asked.is_nothing());
        !is_named && !asks
    }

    /// The arguments of a part that holds nothing else, where they begin no object.
    #[inline]
    pub(crate) fn fragment(&self) -> Option<&str> {
        let function = self.function.0.as_ref()?;
        let is_bare = self.id.as_str().is_empty() && function.name.as_str().is_empty();
        match &function.arguments {
            Arguments::Fragment(text) if is_bare && !text.trim_ascii_start().starts_with('{') => {
                Some(text)
            }
            Arguments::None | Arguments::Fragment(_) | Arguments::Whole(_) => None,
        }
    }

    /// Its function, with or without the wrapper.
    #[inline]
    pub(crate) fn into_function(self) -> FunctionPart<'a> {
        match self.function.0 {
            Some(function) => function,
            None => FunctionPart {
                name: self.name.map(|name| *name).unwrap_or_default(),
                arguments: self.arguments.map(|asked| *asked).unwrap_or_default(),
            },
        }
    }
}

impl FunctionPart<'_> {
    fn says_nothing(&self) -> bool {
        self.name.as_str().is_empty() && self.arguments.is_nothing()
    }
}

/// What one frame says.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for one frame; a box would be an allocation each time"
)]
pub(crate) enum Frame<'a> {
    Chunk(Chunk<'a>),
    /// The server's own error.
    Error(WireError),
    /// The mark that the reply is over.
    Done,
}

/// Reads the frames of a text, most often one, and gives how many; an error in a frame goes before everything else.
#[inline]
pub(crate) fn read<E>(
    kind: Kind,
    text: &[u8],
    mut take: impl FnMut(Frame<'_>) -> Result<(), E>,
) -> Result<usize, E> {
    let text = text.trim_ascii();
    if is_end_mark(text) {
        take(Frame::Done)?;
        return Ok(1);
    }
    if kind == Kind::Error && !is_chunk(text) {
        if let Some(error) = WireError::read_any(text) {
            take(Frame::Error(error))?;
        }
        return Ok(1);
    }
    // Objects, and nothing that merely could be read as one.
    if !text.starts_with(b"{") && !text.starts_with(b"[{") {
        return Ok(0);
    }
    if text.starts_with(b"{")
        && let Some(chunk) = strict(text)
    {
        // Nearly all are.
        if !chunk.error.0 && !chunk.choices.is_empty() {
            take(Frame::Chunk(chunk))?;
        } else {
            take(framed(chunk, || serde_json::from_slice(text).ok()))?;
        }
        return Ok(1);
    }
    let Some((texts, behind)) = several(text) else {
        return one(text, &mut take);
    };
    for text in &texts {
        one(text.get().as_bytes(), &mut take)?;
    }
    if is_end_mark(behind) {
        take(Frame::Done)?;
    }
    Ok(texts.len())
}

/// Whether a text that is named an error is more of the reply.
fn is_chunk(text: &[u8]) -> bool {
    strict(text).is_some_and(|chunk| !chunk.error.0 && !chunk.choices.is_empty())
}

/// A chunk that is well-formed in every way. That it is UTF-8 is seen to once for all its strings, which costs less than for each.
#[inline]
fn strict(text: &[u8]) -> Option<Chunk<'_>> {
    serde_json::from_str(std::str::from_utf8(text).ok()?).ok()
}

/// Values that stand one behind the other, or in a list, and what stands behind them: nothing, or the mark of the end.
fn several(text: &[u8]) -> Option<(Vec<&RawValue>, &[u8])> {
    if text.starts_with(b"[") {
        return Some((serde_json::from_slice(text).ok()?, b""));
    }
    let (mut read, mut rest) = (Vec::new(), text);
    while rest.starts_with(b"{") {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
        read.push(values.next()?.ok()?);
        rest = rest[values.byte_offset()..].trim_ascii_start();
        // A line feed got lost between them.
        rest = rest.strip_prefix(b"data:").unwrap_or(rest).trim_ascii();
    }
    let is_end = rest.is_empty() || is_end_mark(rest);
    (!read.is_empty() && is_end).then_some((read, rest))
}

/// Reads a text that is a frame or none, in whatever way it can be read.
fn one<E>(text: &[u8], take: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<usize, E> {
    if let Some(chunk) = strict(text) {
        take(framed(chunk, || serde_json::from_slice(text).ok()))?;
        return Ok(1);
    }
    let Some(value) = frame_repair::value(text).filter(Value::is_object) else {
        return Ok(0);
    };
    let Ok(mut chunk) = Chunk::deserialize(value.clone()) else {
        let error = WireError::in_frame(&value).map(whole_words);
        return error.map_or(Ok(0), |error| take(Frame::Error(error)).map(|()| 1));
    };
    chunk.repaired = true;
    let frame = match framed(chunk, || Some(value)) {
        Frame::Error(error) => Frame::Error(whole_words(error)),
        frame @ (Frame::Chunk(_) | Frame::Done) => frame,
    };
    take(frame)?;
    Ok(1)
}

/// The same without halves of characters.
fn whole_words(mut error: WireError) -> WireError {
    error.message = split_chars::whole(&error.message);
    error
}

/// A chunk, or the error that it is; the whole is looked at only where it may be one.
#[inline]
fn framed(chunk: Chunk<'_>, whole: impl FnOnce() -> Option<Value>) -> Frame<'_> {
    let says_nothing = chunk.choices.is_empty() && chunk.usage.is_none();
    if !chunk.error.0 && !says_nothing {
        return Frame::Chunk(chunk);
    }
    match whole().and_then(|whole| WireError::in_frame(&whole)) {
        Some(error) => Frame::Error(error),
        None => Frame::Chunk(chunk),
    }
}

#[cfg(test)]
mod tests;
