//! One JSON object of a reply, streamed or whole, as far as it matters here.
//!
//! Servers leave fields out, send nulls, and add their own: every field is optional and unknown ones are passed over.
//! Strings borrow from the frame where no escape is in them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::frames::Kind;
use super::lenient::{Arguments, Count, Lenient, Parts, Present, Said, Text};
use super::mend;
use crate::wire_error::WireError;

/// A chunk of a stream, or a whole reply: they differ only in `delta` and `message`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(default)]
    error: Present,
    #[serde(borrow, default)]
    pub(crate) choices: Parts<Choice<'a>>,
    #[serde(default)]
    pub(crate) usage: Lenient<WireUsage>,
    /// Where Groq puts the usage.
    #[serde(default)]
    pub(crate) x_groq: Lenient<WithUsage>,
    /// Halves of characters are in its strings.
    #[serde(skip)]
    pub(crate) mended: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice<'a> {
    #[serde(default)]
    pub(crate) index: Count,
    #[serde(borrow, default)]
    pub(crate) delta: Lenient<Delta<'a>>,
    #[serde(borrow, default)]
    pub(crate) message: Lenient<Delta<'a>>,
    #[serde(borrow, default)]
    pub(crate) finish_reason: Text<'a>,
    /// Where Moonshot puts the usage.
    #[serde(default)]
    pub(crate) usage: Lenient<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(crate) content: Said<'a>,
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
    name: Text<'a>,
    #[serde(borrow, default)]
    arguments: Arguments<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct FunctionPart<'a> {
    #[serde(borrow, default)]
    pub(crate) name: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) arguments: Arguments<'a>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct WireUsage {
    #[serde(default)]
    pub(crate) prompt_tokens: Count,
    #[serde(default)]
    pub(crate) completion_tokens: Count,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct WithUsage {
    #[serde(default)]
    pub(crate) usage: Lenient<WireUsage>,
}

impl<'a> CallPart<'a> {
    pub(crate) fn of_function(function: FunctionPart<'a>) -> Self {
        Self {
            function: Lenient(Some(function)),
            ..Self::default()
        }
    }

