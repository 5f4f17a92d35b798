//! Counts who follows a run, so that nobody can make this process read the table without bound. In AWS
//! each process counts its own: what bounds them together is the function's concurrency.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use run::RunId;

/// Tails of one run in this process.
pub(crate) const MAX_TAILS: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Tails {
    watched: Mutex<HashMap<RunId, usize>>,
}

/// The right to follow a run; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    tails: Arc<Tails>,
    run_id: RunId,
}

impl Tails {
    /// One more watcher, if there is room.
    pub(crate) fn enter(self: &Arc<Self>, run_id: RunId) -> Option<Ticket> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let count = watched.entry(run_id).or_default();
        if *count >= MAX_TAILS {
            return None;
        }
        *count += 1;
        Some(Ticket {
            tails: Arc::clone(self),
            run_id,
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut watched = self
            .tails
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = watched.get_mut(&self.run_id) {
            *count -= 1;
            if *count == 0 {
                watched.remove(&self.run_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_room_for_twenty_and_a_dropped_ticket_makes_room_again() {
        let tails = Arc::new(Tails::default());
        let run = RunId::from_parts(1, 1);
        let mut tickets: Vec<_> = (0..MAX_TAILS).map(|_| tails.enter(run).unwrap()).collect();
        assert!(tails.enter(run).is_none());
        assert!(tails.enter(RunId::from_parts(1, 2)).is_some());
        tickets.pop();
        assert!(tails.enter(run).is_some());
        drop(tickets);
        assert!(tails.watched.lock().unwrap().is_empty());
    }
}
