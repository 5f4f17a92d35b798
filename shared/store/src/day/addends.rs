//! What is added to a day, by the name of the attribute.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use run::{Cost, ModelId, Status, Summary, Tally, Usage};

use super::figures::{
    CACHED_INPUT_TOKENS, CALLS, COMMITTED_NANO_USD, COST_NANO_USD, DURATION_MS, ESTIMATED,
    INPUT_TOKENS, JOINED, MODEL, OUTPUT_TOKENS, RATING, STATUS, TASKS, TOOL,
};
use crate::rating::Rating;

/// Models that one run adds under their own names, and tools: an update may have 4 KB, and each name takes seven of its parts.
const MAX_NAMES: usize = 24;
/// What the models and tools beyond them are added to.
const OTHERS: &str = "(others)";

/// What is added to a day.
#[derive(Debug, Default)]
pub(crate) struct Addends(pub(super) BTreeMap<String, i128>);

impl Addends {
    pub(crate) fn of_run(status: Status, summary: &Summary) -> Self {
        let mut addends = Self::default();
        addends.add(format!("{STATUS}#{}", status.as_str()), 1);
        for (figure, value) in figures(summary.usage, summary.cost) {
            addends.add(figure.to_owned(), value.into());
        }
        addends.add_tallies(
            MODEL,
            summary.by_model.iter().map(|(id, it)| (id.as_str(), it)),
        );
        addends.add_tallies(
            TOOL,
            summary.by_tool.iter().map(|(name, it)| (name.as_str(), it)),
        );
        addends
    }

    /// A run that is rated so now, and was rated otherwise before or not at all.
    pub(crate) fn of_rating(before: Option<Rating>, now: Rating) -> Self {
        let mut addends = Self::default();
        addends.add(format!("{RATING}#{}", now.as_str()), 1);
        if let Some(before) = before {
            addends.add(format!("{RATING}#{}", before.as_str()), -1);
        }
        addends.0.retain(|_, addend| *addend != 0);
        addends
    }

    /// A request that was answered by asking a model, or several until one answered.
    pub(crate) fn of_task(by_model: &BTreeMap<ModelId, Tally>) -> Self {
        let mut addends = Self::default();
        addends.add(TASKS.to_owned(), 1);
        for tally in by_model.values() {
            for (figure, value) in figures(tally.usage, tally.cost) {
                addends.add(figure.to_owned(), value.into());
            }
        }
        addends.add_tallies(MODEL, by_model.iter().map(|(id, it)| (id.as_str(), it)));
        addends
    }

    /// A request that joined a run.
    pub(super) fn of_repeat() -> Self {
        let mut addends = Self::default();
        addends.add(JOINED.to_owned(), 1);
        addends
    }

    /// What is set aside for a run.
    pub(crate) fn of_reservation(reserved: Cost) -> Self {
        let mut addends = Self::default();
        addends.add(COMMITTED_NANO_USD.to_owned(), reserved.nano_usd.into());
        addends
    }

    /// The end of a run for which this was set aside, by what it cost.
    pub(crate) fn settle(mut self, reserved: Option<Cost>, cost: Cost) -> Self {
        let reserved = reserved.unwrap_or_default();
        let more = i128::from(cost.nano_usd) - i128::from(reserved.nano_usd);
        self.add(COMMITTED_NANO_USD.to_owned(), more);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add_tallies<'a>(&mut self, kind: &str, tallies: impl Iterator<Item = (&'a str, &'a Tally)>) {
        for (place, (name, tally)) in tallies.enumerate() {
            let name = if place < MAX_NAMES { name } else { OTHERS };
            let counted = [(CALLS, tally.calls), (DURATION_MS, tally.duration_ms)];
            for (figure, value) in figures(tally.usage, tally.cost).into_iter().chain(counted) {
                self.add(format!("{kind}#{name}#{figure}"), value.into());
            }
        }
    }

    fn add(&mut self, name: String, addend: i128) {
        match self.0.entry(name) {
            Entry::Occupied(mut sum) => *sum.get_mut() += addend,
            Entry::Vacant(_) if addend == 0 => {}
            Entry::Vacant(place) => {
                place.insert(addend);
            }
        }
    }
}

fn figures(usage: Usage, cost: Cost) -> [(&'static str, u64); 5] {
    [
        (INPUT_TOKENS, usage.input_tokens),
        (OUTPUT_TOKENS, usage.output_tokens),
        (CACHED_INPUT_TOKENS, usage.cached_input_tokens),
        (ESTIMATED, u64::from(usage.estimated)),
        (COST_NANO_USD, cost.nano_usd),
    ]
}
