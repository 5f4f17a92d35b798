//! Encoders: the frames of a client's stream, one file for each protocol.
//!
//! An encoder folds the events that it is given, each once, and knows how far its client has got.

mod chat;
mod events;
mod line;
mod responses;
mod telling;

use std::fmt::Debug;

use run::Update;

pub(crate) use chat::{ChatHead, ChunkEncoder, CompletionEncoder, failure, respond_at_once};
pub(crate) use events::EventEncoder;
pub(crate) use line::on_one_line;
pub(crate) use responses::{
    CODE, INSTRUCTIONS, Moment, ResponseStream, TURNS, WholeResponse, message_text, prefixed,
};
pub(crate) use telling::{FinishReason, Steps};

/// The state of a run, as far as a client has been sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    UnderWay,
    /// It waits for another driver, and this stream does not.
    Suspended,
    /// There is nothing more to come.
    Over,
}

/// How a protocol writes a run.
pub(crate) trait Encode: Debug + Send {
    /// Whether its clients go on with another stream where one ends before its run. Streams of others last as long as this function may.
    fn comes_again(&self) -> bool;

    fn standing(&self) -> Standing;

    /// Whether what was written is an error, where that can still be the response's status.
    fn has_failed(&self) -> bool {
        false
    }

    /// Whether the client was told all of a run of which nothing is to be kept.
    fn forgets(&self) -> bool {
        false
    }

    /// Adds what an update shows to `out`; nothing where the client has seen it.
    fn encode(&mut self, update: &Update, out: &mut String);

    /// Adds what says that the stream lives.
    fn ping(&mut self, out: &mut String);

    /// Adds what says that the stream ends before its run.
    fn come_again(&mut self, out: &mut String);

    /// Adds what is left to say where nothing more is read, and the run may not be over; once.
    fn end(&mut self, out: &mut String);
}
