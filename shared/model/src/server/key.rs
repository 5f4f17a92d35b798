//! What shows a server who asks: a key that can be renewed.

use std::sync::{Arc, PoisonError, RwLock};

use secret::Secret;

/// A key. Clones share it, so that one that was renewed is sent by whoever asks the server from then on.
#[derive(Clone)]
pub(super) struct Key(Arc<RwLock<Keys>>);

#[derive(Clone, Default)]
struct Keys {
    current: Option<Secret>,
    /// The one before: an answer to a question that was sent with it may still come, and repeat it.
    former: Option<Secret>,
    renewals: u64,
}

impl Key {
    pub(super) fn new(key: Option<String>) -> Self {
        let current = key.and_then(|key| bare(&key));
        Self(Arc::new(RwLock::new(Keys {
            current,
            ..Keys::default()
        })))
    }

    pub(super) fn current(&self) -> Option<Secret> {
        self.keys().current
    }

    /// All that may stand in what a server says.
    pub(super) fn told(&self) -> impl Iterator<Item = Secret> {
        let keys = self.keys();
        keys.current.into_iter().chain(keys.former)
    }

    /// How often it has changed.
    pub(super) fn renewals(&self) -> u64 {
        self.keys().renewals
    }

    /// Puts another in its place, where it is another.
    pub(super) fn renew(&self, key: &str) {
        let Some(key) = bare(key) else {
            return;
        };
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if keys.current.as_ref() != Some(&key) {
            keys.former = keys.current.replace(key);
            keys.renewals += 1;
        }
    }

    fn keys(&self) -> Keys {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }
}

/// A key without what is pasted around it; `None` where nothing is left.
fn bare(key: &str) -> Option<Secret> {
    let marks = |c: char| c.is_whitespace() || ['"', '\'', '`'].contains(&c);
    let key = key.trim_matches(marks);
    let key = key.strip_prefix("Bearer ").unwrap_or(key).trim();
    (!key.is_empty()).then(|| Secret::new(key))
}
