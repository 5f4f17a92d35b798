//! One connection: whether it is asking anything, and how long it may go without.

use std::io;
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
    /// It has been answered; nothing of the next one has come.
    Idle,
    /// It had to make room.
    Over,
}

impl Seat {
    pub(super) const fn new(room: Arc<Room>, id: u64, turn: Turn) -> Self {
        Self {
            id,
            room,
            state: Mutex::new(State {
                phase: Phase::Head,
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
        let is_waiting = state.phase != Phase::Asked;
        if is_waiting {
            state.phase = Phase::Over;
            self.changed.notify_one();
        }
        is_waiting
    }

    /// The head of a request has come, and not yet its body.
    pub(super) fn sends(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Head | Phase::Idle) {
            state.phase = Phase::Body;
            self.changed.notify_one();
        }
    }

    /// A request has come whole with its head.
    pub(super) fn asks(&self) {
        self.has_asked_from(&[Phase::Head, Phase::Idle]);
    }

    /// The body of a request has come, as far as anybody reads it.
    pub(super) fn has_sent(&self) {
        self.has_asked_from(&[Phase::Body]);
    }

    fn has_asked_from(&self, phases: &[Phase]) {
        let turn = {
            let mut state = self.state();
            if !phases.contains(&state.phase) {
                return;
            }
            state.phase = Phase::Asked;
            state.turn
        };
        self.room.asks(turn);
        self.changed.notify_one();
    }

    /// The answer has been given.
    pub(super) fn waits(self: &Arc<Self>) {
        let turn = self.room.waits(self);
        let mut state = self.state();
        state.turn = turn;
        if state.phase != Phase::Over {
            state.phase = Phase::Idle;
            self.changed.notify_one();
        }
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
                Phase::Asked => Duration::MAX,
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

    fn came(&self) {
        let mut state = self.state();
        if state.phase == Phase::Idle {
            state.phase = Phase::Head;
            self.changed.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        if buffer.filled().len() > before {
            self.seat.came();
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
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
