//! What a run shows to its subscriber, one thing after the other.

use crate::{CallId, Event, Seq};

/// Something new to show.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is passed on and not kept: a box for each event would cost more than it saves"
)]
pub enum Update {
    /// A stored event.
    Stored { seq: Seq, event: Event },
    /// Text as it is written, before it is stored.
    Live {
        call_id: CallId,
        attempt: u32,
        offset: u64,
        content: String,
    },
}
