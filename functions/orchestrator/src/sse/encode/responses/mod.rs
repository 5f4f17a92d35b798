//! A run as a response of OpenAI's Responses, which is Open Responses, too: streamed or whole.
//!
//! All of it is a fold of stored events, and of nothing else: a frame has the same number in every stream of its run.

mod call_item;
mod fold;
mod frames;
mod object;
mod stream;
mod whole;

pub(crate) use fold::message_text;
pub(crate) use object::{CODE, INSTRUCTIONS, TURNS, prefixed};
pub(crate) use stream::ResponseStream;
pub(crate) use whole::{Moment, WholeResponse};

#[cfg(test)]
mod tests;
