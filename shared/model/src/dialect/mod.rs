//! Tool calls that a model writes into its text because its server does not read them: each family of models has its dialect.
//!
//! A call between tags of its own is a call whatever it names, so that the caller can refuse an invented tool. What could
//! as well be text (bare JSON, a fence, a list in Python) is a call if every tool it names is offered, or, where nothing else is
//! in the text, if it names an offered tool in another spelling.

mod bare;
mod brackets;
mod call;
mod candidate;
mod closers;
mod deepseek;
mod fenced;
mod gemma;
mod glm;
pub(crate) mod harmony;
mod minimax;
mod mistral;
mod names;
mod offered;
mod opening;
mod pythonic;
mod read;
mod recognize;
mod shape;
mod stream_parser;
mod tags;
mod values;
mod xml;

pub use offered::Offered;
pub(crate) use stream_parser::{MIN_CUT_BYTES, StreamParser};

#[cfg(test)]
mod tests;
