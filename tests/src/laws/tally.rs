//! Sums of what calls took, to hold a summary against.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::number;

#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    calls: u64,
    input: u64,
    output: u64,
    cached: u64,
    estimated: bool,
    nano_usd: u64,
    duration_ms: u64,
}

impl Tally {
    /// Reads `usage`, `cost_usd` and `duration_ms`; tools that have none of the first two count nothing there.
    pub(super) fn read(data: &Value) -> Self {
        let cost = data["cost_usd"].as_f64().unwrap_or(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "costs of a test are small and positive"
        )]
        let nano_usd = (cost * 1e9).round() as u64;
        Self {
            calls: 1,
            input: data["usage"]["input_tokens"].as_u64().unwrap_or(0),
            output: data["usage"]["output_tokens"].as_u64().unwrap_or(0),
            cached: data["usage"]["cached_input_tokens"].as_u64().unwrap_or(0),
            estimated: data["usage"]["estimated"].as_bool().unwrap_or(false),
            nano_usd,
            duration_ms: data["duration_ms"].as_u64().unwrap_or(0),
        }
    }

    pub(super) const fn add(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.input += other.input;
        self.output += other.output;
        self.cached += other.cached;
        self.estimated |= other.estimated;
        self.nano_usd += other.nano_usd;
        self.duration_ms += other.duration_ms;
    }

    /// The same for the tool that an inner step is part of: its call is counted where that ends, and lasts for all of its steps.
    pub(super) const fn of_step(mut self) -> Self {
        self.calls = 0;
        self.duration_ms = 0;
        self
    }

    /// The same for an attempt that was given up: its call is counted, with the time of all attempts, where that ends.
    pub(super) const fn of_attempt(mut self) -> Self {
        self.calls = 0;
        self.duration_ms = 0;
        self
    }

    /// Whether the tokens and the cost of this are those of the other, or more.
    pub(super) const fn holds(&self, other: &Self) -> bool {
        self.input >= other.input && self.output >= other.output && self.nano_usd >= other.nano_usd
    }

    pub(super) const fn is_one_call(&self) -> bool {
        self.calls == 1
    }

    /// The totals of a summary, but for their calls and times.
    pub(super) fn of_summary(summary: &Value) -> Self {
        Self {
            calls: u64::MAX,
            duration_ms: u64::MAX,
            ..Self::read(summary)
        }
    }

    /// A row of a summary's table.
    pub(super) fn of_row(row: &Value) -> Self {
        Self {
            calls: number(&row["calls"]),
            ..Self::read(row)
        }
    }

    /// What is left without the other; none where that is more.
    pub(super) fn without(&self, other: &Self) -> Option<Self> {
        Some(Self {
            calls: self.calls.checked_sub(other.calls)?,
            input: self.input.checked_sub(other.input)?,
            output: self.output.checked_sub(other.output)?,
            cached: self.cached.checked_sub(other.cached)?,
            estimated: self.estimated,
            nano_usd: self.nano_usd.checked_sub(other.nano_usd)?,
            duration_ms: self.duration_ms.checked_sub(other.duration_ms)?,
        })
    }

    pub(super) fn usage(&self) -> Value {
        json!({
            "input_tokens": self.input, "output_tokens": self.output,
            "cached_input_tokens": self.cached, "estimated": self.estimated,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "costs of a test are small")]
    pub(super) fn usd(&self) -> f64 {
        self.nano_usd as f64 / 1e9
    }
}

pub(super) fn table(tallies: &BTreeMap<String, Tally>) -> Value {
    let rows = tallies.iter().map(|(name, tally)| {
        let row = json!({
            "calls": tally.calls, "usage": tally.usage(), "cost_usd": tally.usd(),
            "duration_ms": tally.duration_ms,
        });
        (name.clone(), row)
    });
    Value::Object(rows.collect())
}
