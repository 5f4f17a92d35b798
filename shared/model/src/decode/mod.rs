//! A reply from its bytes, without any IO: bytes → frames → chunks → text and message.
//!
//! It says what came, never what to do about it.

mod accumulator;
mod call_name;
mod channels;
mod chunk;
mod content_parts;
mod delta_text;
mod dropped_tokens;
mod final_arguments;
mod frame_repair;
mod frames;
mod held;
mod lenient;
mod line;
mod parallel;
mod slot;
mod slots;
mod special_tokens;
mod split_chars;
mod template;
mod text_reader;
mod thoughts;
mod usage;

use std::sync::Arc;

use run::Usage;

use crate::decision::DecisionFault;
use crate::dialect::Offered;
use crate::error::AskError;
use crate::message::{Message, Piece};
use crate::wire_error::WireError;
use accumulator::{Accumulator, MessageTooLarge};
use chunk::Frame;
use frames::{Frames, Reading};
use line::Kind;

/// Bytes of a body, decoded, in which nothing of a reply comes, before no more is read of it: the longest unstreamed reply, and
/// what ends a body that unfolds to heartbeats without end.
pub(crate) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Reasons to end with which servers say that they broke off: those of `SGLang`, `OpenRouter`, `DeepSeek` and z.ai.
const BROKEN_OFF: [&str; 4] = [
    "abort",
    "error",
    "insufficient_system_resource",
    "network_error",
];
/// How z.ai and Anthropic's gateways say that the question left no room for an answer.
const CONTEXT_IS_FULL: &str = "model_context_window_exceeded";

/// Reads the body of one successful reply, however its bytes are cut.
///
/// Feed it bytes, and after each time ask for pieces until there are none; at the end of the body call
/// [`Decoder::end`], ask once more, and take the message. A reply is judged by what did arrive: what cannot be read costs
/// itself alone, and what comes behind the mark of the stream's end is not read.
#[derive(Debug)]
pub struct Decoder {
    frames: Frames,
    accumulator: Accumulator,
    progress: Progress,
    /// Bytes since the reply last went on.
    quiet_bytes: usize,
    is_over: bool,
    fault: Option<AskError>,
}

