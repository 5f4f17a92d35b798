//! One connection: whether it is asking anything, and how long it may go without.

use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::Limits;
use super::room::{Room, Turn};

/// What ends the head of a request, at the latest.
const BLANK_LINE: [u8; 3] = *b"\n\r\n";

#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: u64,
    room: Arc<Room>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
struct State {
    phase: Phase,
    /// Something of the next request has come before this one's answer was sent.
    has_begun_next: bool,
    /// The last bytes that have come.
    tail: [u8; BLANK_LINE.len()],
    /// Its place among those that wait, when it last began to.
    turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
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

impl Seat {
    pub(super) const fn new(room: Arc<Room>, id: u64, turn: Turn) -> Self {
        Self {
            id,
            room,
            state: Mutex::new(State {
                phase: Phase::Head,
                has_begun_next: false,
                tail: [0; BLANK_LINE.len()],
                turn,
            }),
            changed: Notify::const_new(),
        }
    }

    #[cfg(test)]
    pub(super) const fn room(&self) -> &Arc<Room> {
        &self.room
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
            self.changed.notify_one();
        }
        is_waiting
    }

    /// The head of a request has come, and not yet its body.
    pub(super) fn sends(self: &Arc<Self>) {
        let before = {
            let mut state = self.state();
            if !BEFORE_A_REQUEST.contains(&state.phase) {
                return;
            }
            state.has_begun_next = false;
            mem::replace(&mut state.phase, Phase::Body)
        };
        if before == Phase::Answered {
            self.queues();
        }
        self.changed.notify_one();
    }

    /// A request has come whole with its head.
    pub(super) fn asks(&self) {
        self.is_busy(Phase::Asked, &BEFORE_A_REQUEST, |state| {
            // What came last ends with this head, or else with a part of the next one.
            state.has_begun_next = !state.ends_with_blank_line();
        });
    }

    /// The body of a request has come, as far as anybody reads it.
    pub(super) fn has_sent(&self) {
        self.is_busy(Phase::Asked, &[Phase::Body], |_| {});
    }

    /// The answer has been taken whole to be sent.
    pub(super) fn answered(&self) {
        let before = [Phase::Head, Phase::Body, Phase::Asked, Phase::Idle];
        self.is_busy(Phase::Answered, &before, |_| {});
    }

    /// From one of those phases the connection enters one in which it makes no room.
    fn is_busy(&self, phase: Phase, from: &[Phase], note: impl FnOnce(&mut State)) {
        let turn = {
            let mut state = self.state();
            if !from.contains(&state.phase) {
                return;
            }
            state.phase = phase;
            note(&mut state);
            state.turn
        };
        self.room.asks(turn);
        self.changed.notify_one();
    }

    /// All that was given to be sent is with the system.
    pub(super) fn sent(self: &Arc<Self>) {
        {
            let mut state = self.state();
            if state.phase != Phase::Answered {
                return;
            }
            state.phase = if mem::take(&mut state.has_begun_next) {
                Phase::Head
            } else {
                Phase::Idle
            };
        }
        self.queues();
        self.changed.notify_one();
    }

    /// Once its phase says that it waits: whoever is found in the queue while it asks is taken out, and would not come back.
    fn queues(self: &Arc<Self>) {
        let turn = self.room.waits(self);
        self.state().turn = turn;
    }

    /// Returns when the connection has been without a request for too long, or has to make room.
    pub(super) async fn is_over(&self) {
        let Limits {
            head, body, idle, ..
        } = self.room.limits;
        loop {
            let change = self.changed.notified();
            let time = match self.state().phase {
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
        let turn = self.state().turn;
        self.room.leave(self.id, turn);
    }

    fn came(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.follow(bytes);
        match state.phase {
            Phase::Idle => {
                state.phase = Phase::Head;
                self.changed.notify_one();
            }
            Phase::Asked | Phase::Answered => state.has_begun_next = true,
            Phase::Head | Phase::Body | Phase::Over => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
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

/// A connection that notes when something comes over it, and its own end.
#[derive(Debug)]
pub(super) struct Noted {
    stream: TcpStream,
    seat: Arc<Seat>,
}

impl Noted {
    pub(super) const fn new(stream: TcpStream, seat: Arc<Seat>) -> Self {
        Self { stream, seat }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.seat.leave();
    }
}

impl AsyncRead for Noted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let came = &buffer.filled()[before..];
        if !came.is_empty() {
            self.seat.came(came);
        }
        read
    }
}

impl AsyncWrite for Noted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // hyper flushes when it has written all that it had taken.
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.seat.sent();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
