//! Metrics are log lines: CloudWatch reads numbers out of a line that says which of its members are metrics (its Embedded
//! Metric Format). So an event is told once, and each point of a graph can be looked up as a line with its run.
//!
//! An event is such a line when its target is [`TARGET`]. Its numbers are the metrics; the end of a name is the unit. Refuses to
//! know what is measured.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tracing::Event;
use tracing::field::{Field, Visit};

/// Events with this target are metrics.
pub(crate) const TARGET: &str = "metrics";
/// Under which CloudWatch keeps them.
const NAMESPACE: &str = "serverless-llm";
/// Fields by which metrics are told apart. An event without any of them is counted as a whole.
const DIMENSIONS: [&str; 2] = ["model", "tool"];

/// What CloudWatch has to be told of an event; `None` where it is no metric.
pub(crate) fn directive(event: &Event<'_>) -> Option<Value> {
    if event.metadata().target() != TARGET {
        return None;
    }
    let mut found = Found::default();
    event.record(&mut found);
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(json!({
        "Timestamp": u64::try_from(since_1970.as_millis()).ok()?,
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": found.dimensions(),
            "Metrics": found.metrics,
        }],
    }))
}

/// The unit that the end of a metric's name says.
fn unit(name: &str) -> &'static str {
    if name.ends_with("_ms") {
        "Milliseconds"
    } else if name.ends_with("_percent") {
        "Percent"
    } else if name.ends_with("_usd") {
        "None"
    } else {
        "Count"
    }
}

#[derive(Default)]
struct Found {
    metrics: Vec<Value>,
    dimensions: Vec<&'static str>,
}

impl Found {
    /// Each dimension by itself: pairs of them would make as many metrics as there are pairs.
    fn dimensions(&self) -> Vec<Vec<&'static str>> {
        if self.dimensions.is_empty() {
            return vec![Vec::new()];
        }
        self.dimensions.iter().map(|name| vec![*name]).collect()
    }

    fn number(&mut self, field: &Field) {
        let name = field.name();
        self.metrics.push(json!({"Name": name, "Unit": unit(name)}));
    }

    fn text(&mut self, field: &Field) {
        if DIMENSIONS.contains(&field.name()) {
            self.dimensions.push(field.name());
        }
    }
}

impl Visit for Found {
    fn record_f64(&mut self, field: &Field, _value: f64) {
        self.number(field);
    }

    fn record_i64(&mut self, field: &Field, _value: i64) {
        self.number(field);
    }

    fn record_u64(&mut self, field: &Field, _value: u64) {
        self.number(field);
    }

    fn record_str(&mut self, field: &Field, _value: &str) {
        self.text(field);
    }

    fn record_debug(&mut self, field: &Field, _value: &dyn std::fmt::Debug) {
        self.text(field);
    }
}
