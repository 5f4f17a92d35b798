//! What a run came to: totals and sources, folded from its events.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Cost, MAX_SOURCES, ModelId, Outcome, Run, ToolName, Usage};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Completed,
    Failed,
    Cancelled,
    OutOfRounds,
}

impl Status {
    /// As it stands on the wire and in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::OutOfRounds => "out_of_rounds",
        }
    }
}

/// What calls of one kind took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub calls: u64,
    pub usage: Usage,
    pub cost: Cost,
    pub duration_ms: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, usage: Usage, cost: Cost, duration_ms: u64) {
        self.calls += 1;
        self.usage += usage;
        self.cost += cost;
        self.duration_ms = self.duration_ms.saturating_add(duration_ms);
    }
}

/// The totals of a run so far, or of a finished one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Names in the order of the calls; calls that were never made are left out.
    pub tools_used: Vec<ToolName>,
    pub usage: Usage,
    pub cost: Cost,
    pub by_model: BTreeMap<ModelId, Tally>,
    pub by_tool: BTreeMap<ToolName, Tally>,
}

/// A page that the run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub title: String,
    pub url: String,
}

impl Run {
    /// Totals of all calls that were made.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary {
            by_model: self.orchestrator_tally.clone(),
            ..Summary::default()
        };
        for tally in summary.by_model.values() {
            summary.usage += tally.usage;
            summary.cost += tally.cost;
        }
        for call in self.rounds.iter().flat_map(|round| &round.calls) {
            if !call.counts() {
                continue;
            }
            summary.tools_used.push(call.call.tool.clone());
            let Some(result) = &call.result else { continue };
            let usage = result.usage.unwrap_or_default();
            let cost = result.cost.unwrap_or_default();
            summary.usage += usage;
            summary.cost += cost;
            let tool = summary.by_tool.entry(call.call.tool.clone()).or_default();
            tool.add(usage, cost, result.duration_ms);
            if let Some(model) = &call.call.model {
                let model = summary.by_model.entry(model.clone()).or_default();
                model.add(usage, cost, result.duration_ms);
            }
        }
        summary
    }

    /// Pages that tools returned under `results`, each once, in the order found, then those of the run that this one follows.
    pub fn sources(&self) -> Vec<Source> {
        let mut seen = BTreeSet::new();
        let results = self.rounds.iter().flat_map(|round| &round.calls);
        let found = results
            .filter_map(|call| match &call.result.as_ref()?.outcome {
                Outcome::Object(result) => result.get("results")?.as_array(),
                Outcome::Text { .. } | Outcome::Failed { .. } | Outcome::NotRun { .. } => None,
            })
            .flatten()
            .filter_map(|found| serde_json::from_value::<Source>(found.clone()).ok())
            .filter(|source| is_web_address(&source.url));
        let prior = self.start.prior.iter().flat_map(|prior| &prior.sources);
        found
            .chain(prior.cloned())
            .filter(|source| seen.insert(source.url.clone()))
            .take(MAX_SOURCES)
            .collect()
    }
}

fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
