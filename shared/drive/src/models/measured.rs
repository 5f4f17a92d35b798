//! What calls of models have taken lately: as the table had it when it was last read, with what this process has measured since.

use std::collections::BTreeMap;
use std::time::Duration;

use run::ModelId;
use store::{Hour, Measure};
use tokio::time::Instant;

/// From one read of the table to the next at least.
const READ_EVERY: Duration = Duration::from_mins(1);
/// Fewer calls than these tell nothing.
const ENOUGH: u64 = 5;

/// What a process has measured, by model and hour.
pub(crate) type ByHour = BTreeMap<(ModelId, Hour), Measure>;

/// What calls of models have taken in this hour and the one before. It has no clock: times come in.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    read: BTreeMap<ModelId, Measure>,
    /// The hour in which it was read.
    read_in: Option<Hour>,
    /// When a read was last begun.
    read_at: Option<Instant>,
    /// What has not been written.
    unwritten: ByHour,
    /// What has been written since the table was last read.
    written: ByHour,
}

impl Measured {
    /// Notes what a call of a model has taken.
    pub(crate) fn note(&mut self, id: &ModelId, took: &Measure, now_ms: u64) {
        let hour = Hour::of(now_ms);
        self.unwritten.retain(|(_, of), _| of.is_next_to(hour));
        self.written.retain(|(_, of), _| of.is_next_to(hour));
        add(&mut self.unwritten, (id.clone(), hour), took);
    }

    /// What is to be added to the table. It counts as written from here on, whatever comes of it.
    pub(crate) fn take_unwritten(&mut self) -> ByHour {
        let taken = std::mem::take(&mut self.unwritten);
        for (key, measure) in &taken {
            add(&mut self.written, key.clone(), measure);
        }
        taken
    }

    /// Whether the table is to be read now. Whoever is told so reads it.
    pub(crate) fn begin_read(&mut self, now: Instant) -> bool {
        let read_at = self.read_at;
        let is_due = read_at.is_none_or(|at| now.saturating_duration_since(at) >= READ_EVERY);
        if is_due {
            self.read_at = Some(now);
        }
        is_due
    }

    /// What the table has of all models. What has been written before is in it.
    pub(crate) fn end_read(&mut self, read: BTreeMap<ModelId, Measure>, now_ms: u64) {
        self.written.clear();
        self.read = read;
        self.read_in = Some(Hour::of(now_ms));
    }

    fn of(&self, id: &ModelId, now_ms: u64) -> Measure {
        let hour = Hour::of(now_ms);
        let is_of_late = self.read_in.is_some_and(|it| it.is_next_to(hour));
        let read = self.read.get(id).filter(|_| is_of_late);
        let mut sum = read.cloned().unwrap_or_default();
        for ((of, at), measure) in self.written.iter().chain(&self.unwritten) {
            if of == id && at.is_next_to(hour) {
                sum.add(measure);
            }
        }
        sum
    }

    /// How long an answer of a model takes: as half of its calls do, of five at least, else as the catalogue says. `None` where neither
    /// is known, and where half of its calls fail.
    pub(crate) fn takes_ms(
        &self,
        id: &ModelId,
        typical_ms: Option<u64>,
        now_ms: u64,
    ) -> Option<u64> {
        let measure = self.of(id, now_ms);
        if measure.calls >= ENOUGH && measure.is_failing() {
            return None;
        }
        let known = measure.median_ms();
        let known = known.filter(|_| measure.whole.count() >= ENOUGH);
        known.or(typical_ms)
    }

    /// The same, where any call that was measured tells more than nothing: for the order of models.
    pub(crate) fn likely_takes_ms(
        &self,
        id: &ModelId,
        typical_ms: Option<u64>,
        now_ms: u64,
    ) -> Option<u64> {
        let measure = self.of(id, now_ms);
        let takes_ms = self.takes_ms(id, typical_ms, now_ms);
        takes_ms.or_else(|| measure.median_ms())
    }

    /// The longest that replies of a model took to begin, of five at least.
    pub(crate) fn slowest_first_token(&self, id: &ModelId, now_ms: u64) -> Option<Duration> {
        let times = self.of(id, now_ms).first_token;
        let longest = times.longest_ms().filter(|_| times.count() >= ENOUGH);
        longest.map(Duration::from_millis)
    }
}

fn add(sums: &mut ByHour, key: (ModelId, Hour), measure: &Measure) {
    sums.entry(key).or_default().add(measure);
}

#[cfg(test)]
mod tests;
