//! Totals as they go out.

use std::collections::BTreeMap;

use run::{ModelId, Run, Tally, ToolName, Usage, by_key};
use serde::Serialize;

use super::status;

/// Totals of a run.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    pub status: &'static str,
    total_rounds: usize,
    tools_used: Vec<ToolName>,
    final_answer: Option<&'a str>,
    pub duration_ms: u64,
    pub usage: Usage,
    pub cost_usd: f64,
    by_model: BTreeMap<ModelId, WireTally>,
    by_tool: BTreeMap<ToolName, WireTally>,
    resumed: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct WireTally {
    calls: u64,
    usage: Usage,
    cost_usd: f64,
    duration_ms: u64,
}

impl<'a> Summary<'a> {
    pub(super) fn of(run: &'a Run, duration_ms: u64) -> Self {
        let totals = run.summary();
        Self {
            status: status(run),
            total_rounds: run.rounds.len(),
            tools_used: totals.tools_used,
            final_answer: run.answer(),
            duration_ms,
            usage: totals.usage,
            cost_usd: totals.cost.usd(),
            by_model: tallies(totals.by_model),
            by_tool: tallies(totals.by_tool),
            resumed: run.resumed,
        }
    }
}

pub(super) fn tallies<K: Ord>(tallies: BTreeMap<K, Tally>) -> BTreeMap<K, WireTally> {
    let wire = |tally: Tally| WireTally {
        calls: tally.calls,
        usage: tally.usage,
        cost_usd: tally.cost.usd(),
        duration_ms: tally.duration_ms,
    };
    by_key(tallies.into_iter().map(|(key, tally)| (key, wire(tally))))
}
