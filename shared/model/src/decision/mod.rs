//! Decisions as JSON objects: how one is asked for by a schema, and how it is read as it comes.
//!
//! A decision is `{"reason": …, "call": {"name": …, "arguments": {…}}}`, or has the answer itself in the place of a call:
//! `{"name": <the answer's name>, "text": …}`. Nothing of the JSON is shown; the answer's text is, as it comes. What a model is known
//! to write in place of this form is read, too, as far as it is certain.

mod escape;
mod fault;
mod parts;
mod reader;
mod scanner;

pub(crate) use fault::DecisionFault;
pub(crate) use reader::DecisionReader;

use serde_json::Value;

/// What a decision has to be like.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionSchema {
    /// A JSON Schema, as servers make a grammar of it.
    pub schema: Value,
    /// The name of the branch that is the answer itself, where there is one.
    pub answer: Option<String>,
}
