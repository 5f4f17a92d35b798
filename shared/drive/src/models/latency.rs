//! How long models have taken to answer in this process, lately.

use std::collections::BTreeMap;
use std::time::Duration;

use run::ModelId;

use crate::clock::millis;

/// Whole answers by model, in milliseconds: the newest counts a quarter.
#[derive(Debug, Default)]
pub(crate) struct Latencies(BTreeMap<ModelId, u64>);

impl Latencies {
    pub(crate) fn note(&mut self, id: &ModelId, took: Duration) {
        let took = millis(took);
        let known = self.0.entry(id.clone()).or_insert(took);
        *known = (known.saturating_mul(3).saturating_add(took)) / 4;
    }

    /// About how long a model takes, in milliseconds; `None` where it has not answered yet.
    pub(crate) fn of(&self, id: &ModelId) -> Option<u64> {
        self.0.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_answers_count_most_and_one_alone_is_all_that_is_known() {
        let id = ModelId::new("qwen");
        let mut latencies = Latencies::default();
        assert_eq!(latencies.of(&id), None);
        latencies.note(&id, Duration::from_millis(800));
        assert_eq!(latencies.of(&id), Some(800));
        latencies.note(&id, Duration::from_millis(400));
        assert_eq!(latencies.of(&id), Some(700));
        assert_eq!(latencies.of(&ModelId::new("phi")), None);
    }
}
