//! A run as an answer of OpenAI's chat completions, streamed or whole.

mod at_once;
mod chunks;
mod completion;
mod frames;

pub(crate) use at_once::respond_at_once;
pub(crate) use chunks::ChunkEncoder;
pub(crate) use completion::CompletionEncoder;
pub(super) use frames::interrupted;
pub(crate) use frames::{ChatHead, failure};
