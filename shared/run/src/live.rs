//! What a driver knows beyond the log: the calls that it began, with text and ends that are not stored, and when it has to wake.

mod alarms;
mod begun;
mod gathered;
mod quotes;
mod waking;

use std::collections::BTreeMap;

use crate::{
    Attempts, Call, CallEnd, CallId, Event, MAX_TEXT_BYTES, Phase, Restart, Run, Step, Takeover,
    Update,
};

use alarms::Alarms;
pub(crate) use begun::{LiveCall, Work};
pub(crate) use gathered::Gathered;
pub(crate) use quotes::{Quotes, Untold};

/// What this driver knows and the log does not, yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    /// Events of the append in flight that are not confirmed.
    pub(crate) in_flight: usize,
    /// Calls that this driver began, until the log knows their end.
    pub(crate) calls: BTreeMap<CallId, LiveCall>,
    pub(crate) takeover: Option<Takeover>,
    pub(crate) quotes: Quotes,
    pub(crate) leaving: Leaving,
    pub(crate) alarms: Alarms,
}

/// Whether this driver goes on with its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    Staying,
    /// Once nothing is under way: another function has more time.
    Suspending {
        reason: String,
    },
    /// As soon as what is held is written: this process is being stopped.
    Releasing,
}

impl Live {
    pub(crate) const fn new() -> Self {
        Self {
            in_flight: 0,
            calls: BTreeMap::new(),
            takeover: None,
            quotes: Quotes::new(),
            leaving: Leaving::Staying,
            alarms: Alarms::new(),
        }
    }

    /// Begins a call.
    pub(crate) fn begin(&mut self, call: Call, now_ms: u64) {
        let work = Work::new(call.attempt, now_ms);
        self.calls.insert(call.call_id, LiveCall::UnderWay(work));
    }

    /// A commanded call was not begun: everything else is for another driver, too.
    pub(crate) fn refuse(&mut self, call: Call, reason: String) {
        self.calls.remove(&call.call_id);
        self.suspend(reason);
    }

    /// The work of a call as long as this attempt of it is under way.
    fn under_way(&mut self, call: Call) -> Option<&mut Work> {
        match self.calls.get_mut(&call.call_id)? {
            LiveCall::UnderWay(work) => (work.attempt == call.attempt).then_some(work),
            LiveCall::Ended { .. } | LiveCall::BrokenOff { .. } => None,
        }
    }

