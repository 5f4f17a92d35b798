//! Lambda glue every function shares: logs, outgoing HTTP, and the runtime around a tool.
//!
//! Refuses to know what any function does.

pub mod aws;
pub mod http;
pub mod logs;
mod serve_tool;

pub use lambda_runtime::Error;
pub use serve_tool::{answer, respond, serve_tool, serve_tool_once};
