//! Titles of runs: the beginning of the question, until somebody gives another.

use run::RunId;

use crate::guarded::{Guard, Guarded, HeadChange};
use crate::head::{OWNER, TITLE};
use crate::{Store, StoreError, item};

/// Longest title, in Unicode scalar values.
pub const MAX_TITLE_CHARS: usize = 120;

impl Store {
    /// Gives a run another title, on one line, whether it has ended or not; false when it is gone.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn rename(&self, run_id: RunId, title: &str) -> Result<bool, StoreError> {
        let change = HeadChange {
            set: &[(TITLE, item::text(on_one_line(title)))],
            remove: &[],
            only_if: &[Guard::Has(OWNER)],
        };
        match self.update_head("rename a run", run_id, change).await? {
            Guarded::Done => Ok(true),
            Guarded::Refused(_) => Ok(false),
        }
    }
}

/// The text on one line, cut to the longest title.
pub(crate) fn on_one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TITLE_CHARS) {
        Some((end, _)) => {
            let cut = line[..end].char_indices().next_back();
            format!("{}…", cut.map_or("", |(at, _)| &line[..at]))
        }
        None => line,
    }
}
