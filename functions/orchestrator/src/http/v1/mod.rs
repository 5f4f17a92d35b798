//! The orchestra as a model: the routes that clients of OpenAI's interface ask. A run that is started here is a run like any other.

pub(super) mod chat;
pub(super) mod models;
mod refusal;
mod repeat;

pub(super) use refusal::in_their_shape;
