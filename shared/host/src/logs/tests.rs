use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tracing::subscriber::with_default;
use tracing::{Level, info_span};

use super::*;

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

#[test]
fn metrics_pass_every_level_but_their_own() {
    for (levels, passes) in [
        ("", true),
        ("error", true),
        ("error,own_metrics=debug", true),
        ("info,metrics=off", false),
    ] {
        let (filter, _) = filter(levels);
        assert_eq!(
            filter.would_enable(metrics::TARGET, &Level::INFO),
            passes,
            "{levels}"
        );
    }
}

#[test]
fn what_servers_say_is_logged_only_where_it_is_asked_for() {
    for (levels, passes) in [
        ("", false),
        ("debug", false),
        ("drive=debug", false),
        ("info,rmcp=warn,said=warn", true),
    ] {
        let (filter, _) = filter(levels);
        for target in ["rmcp::transport::worker", SAID] {
            assert_eq!(
                filter.would_enable(target, &Level::WARN),
                passes,
                "{levels}: {target}"
            );
        }
    }
}

/// The one line that `log` writes. Its time is checked, and taken out.
fn line(log: impl FnOnce()) -> Map<String, Value> {
    let written = Arc::<Mutex<Vec<u8>>>::default();
    let kept = Arc::clone(&written);
    let writer = move || Written(Arc::clone(&kept));
    let lines = tracing_subscriber::registry().with(json(writer));
    with_default(lines, log);
    let bytes = written.lock().unwrap();
    let mut line: Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
    let time = line.remove("timestamp").unwrap();
    time.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    line
}

struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_names_what_stands_around_its_event() {
    let line = line(|| {
        let _request = info_span!("request", requestId = "7d").entered();
        let _run = info_span!("run", run_id = "01").entered();
        let _call = info_span!("call", round = 2, call_id = "r2.1").entered();
        tracing::warn!(target: "drive", error = "no answer", "it failed");
    });
    let expected = json!({
        "level": "WARN", "target": "drive", "message": "it failed", "error": "no answer", "name": "call",
        "requestId": "7d", "run_id": "01", "round": 2, "call_id": "r2.1",
    });
    assert_eq!(Value::from(line), expected);
}

#[test]
fn numbers_of_a_metric_are_declared_with_their_units_by_each_dimension() {
    let mut line = line(|| {
        let _call = info_span!("call", round = 2).entered();
        tracing::info!(
            target: "metrics",
            tool = %"answer",
            model = "qwen",
            calls = 1_u64,
            call_ms = 12_u64,
            cost_usd = 0.25,
            code = "timeout",
            "a call has ended"
        );
    });
    let mut directive = line.remove("_aws").unwrap();
    let at_ms = directive["Timestamp"].take().as_u64().unwrap();
    assert!(at_ms > 1_700_000_000_000);
    let expected = json!({
        "Timestamp": null,
        "CloudWatchMetrics": [{
            "Namespace": "serverless-llm",
            "Dimensions": [["tool"], ["model"]],
            "Metrics": [
                {"Name": "calls", "Unit": "Count"},
                {"Name": "call_ms", "Unit": "Milliseconds"},
                {"Name": "cost_usd", "Unit": "None"},
            ],
        }],
    });
    assert_eq!(directive, expected);
    let expected = json!({
        "level": "INFO", "target": "metrics", "message": "a call has ended", "name": "call", "round": 2,
        "tool": "answer", "model": "qwen", "calls": 1, "call_ms": 12, "cost_usd": 0.25, "code": "timeout",
    });
    assert_eq!(Value::from(line), expected);
}

#[test]
fn a_metric_without_a_dimension_counts_as_a_whole() {
    let line = line(|| tracing::info!(target: "metrics", takeovers = 1_u64, "a takeover"));
    assert_eq!(
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
        json!([[]])
    );
}
