//! The catalogues of runs: the operator's, with the tools that servers listed when the run began.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::Catalog;
use run::ListedTool;

/// Catalogues that a process keeps: of runs that began with other lists than the newest there are few.
const MAX_KEPT: usize = 8;

/// Catalogues of runs, each made once for all runs that began with the same lists.
#[derive(Debug, Default)]
pub(crate) struct RunCatalogs {
    /// The newest last.
    kept: Mutex<VecDeque<(Vec<ListedTool>, Arc<Catalog>)>>,
}

impl RunCatalogs {
    pub(crate) fn of(&self, base: &Arc<Catalog>, listed: &[ListedTool]) -> Arc<Catalog> {
        if listed.is_empty() && base.mcp_servers.is_empty() {
            return Arc::clone(base);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = kept.iter().find(|(of, _)| of == listed) {
            return Arc::clone(known);
        }
        if kept.len() == MAX_KEPT {
            kept.pop_front();
        }
        let made = Arc::new(base.with_listed(listed));
        kept.push_back((listed.to_vec(), Arc::clone(&made)));
        made
    }
}