    /// Its function, with or without the wrapper.
    pub(crate) fn into_function(self) -> FunctionPart<'a> {
        self.function.0.unwrap_or(FunctionPart {
            name: self.name,
            arguments: self.arguments,
        })
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
pub(crate) fn read<E>(
    kind: Kind,
    text: &[u8],
    mut take: impl FnMut(Frame<'_>) -> Result<(), E>,
) -> Result<usize, E> {
    let text = text.trim_ascii();
    if is_done(text) {
        take(Frame::Done)?;
        return Ok(1);
    }
    if kind == Kind::Error {
        take(Frame::Error(WireError::read_any(text)))?;
        return Ok(1);
    }
    // Objects, and nothing that merely could be read as one.
    if !text.starts_with(b"{") && !text.starts_with(b"[{") {
        return Ok(0);
    }
    if text.starts_with(b"{")
        && let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(text)
    {
        take(framed(chunk, || serde_json::from_slice(text).ok()))?;
        return Ok(1);
    }
    let Some((texts, behind)) = several(text) else {
        return one(text, &mut take);
    };
    for text in &texts {
        one(text.get().as_bytes(), &mut take)?;
    }
    if is_done(behind) {
        take(Frame::Done)?;
    }
    Ok(texts.len())
}

/// The end of a stream, as OpenAI writes it and as others garble it.
fn is_done(text: &[u8]) -> bool {
    let bare = text.strip_prefix(b"\"").unwrap_or(text);
    let bare = bare.strip_suffix(b"\"").unwrap_or(bare);
    bare.eq_ignore_ascii_case(b"[DONE]")
}

/// Values that stand one behind the other, or in a list, and what stands behind them: nothing, or the mark of the end.
fn several(text: &[u8]) -> Option<(Vec<&RawValue>, &[u8])> {
    if text.starts_with(b"[") {
        return Some((serde_json::from_slice(text).ok()?, b""));
    }
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>();
    let read: Vec<_> = values.by_ref().map_while(Result::ok).collect();
    let behind = text[values.byte_offset()..].trim_ascii();
    let behind = behind.strip_prefix(b"data:").unwrap_or(behind).trim_ascii();
    let is_end = behind.is_empty() || is_done(behind);
    (!read.is_empty() && is_end).then_some((read, behind))
}

/// Reads a text that is a frame or none, in whatever way it can be read.
fn one<E>(text: &[u8], take: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<usize, E> {
    if let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(text) {
        take(framed(chunk, || serde_json::from_slice(text).ok()))?;
        return Ok(1);
    }
    let Some(value) = mend::value(text).filter(Value::is_object) else {
        return Ok(0);
    };
    let Ok(mut chunk) = Chunk::deserialize(value.clone()) else {
        let error = WireError::in_frame(&value);
        return error.map_or(Ok(0), |error| take(Frame::Error(error)).map(|()| 1));
    };
    chunk.mended = true;
    take(framed(chunk, || Some(value)))?;
    Ok(1)
}

/// A chunk, or the error that it is; the whole is looked at only where it may be one.
fn framed(chunk: Chunk<'_>, whole: impl FnOnce() -> Option<Value>) -> Frame<'_> {
    let says_nothing = chunk.choices.is_empty() && chunk.usage.0.is_none();
    if !chunk.error.0 && !says_nothing {
        return Frame::Chunk(chunk);
    }
    match whole().and_then(|whole| WireError::in_frame(&whole)) {
        Some(error) => Frame::Error(error),
        None => Frame::Chunk(chunk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(kind: Kind, data: &str) -> Vec<String> {
        let mut told = Vec::new();
        let read = read::<()>(kind, data.as_bytes(), |frame| {
            told.push(match frame {
                Frame::Chunk(_) => "chunk".to_owned(),
                Frame::Error(error) => format!("error: {}", error.message),
                Frame::Done => "done".to_owned(),
            });
            Ok(())
        });
        assert_eq!(read == Ok(0), told.is_empty(), "{data}");
        told
    }

    #[test]
    fn an_error_is_seen_in_every_form_before_anything_else() {
        let errors = [
            (r#"{"error": "model crashed"}"#, "model crashed"),
            (
                r#"{"error": {"message": "no memory", "code": 500}, "choices": []}"#,
                "no memory",
            ),
            (r#"{"error": {"message": "odd"}, "choices": 7}"#, "odd"),
            (
                r#"{"object": "error", "message": "bad template", "code": 400}"#,
                "bad template",
            ),
            (r#"{"error": {"type": "odd"}}"#, r#"{"type":"odd"}"#),
            (r#"{"detail": "Model not loaded"}"#, "Model not loaded"),
            (
                r#"{"detail": [{"loc": ["body"], "msg": "field required"}]}"#,
                r#"[{"loc":["body"],"msg":"field required"}]"#,
            ),
            (
                r#"{"message": "Too many tokens", "code": 400}"#,
                "Too many tokens",
            ),
            (
                r#"{"message": "gone", "type": "invalid_request_error"}"#,
                "gone",
            ),
            (
                r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
                "Overloaded",
            ),
            (r#"{"type": "error", "message": "odd"}"#, "odd"),
            (
                r#"{"success": false, "errors": [{"code": 7000, "message": "No route"}]}"#,
                "No route",
            ),
            (
                r#"{"modelStreamErrorException": {"message": "Unexpected end"}}"#,
                "Unexpected end",
            ),
            (r#"[{"error": {"code": 429, "message": "slow"}}]"#, "slow"),
            (r#"{"error": {"message": "NaN", "eta": NaN}}"#, "NaN"),
            (
                r#"{"object": "error", "message": {"detail": [{"msg": "too long"}]}}"#,
                r#"[{"msg":"too long"}]"#,
            ),
            (
                r#"{"choices": null, "error_type": "BadRequestError", "error_message": "too long"}"#,
                "too long",
            ),
            (
                r#"{"choices": null, "base_resp": {"status_code": 1008, "status_msg": "no money"}}"#,
                "no money",
            ),
            (
                r#"{"error": {"message": "Provider returned error", "metadata": {"raw": "{\"error\": \"no such tool\"}"}}}"#,
                "no such tool",
            ),
            (
                r#"{"error": {"message": "Provider returned error", "metadata": {"raw": "gone"}}}"#,
                "gone",
            ),
        ];
        for (data, words) in errors {
            assert_eq!(
                frames(Kind::Data, data),
                [format!("error: {words}")],
                "{data}"
            );
        }
        for data in [
            r#"{"message": "gone"}"#,
            r#"{"error": "gone"}"#,
            "gone",
            r#""gone""#,
        ] {
            assert_eq!(frames(Kind::Error, data), ["error: gone"], "{data}");
        }
    }

    #[test]
    fn unknown_shapes_are_no_chunks() {
        for data in [
            "",
            "nonsense",
            "[1]",
            "{\"choices\": [",
            "{\"choices\": [] x}",
            "{1: 2}}",
        ] {
            assert_eq!(frames(Kind::Data, data), [] as [&str; 0], "{data}");
        }
    }

    #[test]
    fn what_servers_leave_out_or_fill_with_nothing_is_no_fault() {
        for data in [
            "{}",
            r#"{"error": null, "choices": null, "usage": null}"#,
            r#"{"error": false, "choices": []}"#,
            r#"{"error": "", "choices": {}, "usage": ""}"#,
            r#"{"error": {}, "choices": "", "usage": []}"#,
            r#"{"error": [], "choices": [], "usage": {}}"#,
            r#"{"error": {"code": null, "message": ""}, "choices": [{}]}"#,
            r#"{"choices": [{}]}"#,
            r#"{"choices": [null, "", [], 7]}"#,
            r#"{"choices": 7}"#,
            r#"{"choices": [{"delta": null, "finish_reason": null}]}"#,
            r#"{"choices": [{"delta": "", "message": [], "finish_reason": {}}]}"#,
            r#"{"choices": [{"delta": {"content": 1, "tool_calls": null}, "index": "0"}]}"#,
            r#"{"choices": [{"delta": {"content": {}, "tool_calls": {}, "function_call": ""}}]}"#,
            r#"{"choices": [{"delta": {"content": [], "tool_calls": "", "function_call": []}}]}"#,
            r#"{"choices": [{"delta": {"tool_calls": [null, "", {"function": ""}]}}]}"#,
            r#"{"choices": [{"delta": {"tool_calls": [{"index": -1, "id": 7, "function": null}]}}]}"#,
            r#"{"choices": [{"delta": {"tool_calls": [{"index": {}, "id": [], "function": {"name": {}, "arguments": []}}]}}]}"#,
            r#"{"choices": [{"delta": {}}], "usage": {"prompt_tokens": 1.0, "completion_tokens": {}}}"#,
            r#"{"type": "ping"}"#,
            r#"{"base_resp": {"status_code": 0, "status_msg": ""}}"#,
            r#"{"type": "status", "message": "queued"}"#,
            r#"{"message": "warming up"}"#,
        ] {
            assert_eq!(frames(Kind::Data, data), ["chunk"], "{data}");
        }
    }

    #[test]
    fn json_is_read_as_it_comes() {
        for data in [
            r#"{"choices": [], "choices": [{"delta": {}}]}"#,
            r#"{"choices": [{"delta": {"content": "a"}}], "created": NaN, "eta": -Infinity}"#,
            r#"{"choices": [{"delta": {"content": "\ud83d"}}]}"#,
            "{\"choices\": [{\"delta\": {\"content\": \"a\u{1}\tb\"}}]}",
            "{'choices': [{'delta': {'content': None}}]}",
            r#"{"choices": [{"delta": {}}], "created": 1e999}"#,
        ] {
            assert_eq!(frames(Kind::Data, data), ["chunk"], "{data}");
        }
        let two = r#"{"choices": []} {"choices": [{"delta": {"content": NaN}}]}"#;
        assert_eq!(
            frames(Kind::Bare, r#"{"choices": []}{"usage": {}}"#),
            ["chunk"; 2]
        );
        assert_eq!(frames(Kind::Data, two), [] as [&str; 0]);
        let glued = r#"{"choices": []}data: [DONE]"#;
        assert_eq!(frames(Kind::Bare, glued), ["chunk", "done"]);
        assert_eq!(frames(Kind::Data, " [DONE] "), ["done"]);
        assert_eq!(frames(Kind::Data, "\"[DONE]\""), ["done"]);
    }
}
