//! Whether a connection is asking anything.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What ends the head of a request, at the latest.
const BLANK_LINE: [u8; 3] = *b"\n\r\n";

/// The state of a connection, which its port shares with it.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: u64,
    state: Mutex<State>,
    changed: Notify,
}

/// The place in the order of those that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) has_asked: bool,
    pub(super) since: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// Something of the next request has come before this one's answer was sent.
    has_begun_next: bool,
    /// The last bytes that have come.
    tail: [u8; BLANK_LINE.len()],
    /// Its place among those that wait, when it last began to.
    pub(super) turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The head of a request is to come: it has begun, or it is the first.
    Head,
    /// The body of a request is to come.
    Body,
    /// A request has come, and its answer is under way.
    Asked,
    /// The whole answer is known, and not all of it sent.
    Answered,
    /// It has been sent; nothing of the next request has come.
    Idle,
    /// It had to make room.
    Over,
}

/// When the head of a request may end; the one before it may still have something of its answer to be sent.
const BEFORE_A_REQUEST: [Phase; 3] = [Phase::Head, Phase::Answered, Phase::Idle];

impl Slot {
    pub(super) const fn new(id: u64, turn: Turn) -> Self {
        Self {
            id,
            state: Mutex::new(State {
                phase: Phase::Head,
                has_begun_next: false,
                tail: [0; BLANK_LINE.len()],
                turn,
            }),
            changed: Notify::const_new(),
        }
    }

    /// Closes the connection, unless something is asked over it.
    pub(super) fn evict(&self) -> bool {
        let mut state = self.state();
        let is_waiting = match state.phase {
            Phase::Head | Phase::Body | Phase::Idle | Phase::Over => true,
            Phase::Asked | Phase::Answered => false,
        };
        if is_waiting {
            state.phase = Phase::Over;
            self.has_changed();
        }
        is_waiting
    }

    /// The head of a request has come, and not yet its body. Whether the connection did not wait before, and does now; `None` where
    /// none was to come.
    pub(super) fn sends(&self) -> Option<bool> {
        let mut state = self.state();
        if !BEFORE_A_REQUEST.contains(&state.phase) {
            return None;
        }
        state.has_begun_next = false;
        Some(mem::replace(&mut state.phase, Phase::Body) == Phase::Answered)
    }

    /// A request has come whole with its head. The place that the connection had while it waited, as of the next two.
    pub(super) fn asks(&self) -> Option<Turn> {
        self.is_busy(Phase::Asked, &BEFORE_A_REQUEST, |state| {
            // What came last ends with this head, or else with a part of the next one.
            state.has_begun_next = !state.ends_with_blank_line();
        })
    }

    /// The body of a request has come, as far as anybody reads it.
    pub(super) fn has_sent(&self) -> Option<Turn> {
        self.is_busy(Phase::Asked, &[Phase::Body], |_| {})
    }

    /// The answer has been taken whole to be sent.
    pub(super) fn answered(&self) -> Option<Turn> {
        let before = [Phase::Head, Phase::Body, Phase::Asked, Phase::Idle];
        self.is_busy(Phase::Answered, &before, |_| {})
    }

    /// From one of those phases the connection enters one in which it makes no room.
    fn is_busy(&self, phase: Phase, from: &[Phase], note: impl FnOnce(&mut State)) -> Option<Turn> {
        let mut state = self.state();
        if !from.contains(&state.phase) {
            return None;
        }
        state.phase = phase;
        note(&mut state);
        Some(state.turn)
    }

    /// All that was given to be sent is with the system. Whether the connection waits from here on.
    pub(super) fn sent(&self) -> bool {
        let mut state = self.state();
        if state.phase != Phase::Answered {
            return false;
        }
        state.phase = if mem::take(&mut state.has_begun_next) {
            Phase::Head
        } else {
            Phase::Idle
        };
        true
    }

    /// Bytes have come.
    pub(super) fn came(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.follow(bytes);
        match state.phase {
            Phase::Idle => {
                state.phase = Phase::Head;
                self.has_changed();
            }
            Phase::Asked | Phase::Answered => state.has_begun_next = true,
            Phase::Head | Phase::Body | Phase::Over => {}
        }
    }

    /// Wakes whoever waits for a change.
    pub(super) fn has_changed(&self) {
        self.changed.notify_one();
    }

    /// The next change, or the last one that nobody has waited for.
    pub(super) fn change(&self) -> impl Future<Output = ()> {
        self.changed.notified()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn follow(&mut self, bytes: &[u8]) {
        let last = bytes.len().saturating_sub(self.tail.len());
        for byte in &bytes[last..] {
            self.tail.rotate_left(1);
            self.tail[BLANK_LINE.len() - 1] = *byte;
        }
    }

    /// A line may also end without `\r`.
    fn ends_with_blank_line(&self) -> bool {
        self.tail == BLANK_LINE || self.tail.ends_with(b"\n\n")
    }
}
