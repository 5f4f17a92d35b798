//! Who was asked: models and tools that count.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Who was asked what, in order.
#[derive(Clone, Debug, Default)]
pub struct Cast(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    models: Vec<String>,
    tools: Vec<(String, String)>,
}

impl Cast {
    /// How often each request of a model was made.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        count(self.0.lock().unwrap().models.iter().cloned())
    }

    /// How often each tool was called under each idempotency key.
    pub fn invoked(&self) -> BTreeMap<(String, String), usize> {
        count(self.0.lock().unwrap().tools.iter().cloned())
    }

    pub(super) fn ask(&self, model: &str) {
        self.0.lock().unwrap().models.push(model.to_owned());
    }

    pub(super) fn invoke(&self, tool: &str, key: String) {
        self.0.lock().unwrap().tools.push((tool.to_owned(), key));
    }

    /// Forgets what was heard, for the next run.
    pub fn clear(&self) {
        *self.0.lock().unwrap() = Heard::default();
    }
}

fn count<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for it in all {
        *counts.entry(it).or_default() += 1;
    }
    counts
}
