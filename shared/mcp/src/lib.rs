//! Client of servers that list their tools: the Model Context Protocol over streamable HTTP, with sessions (up to 2025-11-25) and
//! without (from 2026-07-28).
//!
//! It lists tools and calls them, each within bounds of bytes, number and time. It refuses to know runs, to ask a person anything for a
//! server, and to fetch what a server links to.

mod address;
mod answer;
mod call;
mod connect;
mod era;
mod http_client;
mod list;
mod problem;
mod server;
mod session;
mod text;

pub use address::Address;
pub use answer::{Answer, Answered};
pub use call::Limits;
pub use problem::Problem;
pub use server::Server;
