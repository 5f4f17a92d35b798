//! Chat-completions client: wire bytes → frames → deltas → message.
//!
//! [`decode`] and [`dialect`] are pure; only [`client`] does IO. It knows servers, not catalogues or runs.

mod address;
mod client;
mod decision;
mod decode;
mod dialect;
mod ending;
mod error;
mod idle_timeout;
mod json;
mod message;
mod next;
mod overrides;
mod prompt;
mod reply;
mod request;
mod request_body;
mod request_profile;
mod restriction;
mod retry_after;
mod server;
mod tool_sight;
mod wire_error;

pub use client::{Client, Timeouts};
pub use decision::DecisionSchema;
pub use decode::Decoder;
pub use dialect::Offered;
pub use error::AskError;
pub use message::{AskedCall, Message, Piece, Retracted};
pub use next::{Next, Window};
pub use overrides::Overrides;
pub use prompt::Prompt;
pub use reply::Reply;
pub use request::{CallForm, ChatMessage, ChatRequest};
pub use request_profile::RequestProfile;
pub use restriction::{RequestStyle, Restriction};
pub use retry_after::retry_after;
pub use server::{BadAddress, Server};
pub use tool_sight::ToolSight;
