//! Who was asked: models and tools that count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Who was asked what, in order.
#[derive(Clone, Debug, Default)]
pub struct Cast(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    /// With the body of the request.
    models: Vec<(String, String)>,
    tools: Vec<(String, String)>,
}

impl Cast {
    /// How often each request of a model was made.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        let heard = self.0.lock().unwrap();
        count(heard.models.iter().map(|(model, _)| model.clone()))
    }

    /// The different bodies of each request of a model.
    pub fn bodies(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut bodies = BTreeMap::<_, BTreeSet<_>>::new();
        for (model, body) in &self.0.lock().unwrap().models {
            bodies
                .entry(model.clone())
                .or_default()
                .insert(body.clone());
        }
        bodies
    }

    /// How often each tool was called under each idempotency key.
    pub fn invoked(&self) -> BTreeMap<(String, String), usize> {
        count(self.0.lock().unwrap().tools.iter().cloned())
    }

    pub(super) fn ask(&self, model: &str, body: String) {
        let asked = (model.to_owned(), body);
        self.0.lock().unwrap().models.push(asked);
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
