//! Logs: JSON lines in Lambda, human text on a terminal, both on standard error.
//!
//! A JSON line carries the fields of its event and of all spans around it side by side: whose run, which round and call, which
//! request. So an event must not name again what a span around it names. Refuses to be configured by anything but `RUST_LOG` and
//! what Lambda sets.

use std::env;
use std::io::{self, IsTerminal as _, Stderr};
use std::sync::Once;

use json_subscriber::JsonLayer;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{
    Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::metrics;

/// The crate that speaks with servers that list their tools.
const MCP_CLIENT: &str = "rmcp";
/// The target of what servers say in their own words, which may repeat what people asked.
const SAID: &str = "said";
/// Lambda sets this for every function; its level filter reads `timestamp` (RFC 3339) and `level` of JSON lines.
const IN_LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";
/// Lambda sets this to `JSON` as the function's logging is configured. Outside Lambda it is the way to ask for JSON.
const FORMAT: &str = "AWS_LAMBDA_LOG_FORMAT";

/// Starts logging for this process, at the levels that `RUST_LOG` names (`info,said=info`), else `info`. Later calls change
/// nothing.
pub fn init() {
    start("");
}

/// The same for a command, whose standard error is for people: errors alone, where `RUST_LOG` says nothing else.
pub fn init_for_command() {
    start("error,metrics=off");
}

fn start(default: &str) {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let levels = env::var("RUST_LOG").unwrap_or_else(|_| default.to_owned());
        let (filter, mistake) = filter(&levels);
        let lines = if is_json() {
            json(io::stderr as fn() -> Stderr).boxed()
        } else {
            let text = fmt::layer().with_ansi(io::stderr().is_terminal());
            text.with_writer(io::stderr).boxed()
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

fn is_json() -> bool {
    let asked = env::var(FORMAT).is_ok_and(|format| format.eq_ignore_ascii_case("json"));
    asked || env::var_os(IN_LAMBDA).is_some()
}

/// Lines as Lambda gets them: one object each, flat but for what makes it a metric.
pub fn json<S, W>(writer: W) -> JsonLayer<S, W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    let mut lines = JsonLayer::<S>::stdout().with_writer(writer);
    lines.with_timer("timestamp", SystemTime);
    lines.with_level("level");
    lines.with_target("target");
    lines.with_flattened_event();
    lines.with_top_level_flattened_span_list();
    lines.add_dynamic_field("_aws", |event, _| metrics::directive(event));
    lines
}

/// What is let through where `RUST_LOG` says nothing.
pub fn usual() -> Targets {
    filter("").0
}

/// The filter, and what is wrong with the levels where it does not follow them. Metrics are let through, whatever the level of
/// all others is, unless they are named; the client of listed tools is not, unless it is named, as it logs what servers say, and neither is
/// what servers of models say.
fn filter(levels: &str) -> (Targets, Option<String>) {
    let info = Targets::new().with_default(LevelFilter::INFO);
    let (mut filter, mistake) = match levels.parse::<Targets>() {
        _ if levels.is_empty() => (info, None),
        Ok(filter) => (filter, None),
        Err(mistake) => (info, Some(mistake.to_string())),
    };
    let by_themselves = [
        (metrics::TARGET, LevelFilter::INFO),
        (MCP_CLIENT, LevelFilter::OFF),
        (SAID, LevelFilter::OFF),
    ];
    for (target, level) in by_themselves {
        if !filter.iter().any(|(named, _)| named == target) {
            filter = filter.with_target(target, level);
        }
    }
    (filter, mistake)
}

#[cfg(test)]
mod tests;
