//! Chat-completions client: wire bytes → frames → deltas → message.
//!
//! [`decode`] and [`dialect`] are pure; only [`client`] does IO. It knows servers, not catalogues or runs.

mod address;
mod client;
mod decode;
mod dialect;
mod error;
mod idle_timeout;
mod lesson;
mod next;
mod request;
mod server;
mod terms;
mod wire_error;

pub use client::{Client, Reply, Timeouts};
pub use decode::{AskedCall, Decoder, Message, Piece, Retracted};
pub use dialect::Offered;
pub use error::AskError;
pub use lesson::{Lesson, Manner};
pub use next::{Next, Window};
pub use request::{ChatMessage, ChatRequest};
pub use server::{BadAddress, Server};
pub use terms::Terms;
