//! Lambda glue every function shares: logs, outgoing HTTP, and the runtime around a tool.
//!
//! Refuses to know what any function does.

mod authorities;
pub mod aws;
pub mod http;
pub mod logs;
mod metrics;
mod require_unwind;
mod runtime_api;
mod serve_tool;
mod start;
mod stop_signal;

pub use authorities::{Authorities, AuthoritiesError};
pub use lambda_runtime::Error;
pub use runtime_api::RuntimeApi;
pub use serve_tool::{answer, respond, serve_tool, serve_tool_once};
pub use start::check_after_start;
pub use stop_signal::StopSignal;