    /// Whether a call that this driver began has not come to its end.
    pub(crate) fn is_waiting(&self) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| matches!(call, LiveCall::UnderWay(_)))
    }

    /// A call has come to its end.
    pub(crate) fn end(&mut self, call: Call, end: CallEnd) {
        if let Some(work) = self.under_way(call).cloned() {
            let ended = LiveCall::Ended { work, end };
            self.calls.insert(call.call_id, ended);
        }
    }

    /// Text of the call that is not stored is lost.
    pub(crate) fn break_off(&mut self, call: Call, restart: Restart) {
        if let Some(work) = self.under_way(call) {
            let mut restarts = std::mem::take(&mut work.restarts);
            self.suspend(restart.reason.clone());
            restarts.insert(call.attempt + 1, restart);
            let broken_off = LiveCall::BrokenOff { restarts };
            self.calls.insert(call.call_id, broken_off);
        }
    }

    /// The text of the attempt so far is void, stored or not.
    pub(crate) fn start_over(&mut self, call: Call, restart: Restart) {
        if let Some(work) = self.under_way(call) {
            work.attempt += 1;
            let took_ms = restart.ended.spent.duration_ms;
            work.began_at_ms = work.began_at_ms.saturating_add(took_ms);
            work.restarts.insert(work.attempt, restart);
            work.gathered = None;
        }
    }

    fn suspend(&mut self, reason: String) {
        match self.leaving {
            Leaving::Staying | Leaving::Suspending { .. } => {
                self.leaving = Leaving::Suspending { reason };
            }
            Leaving::Releasing => {}
        }
    }

    /// Text that arrived in an attempt before the log had that attempt.
    pub(crate) fn unshown(&self, run: &Run, call_id: CallId) -> Option<Update> {
        let gathered = self.gathered(call_id)?;
        let stored = run.text(call_id)?;
        (gathered.attempt == stored.attempt).then(|| gathered.update(call_id))
    }

    /// Adds a piece of text, and shows it.
    pub(crate) fn gather(
        &mut self,
        run: &Run,
        call: Call,
        content: String,
        now_ms: u64,
    ) -> Option<Update> {
        if content.is_empty() {
            return None;
        }
        let stored = run.text(call.call_id)?;
        let work = self.under_way(call)?;
        let is_known = stored.attempt == call.attempt;
        let (stored_len, offset) = if is_known {
            (stored.text.len(), stored.utf16_len)
        } else {
            (0, 0)
        };
        let gathered = &mut work.gathered;
        let gathered = gathered.get_or_insert_with(|| Gathered::from(call.attempt, offset));
        if stored_len + gathered.text.len() + content.len() > MAX_TEXT_BYTES {
            return None;
        }
        let offset = gathered.push(&content);
        let bytes = gathered.text.len();
        self.alarms.flush_with(bytes, now_ms);
        // An attempt is not shown before the end of the previous one is stored.
        is_known.then_some(Update::Live {
            call_id: call.call_id,
            attempt: call.attempt,
            offset,
            content,
        })
    }

    /// Text of a call that is not stored.
    pub(crate) fn gathered(&self, call_id: CallId) -> Option<&Gathered> {
        let gathered = self.work(call_id)?.gathered.as_ref();
        gathered.filter(|gathered| !gathered.text.is_empty())
    }

    /// What this driver knows of a call that it has not broken off.
    pub(crate) fn work(&self, call_id: CallId) -> Option<&Work> {
        self.calls.get(&call_id)?.work()
    }

    /// How a call ended that the log does not know as ended.
    pub(crate) fn end_of(&self, call_id: CallId) -> Option<&CallEnd> {
        match self.calls.get(&call_id)? {
            LiveCall::Ended { end, .. } => Some(end),
            LiveCall::UnderWay(_) | LiveCall::BrokenOff { .. } => None,
        }
    }

    /// Drops what an event has made part of the log.
    pub(crate) fn forget_stored(&mut self, run: &Run, event: &Event) {
        match event {
            Event::Delta(delta) => {
                let live = self.calls.get_mut(&delta.call_id);
                if let (Some(work), Some(stored)) =
                    (live.and_then(LiveCall::work_mut), run.text(delta.call_id))
                    && let Some(gathered) = &mut work.gathered
                    && gathered.attempt == delta.attempt
                {
                    gathered.drop_before(stored.utf16_len);
                    if gathered.text.is_empty() {
                        work.gathered = None;
                    }
                }
            }
            Event::ToolResult(result) => {
                self.calls.remove(&result.call_id);
            }
            Event::RoundDecided { round, .. } => {
                self.calls.remove(&CallId::Orchestrator { round: *round });
            }
            // Attempts that the log has are passed over where others are written.
            Event::Retry { .. }
            | Event::Start(_)
            | Event::RoundStart { .. }
            | Event::OrchestratorThinking { .. }
            | Event::ToolCall(_)
            | Event::FinalAnswer { .. }
            | Event::Error(_)
            | Event::Suspended { .. }
            | Event::CancelRequested { .. }
            | Event::Complete { .. } => {}
            Event::Resumed { epoch, .. } => {
                self.takeover.take_if(|mine| mine.epoch == *epoch);
            }
        }
    }

    /// Calls that the log says should be under way and that this driver has not begun.
    pub(crate) fn due_calls(&self, run: &Run) -> Vec<Call> {
        let Some(round) = run.current() else {
            return Vec::new();
        };
        let due = |call_id: CallId, attempt: u32, attempts: &Attempts| {
            if run.lacks_money_for(attempts) {
                return None;
            }
            let begun = self.work(call_id).map(|work| work.attempt);
            (begun != Some(attempt)).then_some(Call { call_id, attempt })
        };
        match run.phase {
            Phase::Working(Step::Deciding) => {
                let (call_id, attempt) = (round.orchestrator_call(), round.text.attempt);
                due(call_id, attempt, &round.attempts).into_iter().collect()
            }
            Phase::Working(Step::Acting) => round
                .open_calls()
                .filter(|call| call.spec.is_made() && !round.waits(call))
                .filter_map(|call| due(call.call_id, call.text.attempt, &call.attempts))
                .collect(),
            Phase::Working(Step::Starting)
            | Phase::Suspended(_)
            | Phase::Answered { .. }
            | Phase::Ended { .. } => Vec::new(),
        }
    }
}
