//! Looking up access keys in the table: at most once a minute for each key in each process, so a key that is revoked opens nothing after
//! a minute. What the table does not know is remembered as long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use drive::now_ms;
use store::{AccessKey, KeyHash, Store, StoreError};
use tokio::time::Instant;

/// How long a process believes what it has read.
const BELIEVED: Duration = Duration::from_mins(1);
/// Most keys that a process remembers, guessed ones among them.
const MOST: usize = 1024;

/// What this process knows of keys.
#[derive(Debug, Default)]
pub(super) struct KnownKeys(Mutex<HashMap<KeyHash, Arc<Known>>>);

/// Who asks for a key while it is read waits for that read.
type Known = tokio::sync::Mutex<Option<Answer>>;

/// What the table said of a key.
#[derive(Debug)]
struct Answer {
    read_at: Instant,
    key: Option<Arc<AccessKey>>,
}

impl Answer {
    fn is_believed(&self) -> bool {
        self.read_at.elapsed() < BELIEVED
    }
}

impl KnownKeys {
    /// The key of this hash, if there is one that is not revoked.
    ///
    /// # Errors
    /// The table cannot be used: nobody is let in then whose key was not read within the last minute.
    pub(super) async fn find(
        &self,
        store: &Store,
        hash: KeyHash,
    ) -> Result<Option<Arc<AccessKey>>, StoreError> {
        let known = self.entry(hash.clone());
        let mut known = known.lock().await;
        if let Some(answer) = known.as_ref().filter(|answer| answer.is_believed()) {
            return Ok(answer.key.clone());
        }
        let read_at = Instant::now();
        let key = Box::pin(store.access_key(&hash)).await?;
        let now = now_ms();
        let opens = |key: &AccessKey| key.revoked_at_ms.is_none_or(|at_ms| at_ms > now);
        let key = key.filter(opens).map(Arc::new);
        *known = Some(Answer {
            read_at,
            key: key.clone(),
        });
        Ok(key)
    }

    fn entry(&self, hash: KeyHash) -> Arc<Known> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&hash) {
            // Guesses go first, then everything.
            known.retain(|_, known| known.try_lock().map_or(true, |it| is_of_use(it.as_ref())));
            if known.len() >= MOST {
                known.clear();
            }
        }
        Arc::clone(known.entry(hash).or_default())
    }
}

fn is_of_use(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|answer| answer.key.is_some() && answer.is_believed())
}
