//! Files that tools made, as the results of their calls list them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Outcome, Run, ToolName};

/// Where a result lists the files that came with it.
pub const ARTIFACTS: &str = "artifacts";

/// A file in a tool's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactEntry {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// Which of the run's files of this name it is; `None` where it could not be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Why it was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl ArtifactEntry {
    /// The files that a result lists, as far as they can be read.
    pub fn of_result(result: &Map<String, Value>) -> Vec<Self> {
        let entries = result.get(ARTIFACTS).and_then(Value::as_array);
        entries
            .into_iter()
            .flatten()
            .filter_map(|entry| Self::deserialize(entry).ok())
            .collect()
    }
}

impl Run {
    /// The files that a tool has made before a round, the newest of each name, as a pair of name and version.
    pub fn files_of(&self, tool: &ToolName, before_round: u32) -> Vec<(String, String)> {
        let mut newest = BTreeMap::new();
        let rounds = self.rounds.iter();
        for round in rounds.take_while(|round| round.number < before_round) {
            for call in round.calls.iter().filter(|call| call.call.tool == *tool) {
                let Some(Outcome::Object(result)) =
                    call.result.as_ref().map(|result| &result.outcome)
                else {
                    continue;
                };
                for entry in ArtifactEntry::of_result(result) {
                    if let Some(version) = entry.version {
                        newest.insert(entry.name, version);
                    }
                }
            }
        }
        newest.into_iter().collect()
    }
}
