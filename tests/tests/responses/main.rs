//! A run as a response of OpenAI's Responses, as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod background;
mod conversations;
mod failures;
mod kept;
mod killed;
mod kit;
mod streams;
mod watched;
mod whole;
