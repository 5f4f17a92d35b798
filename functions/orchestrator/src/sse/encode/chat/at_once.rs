//! An answer that is there as a whole, and was no run.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use run::Usage;

use super::chunks::ChunkEncoder;
use super::frames::{ChatHead, message};
use crate::sse::encode::telling::{End, FinishReason};

/// A response with a text, in chunks or as one object.
pub(crate) fn respond_at_once(
    head: ChatHead,
    is_streamed: bool,
    content: &str,
    reason: FinishReason,
    usage: Usage,
) -> Response {
    let (media_type, body) = if is_streamed {
        let as_said = Ok(reason);
        let end = End { as_said, usage };
        let frames = ChunkEncoder::at_once(head, content.to_owned(), end);
        ("text/event-stream", frames)
    } else {
        let answer = head.completion(&message(content), reason.as_str(), usage);
        ("application/json", answer)
    };
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}
