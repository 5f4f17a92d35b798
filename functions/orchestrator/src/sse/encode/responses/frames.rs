//! The frames of a stream, numbered from 0.

use serde_json::Value;

use crate::sse::encode::line::push_line;

/// Counts all frames of a run's fold, and writes those that its client has not seen.
#[derive(Debug)]
pub(super) struct Frames {
    /// The number of the next frame.
    next: u64,
    /// The first that is written.
    first: u64,
    /// What was written since it was taken.
    pub(super) out: String,
}

impl Frames {
    pub(super) const fn from(first: u64) -> Self {
        Self {
            next: 0,
            first,
            out: String::new(),
        }
    }

    /// A frame, of which these are the members behind its type and its number.
    pub(super) fn push(&mut self, kind: &str, members: &str) {
        let number = self.next;
        self.next += 1;
        if number >= self.first {
            self.write(kind, number, members);
        }
    }

    /// The same for what is no part of the run: it takes the number of the frame before.
    pub(super) fn push_aside(&mut self, kind: &str, members: &str) {
        self.write(kind, self.next.saturating_sub(1), members);
    }

    fn write(&mut self, kind: &str, number: u64, members: &str) {
        self.out.push_str("event: ");
        self.out.push_str(kind);
        self.out.push_str("\ndata: ");
        let frame = format!(r#"{{"type":"{kind}","sequence_number":{number},{members}}}"#);
        push_line(&mut self.out, &frame);
        self.out.push_str("\n\n");
    }

    /// A frame with the whole response.
    pub(super) fn push_response(&mut self, kind: &str, response: &Value) {
        self.push(kind, &format!(r#""response":{response}"#));
    }

    /// A frame about an item as it is now.
    pub(super) fn push_item(&mut self, kind: &str, index: usize, item: &Value) {
        self.push(kind, &format!(r#""output_index":{index},"item":{item}"#));
    }

    /// A frame about something in an item.
    pub(super) fn push_within(&mut self, kind: &str, index: usize, item: &Value, members: &str) {
        let id = &item["id"];
        self.push(
            kind,
            &format!(r#""item_id":{id},"output_index":{index}{members}"#),
        );
    }
}
