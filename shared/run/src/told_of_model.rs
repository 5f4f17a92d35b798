//! What the orchestrator is told of a model, as a run keeps it.

use serde::{Deserialize, Serialize};

/// What the orchestrator is told of a model's price and speed, in words, as they were when the run began. Every round and every driver tells
/// the same: a prompt that begins as the one before is read from the server's cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldOfModel {
    /// The price of a million input tokens.
    pub input: String,
    /// The price of a million output tokens.
    pub output: String,
    /// How long an answer takes; absent where nobody knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<String>,
}

impl ToldOfModel {
    /// What it takes in the log beside its model's id, in bytes: an upper bound.
    pub const fn bytes(&self) -> usize {
        // Braces, quotes and the names of the fields.
        const AROUND: usize = 64;
        let latency = match &self.latency {
            Some(latency) => latency.len(),
            None => 0,
        };
        AROUND + self.input.len() + self.output.len() + latency
    }
}
