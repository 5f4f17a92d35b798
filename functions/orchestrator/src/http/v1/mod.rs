//! The orchestra as a model: the routes that clients of OpenAI's interface ask. A run that is started here is a run like any other.

mod asking;
pub(super) mod chat;
mod messages;
pub(super) mod models;
mod refusal;
pub(super) mod repeat;
pub(super) mod responses;

pub(super) use refusal::in_their_shape;
