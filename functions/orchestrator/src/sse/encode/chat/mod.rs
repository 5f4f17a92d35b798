//! A run as an answer of OpenAI's chat completions, streamed or whole.

mod answer_text;
mod at_once;
mod chunks;
mod citations;
mod completion;
mod frames;
mod telling;

pub(crate) use at_once::respond_at_once;
pub(crate) use chunks::ChunkEncoder;
pub(crate) use completion::CompletionEncoder;
pub(crate) use frames::{ChatHead, failure};
pub(crate) use telling::FinishReason;
