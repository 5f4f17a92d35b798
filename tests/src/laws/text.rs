//! Text of one call, put together from live and stored pieces.

use super::number;
use crate::stream::Frame;

/// Text of a call's latest attempt, in UTF-16 code units.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) attempt: u64,
    /// Live and stored pieces, joined by offset.
    seen: Vec<u16>,
    stored: usize,
}

impl Text {
    pub(super) const fn new(attempt: u64) -> Self {
        Self {
            attempt,
            seen: Vec::new(),
            stored: 0,
        }
    }

    pub(super) fn add(&mut self, frame: &Frame) {
        let offset = usize::try_from(number(&frame.data["offset"])).unwrap();
        let piece: Vec<u16> = frame.data["content"]
            .as_str()
            .unwrap()
            .encode_utf16()
            .collect();
        assert!(
            !piece.is_empty() && offset <= self.seen.len(),
            "{:?}",
            frame.data
        );
        if frame.is_stored() {
            assert_eq!(offset, self.stored, "stored chunks follow each other");
            self.stored += piece.len();
        }
        let known = (self.seen.len() - offset).min(piece.len());
        assert_eq!(
            self.seen[offset..offset + known],
            piece[..known],
            "text changed"
        );
        self.seen.extend_from_slice(&piece[known..]);
    }

    pub(super) fn whole(&self) -> String {
        assert_eq!(self.stored, self.seen.len(), "text that was never stored");
        String::from_utf16(&self.seen).unwrap()
    }
}
