//! Frames: what a client's view shows, as it goes over the line.

use run::{Event, Seq, Update};
use serde::Serialize;

use crate::wire::{View, WireEvent};

/// Adds the frame of something new to `out`.
pub(super) fn show(view: &mut View, update: &Update, out: &mut String) {
    match update {
        Update::Stored { seq, event } => show_stored(view, *seq, event, out),
        Update::Live {
            call_id,
            attempt,
            offset,
            content,
        } => push_frame(
            out,
            None,
            &WireEvent::Delta {
                call_id: *call_id,
                attempt: *attempt,
                offset: *offset,
                content,
            },
        ),
    }
}

/// The same for a stored event; nothing where the client has seen it.
pub(super) fn show_stored(view: &mut View, seq: Seq, event: &Event, out: &mut String) {
    if let Some(frame) = view.take(seq, event) {
        push_frame(out, Some(seq), &frame);
    }
}

/// Adds one frame: an id for stored events, and one line of JSON.
pub(super) fn push_frame(out: &mut String, seq: Option<Seq>, frame: &impl Serialize) {
    match serde_json::to_string(frame) {
        Ok(json) => {
            if let Some(seq) = seq {
                out.push_str("id: ");
                out.push_str(&seq.to_string());
                out.push('\n');
            }
            out.push_str("data: ");
            out.push_str(&json);
            out.push_str("\n\n");
        }
        Err(error) => tracing::error!(%error, "a frame could not be written"),
    }
}
