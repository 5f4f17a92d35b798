//! Logs: JSON lines in Lambda, human text on a terminal, both on standard error.
//!
//! Refuses to be configured by anything but `RUST_LOG`.

use std::io::IsTerminal as _;
use std::sync::Once;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{
    Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Lambda sets this for every function; its level filter reads `timestamp` (RFC 3339) and `level` of JSON lines.
const IN_LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";

/// Starts logging for this process, at the levels that `RUST_LOG` names (`info,drive=debug`), else `info`. Later calls change
/// nothing.
pub fn init() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let levels = std::env::var("RUST_LOG").unwrap_or_default();
        let (filter, mistake) = filter(&levels);
        let lines = fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr);
        let lines = if std::env::var_os(IN_LAMBDA).is_some() {
            let json = lines.json().flatten_event(true).with_span_list(false);
            json.boxed()
        } else {
            lines.boxed()
        };
        match tracing_subscriber::registry()
            .with(lines)
            .with(filter)
            .try_init()
        {
            Ok(()) => {}
            Err(reason) => tracing::debug!(%reason, "this process logs already"),
        }
        if let Some(mistake) = mistake {
            tracing::warn!(
                RUST_LOG = levels,
                mistake,
                "RUST_LOG cannot be read; the level is info"
            );
        }
    });
}

/// The filter, and what is wrong with the levels where it does not follow them.
fn filter(levels: &str) -> (Targets, Option<String>) {
    let info = Targets::new().with_default(LevelFilter::INFO);
    if levels.is_empty() {
        return (info, None);
    }
    match levels.parse::<Targets>() {
        Ok(filter) => (filter, None),
        Err(mistake) => (info, Some(mistake.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn levels_are_those_of_the_variable_else_info() {
        let (default, mistake) = filter("");
        assert!(mistake.is_none());
        assert!(default.would_enable("drive", &Level::INFO));
        assert!(!default.would_enable("drive", &Level::DEBUG));

        let (named, mistake) = filter("warn,drive=debug");
        assert!(mistake.is_none());
        assert!(named.would_enable("drive::work", &Level::DEBUG));
        assert!(!named.would_enable("store", &Level::INFO));
    }

    #[test]
    fn a_variable_that_cannot_be_read_leaves_info_and_says_so() {
        let (filter, mistake) = filter("drive=loud");
        assert!(mistake.is_some());
        assert!(filter.would_enable("drive", &Level::INFO));
    }
}
