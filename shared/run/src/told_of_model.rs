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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_no_more_than_is_said_and_each_letter_counts() {
        let told = |latency: Option<&str>| ToldOfModel {
            input: "$0.20".to_owned(),
            output: "$0.4000".to_owned(),
            latency: latency.map(str::to_owned),
        };
        for (told, bytes) in [(told(None), 64 + 12), (told(Some("about 9 s")), 64 + 21)] {
            assert_eq!(told.bytes(), bytes);
            assert!(serde_json::to_string(&told).unwrap().len() <= bytes);
        }
    }
}
