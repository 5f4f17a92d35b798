//! One JSON object of a reply, streamed or whole, as far as it matters here.
//!
//! Servers leave fields out, send nulls, and add their own: every field is optional and unknown ones are passed over.
//! Strings borrow from the frame where no escape is in them.

use serde::Deserialize;

use super::lenient::{Arguments, Count, First, Parts, Present, Text};
use crate::wire_error::WireError;

/// A chunk of a stream, or a whole reply: they differ only in `delta` and `message`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(default)]
    error: Present,
    /// `error` where the whole object is one, as vLLM writes it.
    #[serde(borrow, default)]
    object: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) choices: First<Choice<'a>>,
    #[serde(default)]
    pub(crate) usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice<'a> {
    #[serde(borrow, default)]
    pub(crate) delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(crate) message: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(crate) finish_reason: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(crate) content: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) reasoning_content: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) reasoning: Text<'a>,
    /// Words of a model that will not answer, in place of content. Boxed, as the call below: both are rare, and a delta is
    /// moved often.
    #[serde(borrow, default)]
    pub(crate) refusal: Option<Box<Text<'a>>>,
    #[serde(borrow, default)]
    pub(crate) tool_calls: Parts<CallPart<'a>>,
    /// The one call of servers older than `tool_calls`; newer ones repeat the first call here.
    #[serde(borrow, default)]
    pub(crate) function_call: Option<Box<FunctionPart<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct CallPart<'a> {
    #[serde(default)]
    pub(crate) index: Count,
    #[serde(borrow, default)]
    pub(crate) id: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) function: Option<FunctionPart<'a>>,
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
    Done,
    Unreadable,
}

/// Reads one frame; an error in it goes before everything else.
pub(crate) fn read(data: &[u8]) -> Frame<'_> {
    let text = data.trim_ascii();
    if text == b"[DONE]" {
        return Frame::Done;
    }
    // An object, and nothing that merely could be read as one.
    if text.first() != Some(&b'{') {
        return Frame::Unreadable;
    }
    let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(text) else {
        return WireError::in_frame(text).map_or(Frame::Unreadable, Frame::Error);
    };
    if !chunk.error.0 && chunk.object.as_str() != "error" {
        return Frame::Chunk(chunk);
    }
    WireError::in_frame(text).map_or(Frame::Chunk(chunk), Frame::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_seen_in_every_form_before_anything_else() {
        let frames = [
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
        ];
        for (data, words) in frames {
            match read(data.as_bytes()) {
                Frame::Error(error) => assert_eq!(error.message, words),
                other => panic!("{data}: {other:?}"),
            }
        }
    }

    #[test]
    fn unknown_shapes_are_no_chunks() {
        for data in ["", "nonsense", "[1]", "{\"choices\": 7}", "{\"choices\": ["] {
            let frame = read(data.as_bytes());
            assert!(matches!(frame, Frame::Unreadable), "{data}");
        }
    }

    #[test]
    fn what_servers_leave_out_or_null_is_no_fault() {
        for data in [
            "{}",
            r#"{"error": null, "choices": null, "usage": null}"#,
            r#"{"error": false, "choices": []}"#,
            r#"{"choices": [{}]}"#,
            r#"{"choices": [{"delta": null, "finish_reason": null}]}"#,
            r#"{"choices": [{"delta": {"content": 1, "tool_calls": null}, "index": "0"}]}"#,
            r#"{"choices": [{"delta": {"tool_calls": [{"index": -1, "id": 7, "function": null}]}}]}"#,
        ] {
            let frame = read(data.as_bytes());
            assert!(matches!(frame, Frame::Chunk(_)), "{data}");
        }
    }
}