#[derive(Debug, Default)]
struct Progress {
    /// Frames that were read.
    read: u64,
    /// Errors that came when the reply was complete already.
    late_errors: u64,
    /// The mark of the stream's end has come.
    is_done: bool,
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
        Self {
            frames: Frames::default(),
            accumulator: Accumulator::new(thinks_first, Arc::new(offered)),
            progress: Progress::default(),
            quiet_bytes: 0,
            is_over: false,
            fault: None,
        }
    }

    /// The same for a text that is a decision as JSON. `answer`: the name of the branch that is the answer itself.
    #[must_use]
    pub fn of_decision(mut self, answer: Option<String>) -> Self {
        self.accumulator.expect_decision(answer);
        self
    }

    /// Takes in bytes of the body. After a fault, or the mark of the stream's end, they are passed over.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.fault.is_none() && !self.is_over {
            self.fault = self.ingest(bytes).err();
        }
    }

    /// The body has ended as HTTP says it should.
    pub fn end(&mut self) {
        if self.fault.is_none() && !self.is_over {
            self.fault = self.read_end().err();
        }
        self.is_over = true;
    }

    /// The connection broke, or nothing more is waited for: what has come is the reply if the server gave a reason to end.
    pub fn break_off(&mut self) {
        if !self.is_over && self.fault.is_none() {
            // The end of its last line may be all that is missing.
            self.fault = self.read_rest().err();
        }
        if self.is_finished() && self.fault.is_none() {
            self.end();
        }
        if !self.is_over {
            self.fault.get_or_insert(AskError::Cut);
            self.is_over = true;
        }
    }

    /// The next piece, or why there is no more; `None` when more bytes are needed or the reply is complete.
    /// What came before a fault is given first.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, AskError> {
        match (self.accumulator.next_piece(), &self.fault) {
            (Some(piece), _) => Ok(Some(piece)),
            (None, Some(fault)) => Err(fault.clone()),
            (None, None) => Ok(None),
        }
    }

    /// Whether the reply is over: the body has ended, or said that nothing more is to come.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the server has given its reason to end; only counts and its mark may still come.
    pub fn is_finished(&self) -> bool {
        !self.accumulator.finish_reason().is_empty()
    }

    /// Bytes of text, thoughts and calls so far: a stream goes on only with more of them.
    pub const fn taken_bytes(&self) -> usize {
        self.accumulator.taken_bytes()
    }

    /// Frames that were passed over so far because they could not be read, or told an error of a complete reply.
    pub const fn passed_over(&self) -> u64 {
        self.frames.passed_over() + self.progress.late_errors
    }

    /// Whether nothing of a reply has come yet: only then may the same request be sent again unnoticed.
    pub fn is_untouched(&self) -> bool {
        self.accumulator.is_empty()
    }

    /// Tokens so far, as the server has counted them; what it has not is estimated, `prompt_bytes` being the length of the question.
    pub fn usage(&self, prompt_bytes: usize) -> Usage {
        self.accumulator.usage(prompt_bytes)
    }

    /// The whole reply, for a body that has ended without a fault. `prompt_bytes` estimates what a server did not count.
    pub fn into_message(self, prompt_bytes: usize) -> Message {
        self.accumulator.into_message(prompt_bytes)
    }

    fn ingest(&mut self, bytes: &[u8]) -> Result<(), AskError> {
        let before = self.accumulator.taken_bytes();
        let (accumulator, progress) = (&mut self.accumulator, &mut self.progress);
        self.frames.feed(bytes, |kind, text| {
            progress.read_frame(accumulator, kind, text)
        })?;
        if let Some(fault) = self.accumulator.decision_fault() {
            return Err(fault.into());
        }
        if self.progress.is_done || self.accumulator.has_run_on() {
            self.accumulator.is_done();
            self.is_over = true;
            return self.close();
        }
        if self.accumulator.taken_bytes() > before {
            self.quiet_bytes = 0;
            return Ok(());
        }
        self.quiet_bytes += bytes.len();
        if self.quiet_bytes <= MAX_BODY_BYTES {
            return Ok(());
        }
        if self.is_finished() {
            self.is_over = true;
            return self.close();
        }
        Err(if self.is_untouched() {
            AskError::TooLarge
        } else {
            AskError::Cut
        })
    }

    fn read_end(&mut self) -> Result<(), AskError> {
        self.read_rest()?;
        self.close()
    }

    fn read_rest(&mut self) -> Result<(), AskError> {
        let (accumulator, progress) = (&mut self.accumulator, &mut self.progress);
        self.frames
            .finish(|kind, text| progress.read_frame(accumulator, kind, text))
    }

    fn close(&mut self) -> Result<(), AskError> {
        self.accumulator.close()?;
        let could_read_nothing = self.progress.read == 0 && self.frames.passed_over() > 0;
        match (
            self.accumulator.finish_reason(),
            self.accumulator.is_empty(),
        ) {
            ("", true) if could_read_nothing => Err(AskError::Garbage),
            ("", true) => Err(AskError::Empty),
            ("", false) if self.accumulator.is_whole_without_end() => Ok(()),
            (CONTEXT_IS_FULL, true) => Err(AskError::reported(WireError::too_long())),
            ("", _) => Err(AskError::Cut),
            (reason, _) if BROKEN_OFF.contains(&reason) => Err(AskError::Cut),
            (_, _) => match self.accumulator.decision_fault() {
                Some(fault) => Err(fault.into()),
                None => Ok(()),
            },
        }
    }
}

impl Progress {
    #[inline]
    fn read_frame(
        &mut self,
        accumulator: &mut Accumulator,
        kind: Kind,
        text: &[u8],
    ) -> Result<Reading, AskError> {
        let read = chunk::read(kind, text, |frame| self.take(accumulator, frame))?;
        Ok(match (read, self.is_done) {
            (_, true) => Reading::Last,
            (0, false) => Reading::Unreadable,
            (_, false) => Reading::Read,
        })
    }

    #[inline]
    fn take(&mut self, accumulator: &mut Accumulator, frame: Frame<'_>) -> Result<(), AskError> {
        if self.is_done {
            return Ok(());
        }
        match frame {
            Frame::Chunk(chunk) => accumulator.add(chunk)?,
            Frame::Error(_) if !accumulator.finish_reason().is_empty() => self.late_errors += 1,
            Frame::Error(error) => return Err(AskError::reported(error)),
            Frame::Done => {
                self.is_done = true;
                return Ok(());
            }
        }
        self.read += 1;
        Ok(())
    }
}

impl From<DecisionFault> for AskError {
    fn from(fault: DecisionFault) -> Self {
        match fault {
            DecisionFault::OtherForm => Self::NoDecision,
            DecisionFault::Blanks => Self::Blanks,
        }
    }
}

impl From<MessageTooLarge> for AskError {
    fn from(_: MessageTooLarge) -> Self {
        Self::TooLong
    }
}
