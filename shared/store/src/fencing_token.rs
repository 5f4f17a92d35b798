//! Who writes a run: the epoch, which rises with each takeover, and a name that no other writer has.

use std::sync::atomic::{AtomicU64, Ordering};

use run::{Epoch, RunId};
use ulid::Ulid;

/// One driver's right to write a run, as every item that it writes names it: a higher epoch ends it.
#[derive(Debug)]
pub struct FencingToken {
    pub run_id: RunId,
    pub epoch: Epoch,
    pub(crate) writer: String,
    writes: AtomicU64,
    /// When all items of a run that nobody is to keep expire, in seconds since 1970.
    pub expires_at: Option<u64>,
}

impl FencingToken {
    /// A token of a writer with a fresh random name.
    pub fn new(run_id: RunId, epoch: Epoch) -> Self {
        Self {
            run_id,
            epoch,
            writer: Ulid::generate().to_string(),
            writes: AtomicU64::new(0),
            expires_at: None,
        }
    }

    /// The same, for items that expire then, in seconds since 1970.
    pub(crate) fn until(self, expires_at: Option<u64>) -> Self {
        Self { expires_at, ..self }
    }

    /// A name for one write: finding it in the table means that this write took effect, even if its answer was lost.
    pub(crate) fn next_write_id(&self) -> String {
        self.writes.fetch_add(1, Ordering::Relaxed).to_string()
    }
}
