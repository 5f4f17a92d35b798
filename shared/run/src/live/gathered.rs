//! Text of a call that is not stored yet.

use crate::fold::utf16_len;
use crate::{CallId, Update};

/// Text of one attempt behind what is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gathered {
    pub(crate) attempt: u32,
    /// UTF-16 code units before `text`, …
    pub(crate) offset: u64,
    /// … and at its end.
    end: u64,
    pub(crate) text: String,
}

impl Gathered {
    /// Nothing so far, behind so many UTF-16 code units of the attempt.
    pub(super) const fn from(attempt: u32, offset: u64) -> Self {
        Self {
            attempt,
            offset,
            end: offset,
            text: String::new(),
        }
    }

    /// Adds a piece, and gives the UTF-16 code units before it.
    pub(super) fn push(&mut self, content: &str) -> u64 {
        let offset = self.end;
        self.end += utf16_len(content);
        self.text.push_str(content);
        offset
    }

    /// All of it, to be shown.
    pub(super) fn update(&self, call_id: CallId) -> Update {
        Update::Live {
            call_id,
            attempt: self.attempt,
            offset: self.offset,
            content: self.text.clone(),
        }
    }

    /// Drops the text before `offset`, in UTF-16 code units from the start of the attempt.
    pub(super) fn drop_before(&mut self, offset: u64) {
        if offset >= self.end {
            self.text.clear();
            self.offset = self.end;
            return;
        }
        let mut at = self.offset;
        let mut rest = self.text.chars();
        while at < offset
            && let Some(next) = rest.next()
        {
            at += next.len_utf16() as u64;
        }
        let kept = rest.as_str().len();
        self.text.drain(..self.text.len() - kept);
        self.offset = at;
    }
}
