//! A reply from its bytes, without any IO: bytes → frames → chunks → text and message.
//!
//! It says what came, never what to do about it.

mod channels;
mod chunk;
mod draft;
mod frames;
mod held;
mod lenient;
mod message;
mod settle;
mod slots;
mod thoughts;

pub use message::{AskedCall, Message, Piece};

use crate::AskError;
use crate::dialect::{Offered, Reader};
use chunk::Frame;
pub(crate) use draft::MAX_TEXT_BYTES;
use draft::{Draft, MessageTooLarge};
use frames::{FrameTooLarge, Frames};
pub(crate) use slots::MAX_CALLS;

/// Longest unstreamed reply, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Reads the body of one successful reply, however its bytes are cut.
///
/// Feed it bytes, and after each time ask for pieces until there are none; at the end of the body call
/// [`Decoder::end`], ask once more, and take the message.
#[derive(Debug)]
pub struct Decoder {
    body: Body,
    frames: Frames,
    draft: Draft,
    events: u64,
    fault: Option<AskError>,
}

/// Some servers answer with plain JSON although a stream was asked for.
#[derive(Debug)]
enum Body {
    Unknown,
    Stream,
    Whole(Vec<u8>),
    Ended,
}

impl Decoder {
    /// `offered`: the tools that the model was told of; without any, text is never read as a call.
    pub fn new(offered: Offered) -> Self {
        Self::with(offered, false)
    }

    /// For a model whose prompt ends with an opening `<think>`: text waits until the thought is over.
    pub fn for_thinking_first(offered: Offered) -> Self {
        Self::with(offered, true)
    }

    fn with(offered: Offered, thinks_first: bool) -> Self {
        let reader = (!offered.is_empty()).then(|| Reader::new(offered));
        Self {
            body: Body::Unknown,
            frames: Frames::default(),
            draft: Draft::new(thinks_first, reader),
            events: 0,
            fault: None,
        }
    }

    /// Takes in bytes of the body. After a fault they are passed over.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.fault.is_none() {
            self.fault = self.take_in(bytes).err();
        }
    }

    /// The body has ended as HTTP says it should.
    pub fn end(&mut self) {
        if self.fault.is_none() {
            self.fault = self.read_end().err();
        }
        self.body = Body::Ended;
    }

    /// The connection broke.
    pub fn break_off(&mut self) {
        self.fault.get_or_insert(AskError::Cut);
        self.body = Body::Ended;
    }

    /// The next piece, or why there is no more; `None` when more bytes are needed or the reply is complete.
    /// What came before a fault is given first.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, AskError> {
        match (self.draft.next_piece(), &self.fault) {
            (Some(piece), _) => Ok(Some(piece)),
            (None, Some(fault)) => Err(fault.clone()),
            (None, None) => Ok(None),
        }
    }

    /// Whether the body has ended.
    pub const fn is_over(&self) -> bool {
        matches!(self.body, Body::Ended)
    }

    /// Events of the stream so far; comments are none.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Whether nothing of a reply has come yet: only then may the same request be sent again unnoticed.
    pub fn is_untouched(&self) -> bool {
        self.draft.is_empty()
    }

    /// The whole reply, for a body that has ended without a fault. `prompt_bytes` estimates what a server did not count.
    pub fn into_message(self, prompt_bytes: usize) -> Message {
        self.draft.into_message(prompt_bytes)
    }

    fn take_in(&mut self, mut bytes: &[u8]) -> Result<(), AskError> {
        if matches!(self.body, Body::Unknown) {
            bytes = bytes.trim_ascii_start();
            match bytes.first() {
                None => return Ok(()),
                Some(b'{') => self.body = Body::Whole(Vec::new()),
                Some(_) => self.body = Body::Stream,
            }
        }
        match &mut self.body {
            Body::Whole(whole) if whole.len() + bytes.len() > MAX_BODY_BYTES => {
                Err(AskError::TooLarge)
            }
            Body::Whole(whole) => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
            Body::Stream => {
                let (draft, events) = (&mut self.draft, &mut self.events);
                self.frames.feed(bytes, |data| {
                    *events += 1;
                    read_frame(draft, data)
                })
            }
            Body::Unknown | Body::Ended => Ok(()),
        }
    }

    fn read_end(&mut self) -> Result<(), AskError> {
        let draft = &mut self.draft;
        match std::mem::replace(&mut self.body, Body::Ended) {
            Body::Whole(whole) => read_frame(draft, &whole)?,
            Body::Stream => self.frames.finish(|data| read_frame(draft, data))?,
            Body::Unknown | Body::Ended => {}
        }
        self.draft.close()?;
        self.check_end()
    }

    fn check_end(&self) -> Result<(), AskError> {
        match (self.draft.finish_reason(), self.draft.is_empty()) {
            ("", true) if self.frames.saw_foreign_text() => Err(AskError::Garbage),
            ("", true) => Err(AskError::Empty),
            ("", false) if self.draft.is_whole_without_end() => Ok(()),
            ("" | "abort" | "error", _) => Err(AskError::Cut),
            (_, _) => Ok(()),
        }
    }
}

fn read_frame(draft: &mut Draft, data: &[u8]) -> Result<(), AskError> {
    match chunk::read(data) {
        Frame::Chunk(chunk) => Ok(draft.add(chunk)?),
        Frame::Error(error) => Err(AskError::reported(error)),
        // `[DONE]` ends nothing by itself: what counts is the finish reason before it.
        Frame::Done => Ok(()),
        Frame::Unreadable => Err(AskError::Garbage),
    }
}

impl From<FrameTooLarge> for AskError {
    fn from(_: FrameTooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<MessageTooLarge> for AskError {
    fn from(_: MessageTooLarge) -> Self {
        Self::TooLong
    }
}
