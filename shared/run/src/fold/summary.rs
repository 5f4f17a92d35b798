//! What a run came to: totals and sources, folded from its events.

use std::collections::{BTreeMap, BTreeSet};

use super::CallState;
use crate::{
    Attempt, Attempts, Cost, MAX_SOURCES, ModelId, Outcome, Run, Source, Spent, ToolName, Usage,
};

/// What calls of one kind took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub calls: u64,
    pub usage: Usage,
    pub cost: Cost,
    pub duration_ms: u64,
}

impl Tally {
    /// Adds what an attempt took.
    pub fn add(&mut self, spent: Spent) {
        self.usage += spent.usage.unwrap_or_default();
        self.cost += spent.cost.unwrap_or_default();
        self.duration_ms = self.duration_ms.saturating_add(spent.duration_ms);
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

impl Summary {
    /// Adds the attempts at one call: it counts once for each model that was asked.
    fn add(&mut self, attempts: &Attempts) {
        let total = attempts.total();
        self.usage += total.usage.unwrap_or_default();
        self.cost += total.cost.unwrap_or_default();
        let mut asked = BTreeSet::new();
        for Attempt { model, spent, .. } in attempts.ended() {
            if let Some(model) = model {
                let tally = self.by_model.entry(model.clone()).or_default();
                tally.calls += u64::from(asked.insert(model));
                tally.add(*spent);
            }
        }
    }
}

impl CallState {
    /// Pages that it returned, where its tool declares that it does.
    pub fn sources(&self) -> Vec<Source> {
        match (&self.outcome, &self.spec.sources) {
            (Some(Outcome::Object(result)), Some(field)) => Source::listed(result.fields(), field),
            _ => Vec::new(),
        }
    }
}

impl Run {
    /// Totals of all calls that were made, all their attempts together.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for round in &self.rounds {
            summary.add(&round.attempts);
            for call in round.calls.iter().filter(|call| call.was_called()) {
                if call.spec.origin.within().is_none() {
                    summary.tools_used.push(call.spec.tool.clone());
                }
                summary.add(&call.attempts);
                if !call.attempts.ended().is_empty() {
                    let tool = summary.by_tool.entry(call.spec.tool.clone()).or_default();
                    let spent = round.spent(call);
                    if round.is_part_of_tool(call) {
                        let duration_ms = 0;
                        tool.add(Spent {
                            duration_ms,
                            ..spent
                        });
                    } else {
                        tool.calls += 1;
                        tool.add(spent);
                    }
                }
            }
        }
        summary
    }

    /// Pages that tools returned where they declare it, each once, in the order found, then those of the run that this one follows.
    pub fn sources(&self) -> Vec<Source> {
        let mut seen = BTreeSet::new();
        let results = self.rounds.iter().flat_map(|round| &round.calls);
        let found = results.flat_map(CallState::sources);
        let prior = self.start.prior.iter().flat_map(|prior| &prior.sources);
        found
            .chain(prior.cloned())
            .filter(|source| seen.insert(source.url.clone()))
            .take(MAX_SOURCES)
            .collect()
    }
}
