//! How an answer is to be given.

use crate::sse::ChatHead;

/// What the client says of the answer's form.
pub(super) struct Form {
    pub(super) model: String,
    pub(super) is_streamed: bool,
    pub(super) includes_usage: bool,
}

impl Form {
    pub(super) fn head(&self, id: String, created_ms: u64) -> ChatHead {
        ChatHead {
            id,
            model: self.model.clone(),
            created: created_ms / 1000,
            includes_usage: self.includes_usage,
        }
    }
}

/// As many as are wanted, and at most so many.
pub(in super::super) fn tokens(wanted: u64, most: u64) -> u32 {
    u32::try_from(wanted.min(most)).unwrap_or(u32::MAX)
}
