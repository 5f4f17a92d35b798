//! Which models were asked for a call, one in the place of the other, and which of them took what.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tally::{Tally, table};

/// Why a decision is asked for again of the model that was asked.
const OF_THE_SAME: [&str; 8] = [
    "what was written so far was thinking",
    "each piece of the text",
    "the model is asked again",
    "the model is being loaded",
    "its server has said nothing yet",
    "the driver of this run",
    "the run goes on",
    "the function's time",
];

#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Attempts that were given up, by call: whom they asked, and what they took.
    ended: BTreeMap<String, Vec<(String, Tally)>>,
    /// A call was asked of several models: how long each took is not told.
    is_mixed: bool,
    /// A decision was: who was asked first is not told either.
    is_vague: bool,
    /// Nor is how long one took that came to nothing.
    is_timeless: bool,
}

impl Asked {
    pub(super) fn end(&mut self, call: &str, model: Option<&str>, data: &Value) {
        let Some(model) = model else {
            return;
        };
        self.is_mixed |= data["model"] != model;
        let ended = self.ended.entry(call.to_owned()).or_default();
        ended.push((model.to_owned(), Tally::read(data)));
    }

    /// The first model that a decision was asked of is not told: whether another was asked is known where the reason says so.
    pub(super) fn end_decision(&mut self, data: &Value) {
        let reason = data["reason"].as_str().unwrap();
        self.is_vague |= !OF_THE_SAME.iter().any(|same| reason.starts_with(same));
    }

    /// Whether the stream leaves open which model took what.
    pub(super) const fn is_open(&self) -> bool {
        self.is_vague || self.is_mixed
    }

    /// A decision of several came to nothing.
    pub(super) const fn came_to_nothing(&mut self) {
        self.is_timeless = true;
    }

    /// What a call took, shared out among the models that were asked for it; the last one has the time of all.
    pub(super) fn share(&mut self, call: &str, last: &str, took: &Tally) -> Vec<(String, Tally)> {
        let ended = self.ended.remove(call).unwrap_or_default();
        let mut rest = took.clone();
        let mut shares = Vec::new();
        for (model, took) in ended {
            let took = took.of_attempt();
            let left = rest.without(&took);
            rest = left.unwrap_or_else(|| panic!("all attempts together: {call}"));
            shares.push((model, took));
        }
        shares.push((last.to_owned(), rest));
        shares
    }

    /// The rows of a summary, as far as they are told by the stream; the others as they are.
    pub(super) fn known(&self, told: &BTreeMap<String, Tally>, summary: &Value) -> Value {
        let expected = table(told);
        if !self.is_open() {
            return expected;
        }
        let rows = |table: &Value| table.as_object().unwrap().clone();
        let sum =
            |table: &Value, read: fn(&Value) -> f64| rows(table).values().map(read).sum::<f64>();
        let fields: [fn(&Value) -> f64; 4] = [
            |row| row["usage"]["input_tokens"].as_f64().unwrap(),
            |row| row["usage"]["output_tokens"].as_f64().unwrap(),
            |row| (row["cost_usd"].as_f64().unwrap() * 1e9).round(),
            |row| row["duration_ms"].as_f64().unwrap(),
        ];
        let compared = if self.is_timeless { 3 } else { 4 };
        for field in fields.into_iter().take(compared) {
            let (told, summed) = (sum(&expected, field), sum(summary, field));
            assert!((told - summed).abs() < 0.5, "{expected} {summary}");
        }
        if !self.is_vague {
            for (model, row) in rows(&expected) {
                for field in &fields[..3] {
                    let summed = summary.get(&model).map_or(0.0, field);
                    assert!(
                        (field(&row) - summed).abs() < 0.5,
                        "{model}: {expected} {summary}"
                    );
                }
            }
        }
        summary.clone()
    }
}
