//! Writing the text of calls, in chunks.

use super::Draft;
use crate::fold::utf16_len;
use crate::{CHUNK_BYTES, CallId, Delta, Event};

impl Draft<'_> {
    pub(super) fn flush_due_texts(&mut self) {
        let live = self.live;
        if live.flushes(self.now_ms) {
            for call_id in live.calls.keys() {
                self.flush(*call_id);
            }
        }
    }

    /// Writes the text of a call that is not stored yet, in chunks.
    pub(super) fn flush(&mut self, call_id: CallId) {
        let (Some(gathered), Some(stored)) = (self.live.gathered(call_id), self.run.text(call_id))
        else {
            return;
        };
        if gathered.attempt != stored.attempt || gathered.offset != stored.utf16_len {
            return;
        }
        let attempt = gathered.attempt;
        let mut offset = gathered.offset;
        for content in chunks(&gathered.text) {
            let delta = Delta {
                call_id,
                attempt,
                offset,
                content: content.to_owned(),
            };
            offset += utf16_len(content);
            self.push(Event::Delta(delta));
        }
    }
}

/// Cuts a text into pieces of at most [`CHUNK_BYTES`], never inside a character.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, tail) = rest.split_at(rest.floor_char_boundary(CHUNK_BYTES));
        rest = tail;
        Some(chunk)
    })
}
