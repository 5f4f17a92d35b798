//! Logs: JSON lines in Lambda, human text on a terminal, both on standard error.
//!
//! Refuses to be configured by anything but `RUST_LOG`.

use std::io::IsTerminal as _;
use std::sync::Once;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Lambda sets this for every function; its level filter reads `timestamp` (RFC 3339) and `level` of JSON lines.
const IN_LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";

/// Starts logging for this process, at the level that `RUST_LOG` names, else `info`. Later calls change nothing.
pub fn init() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let level = EnvFilter::builder()
            .with_default_directive(LevelFilter::INFO.into())
            .from_env_lossy();
        let lines = tracing_subscriber::fmt()
            .with_env_filter(level)
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr);
        let started = if std::env::var_os(IN_LAMBDA).is_some() {
            lines
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .try_init()
        } else {
            lines.try_init()
        };
        if let Err(reason) = started {
            tracing::debug!(%reason, "this process logs already");
        }
    });
}
