//! One connection: what happens to it changes whether it makes room, and how long it may go without a request.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::admission::Admission;
use super::limits::Limits;
use super::slot::{Phase, Slot, Turn};

/// A connection that has been let in.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    room: Arc<Admission>,
    slot: Arc<Slot>,
}

impl Connection {
    pub(super) const fn new(room: Arc<Admission>, slot: Arc<Slot>) -> Self {
        Self { room, slot }
    }

    #[cfg(test)]
    pub(super) const fn room(&self) -> &Arc<Admission> {
        &self.room
    }

    #[cfg(test)]
    pub(super) fn id(&self) -> u64 {
        self.slot.id
    }

    /// Bytes have come.
    pub(super) fn came(&self, bytes: &[u8]) {
        self.slot.came(bytes);
    }

    /// The head of a request has come, and not yet its body.
    pub(super) fn sends(&self) {
        if let Some(waits_anew) = self.slot.sends() {
            if waits_anew {
                self.queues();
            }
            self.slot.has_changed();
        }
    }

    /// A request has come whole with its head.
    pub(super) fn asks(&self) {
        self.is_busy(self.slot.asks());
    }

    /// The body of a request has come, as far as anybody reads it.
    pub(super) fn has_sent(&self) {
        self.is_busy(self.slot.has_sent());
    }

    /// The answer has been taken whole to be sent.
    pub(super) fn answered(&self) {
        self.is_busy(self.slot.answered());
    }

    /// All that was given to be sent is with the system.
    pub(super) fn sent(&self) {
        if self.slot.sent() {
            self.queues();
            self.slot.has_changed();
        }
    }

    fn is_busy(&self, waited: Option<Turn>) {
        if let Some(turn) = waited {
            self.room.asks(turn);
            self.slot.has_changed();
        }
    }

    /// Once its phase says that it waits: whoever is found in the queue while it asks is taken out, and would not come back.
    fn queues(&self) {
        let turn = self.room.waits(&self.slot);
        self.slot.state().turn = turn;
    }

    /// Returns when the connection has been without a request for too long, or has to make room.
    pub(super) async fn is_over(&self) {
        let Limits {
            head, body, idle, ..
        } = self.room.limits;
        loop {
            let change = self.slot.change();
            let time = match self.slot.state().phase {
                Phase::Head => head,
                Phase::Body => body,
                Phase::Idle => idle,
                Phase::Asked | Phase::Answered => Duration::MAX,
                Phase::Over => return,
            };
            if timeout(time, change).await.is_err() {
                return;
            }
        }
    }

    /// The connection has ended.
    pub(super) fn leave(&self) {
        let turn = self.slot.state().turn;
        self.room.leave(self.slot.id, turn);
    }
}

#[cfg(test)]
mod tests;
