//! The tasks of the calls that are under way, and which is which.

use std::collections::HashMap;

use run::{Call, Input, Run};
use tokio::task::{self, JoinError, JoinSet};
use tracing::Instrument as _;

use super::context::CallContext;
use super::perform::{broken, perform};
use crate::measure::call_span;

/// Calls of models and tools.
#[derive(Default)]
pub(crate) struct Calls {
    tasks: JoinSet<()>,
    known: HashMap<task::Id, Call>,
}

impl Calls {
    /// Makes a call in a task of its own, which reports to the driver's.
    pub(crate) fn begin(&mut self, call: Call, context: CallContext, run: Run) {
        let work = perform(context, run).instrument(call_span(call.call_id));
        self.known.insert(self.tasks.spawn(work).id(), call);
    }

    /// The task of a call goes on as the call's next attempt.
    pub(crate) fn count_attempt(&mut self, call: Call) {
        for known in self.known.values_mut().filter(|known| **known == call) {
            known.attempt += 1;
        }
    }

    /// Waits until a task has ended, and gives the end of its call where it could not report that itself; `None` when there is
    /// no task.
    pub(crate) async fn next_done(&mut self) -> Option<Option<Input>> {
        let done = self.tasks.join_next_with_id().await?;
        Some(self.reap(done))
    }

    pub(crate) fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// Aborts the tasks that are running.
    pub(crate) async fn shut_down(&mut self) {
        self.tasks.shutdown().await;
    }

    /// A panic ends a call, too.
    fn reap(&mut self, done: Result<(task::Id, ()), JoinError>) -> Option<Input> {
        let id = match &done {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let call = self.known.remove(&id)?;
        let error = done.err().filter(JoinError::is_panic)?;
        call_span(call.call_id).in_scope(|| tracing::error!(%error, "a call panicked"));
        let end = broken(call.call_id);
        Some(Input::CallEnded { call, end })
    }
}
