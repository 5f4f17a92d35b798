//! `serverless-llm runs …`: the real binary reads the table beside a stack, without one, and elsewhere.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod beside_a_stack;
mod elsewhere;
mod for_people;
mod refusals;
mod without_a_stack;

use serde_json::{Value, json};
use tests::story::Told;

/// The events of a run with their ids, as the commands print them.
fn lines_of(told: &Told) -> Vec<Value> {
    let lines = told.stored().into_iter().map(|frame| {
        let mut line = json!({"id": frame.id});
        let fields = frame.data.as_object().unwrap().clone();
        line.as_object_mut().unwrap().extend(fields);
        line
    });
    lines.collect()
}

fn parsed(lines: &str) -> Vec<Value> {
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
