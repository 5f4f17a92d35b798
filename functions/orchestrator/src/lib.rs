//! The orchestrator: HTTP in, server-sent events out. It starts runs, drives them and follows them.
//!
//! One router for Lambda and for the laptop. [`wire`] is the only place that knows the wire names of events.

mod deletion;
mod http;
mod sse;
pub mod wire;

pub use drive::{Config, ConfigError, now_ms};
#[cfg(feature = "openapi")]
pub use http::openapi;
pub use http::{Access, AccessError, App, Hosts, KEY_CHARS, KEY_PREFIX, app, mend_halves};
