//! What was found a short while ago, so that the same question does not go out twice. Failures are never kept.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

const FRESH: Duration = Duration::from_mins(10);
const MAX_ENTRIES: usize = 128;

/// The last findings, by query. Time is an argument.
#[derive(Debug)]
pub struct Cache<T> {
    /// The oldest first.
    entries: VecDeque<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    query: String,
    found: T,
    at: SystemTime,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
        }
    }
}

impl<T: Clone> Cache<T> {
    /// What was found for exactly this query, unless it is too old, or of a time that the clock was set back from.
    pub fn get(&self, query: &str, now: SystemTime) -> Option<T> {
        let entry = self.entries.iter().find(|entry| entry.query == query)?;
        let age = now.duration_since(entry.at).ok()?;
        (age < FRESH).then(|| entry.found.clone())
    }

    pub fn put(&mut self, query: &str, found: T, now: SystemTime) {
        self.entries.retain(|entry| entry.query != query);
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            query: query.to_owned(),
            found,
            at: now,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn what_was_found_is_known_for_ten_minutes_and_replaced_by_what_is_found_later() {
        let mut cache = Cache::default();
        let second = Duration::from_secs(1);
        cache.put("rust", 1, NOON + second);
        assert_eq!(cache.get("rust", NOON + 600 * second), Some(1));
        assert_eq!(cache.get("rust", NOON + 601 * second), None);
        assert_eq!(cache.get("rust", NOON), None);
        assert_eq!(cache.get("Rust", NOON + second), None);
        cache.put("rust", 2, NOON + 700 * second);
        assert_eq!(cache.get("rust", NOON + 700 * second), Some(2));
    }

    #[test]
    fn the_oldest_goes_where_there_is_no_room() {
        let mut cache = Cache::default();
        for at in 0..=MAX_ENTRIES {
            cache.put(&at.to_string(), at, NOON);
        }
        assert_eq!(cache.entries.len(), MAX_ENTRIES);
        assert_eq!(cache.get("0", NOON), None);
        assert_eq!(cache.get("1", NOON), Some(1));
    }
}
