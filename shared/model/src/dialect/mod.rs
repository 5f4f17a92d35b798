//! Tool calls that a model writes into its text because its server does not read them: each family of models has its dialect.
//!
//! A call between tags of its own is a call whatever it names, so that the caller can refuse an invented tool. What could
//! as well be text (bare JSON, a fence, a list in Python) is a call if every tool it names is offered, or, where nothing else is
//! in the text, if it names an offered tool in another spelling.

mod bare;
mod brackets;
mod call;
mod deepseek;
mod family;
mod fenced;
mod gemma;
mod glm;
pub(crate) mod harmony;
mod hold;
mod mistral;
mod names;
mod offered;
mod pythonic;
mod read;
pub(crate) mod repair;
mod shape;
mod tags;
mod values;
mod xml;

pub(crate) use hold::{MIN_CUT_BYTES, Reader};
pub use offered::Offered;
pub(crate) use read::Ending;

#[cfg(test)]
mod tests;
