//! Chat-completions client: wire bytes → frames → deltas → message.
//!
//! [`frames`], [`chunk`] and [`message`] are pure; only [`client`] does IO. It knows servers, not catalogues or runs.

mod chunk;
mod client;
mod error;
mod frames;
mod message;
mod request;
mod server;
#[cfg(test)]
mod streams;

pub use client::{Client, Reply, Timeouts};
pub use error::AskError;
pub use message::{AskedCall, Message, Piece};
pub use request::{ChatMessage, ChatRequest};
pub use server::{BadAddress, Server};
