//! What a driver knows beyond the log: text and results that are not stored, and calls that it began.

use std::collections::BTreeMap;

use super::{Command, Restart, Takeover, Telling};
use crate::fold::utf16_len;
use crate::{CHUNK_BYTES, Call, CallEnd, CallId, Event, MAX_TEXT_BYTES, Phase, Role, Run};

/// What this driver knows and the log does not, yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Live {
    /// Events of the append in flight that are not confirmed.
    pub(super) in_flight: usize,
    /// Ends of calls that are not stored.
    pub(crate) inbox: BTreeMap<CallId, CallEnd>,
    /// Text that is not stored.
    pub(crate) gathered: BTreeMap<CallId, Gathered>,
    pub(crate) flush_due: bool,
    /// Calls that this driver began, with their attempt and time.
    pub(crate) begun: BTreeMap<CallId, Begun>,
    pub(crate) takeover: Option<Takeover>,
    pub(crate) cancel: Option<String>,
    pub(crate) time_is_up: bool,
    pub(crate) deadline: Option<String>,
    /// A call of this driver that the next one makes again.
    pub(crate) broken_off: Option<(Call, Restart)>,
    /// Attempts of this driver that the log does not know yet, each with what ended the one before it.
    pub(crate) started_over: BTreeMap<Call, Restart>,
    pub(super) is_leaving: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) attempt: u32,
    pub(crate) at_ms: u64,
}

/// Text of one attempt behind what is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gathered {
    pub(crate) attempt: u32,
    /// UTF-16 code units before `text`, …
    pub(crate) offset: u64,
    /// … and at its end.
    end: u64,
    pub(crate) text: String,
}

impl Live {
    pub(super) fn awaits(&self, call: CallId, attempt: u32) -> bool {
        self.begun
            .get(&call)
            .is_some_and(|begun| begun.attempt == attempt)
            && !self.inbox.contains_key(&call)
    }

    /// Whether a call that this driver began has not come to its end.
    pub(crate) fn is_waiting(&self) -> bool {
        self.begun.keys().any(|call| !self.inbox.contains_key(call))
    }

    /// What the call wrote and is not stored is lost with it.
    pub(super) fn break_off(&mut self, call: Call, restart: Restart) {
        if self.awaits(call.call_id, call.attempt) {
            self.forget_call(call.call_id);
            self.deadline = Some(restart.reason.clone());
            self.broken_off = Some((call, restart));
        }
    }

    /// The text of the attempt so far is void, stored or not.
    pub(super) fn start_over(&mut self, mut call: Call, restart: Restart) {
        if !self.awaits(call.call_id, call.attempt) {
            return;
        }
        if let Some(begun) = self.begun.get_mut(&call.call_id) {
            call.attempt += 1;
            begun.attempt = call.attempt;
            begun.at_ms = begun.at_ms.saturating_add(restart.ended.spent.duration_ms);
            self.gathered.remove(&call.call_id);
            self.started_over.insert(call, restart);
        }
    }

    /// Text that has come under an attempt before the log knew of it.
    pub(super) fn untold(&self, run: &Run, call_id: CallId) -> Option<Command> {
        let gathered = self.gathered.get(&call_id)?;
        let stored = run.text(call_id)?;
        (gathered.attempt == stored.attempt).then(|| {
            Command::Tell(Telling::Live {
                call_id,
                attempt: gathered.attempt,
                offset: gathered.offset,
                content: gathered.text.clone(),
            })
        })
    }

    pub(super) fn gather(
        &mut self,
        run: &Run,
        call_id: CallId,
        attempt: u32,
        content: String,
    ) -> Option<Command> {
        if content.is_empty() || !self.awaits(call_id, attempt) {
            return None;
        }
        let stored = run.text(call_id)?;
        let is_known = stored.attempt == attempt;
        let (stored_len, offset) = if is_known {
            (stored.text.len(), stored.utf16_len)
        } else {
            (0, 0)
        };
        let gathered = self.gathered.entry(call_id).or_insert_with(|| Gathered {
            attempt,
            offset,
            end: offset,
            text: String::new(),
        });
        if stored_len + gathered.text.len() + content.len() > MAX_TEXT_BYTES {
            return None;
        }
        let offset = gathered.end;
        gathered.end += utf16_len(&content);
        gathered.text.push_str(&content);
        self.flush_due |= gathered.text.len() >= CHUNK_BYTES;
        // Nobody is shown an attempt before the end of the one before is stored.
        is_known.then_some(Command::Tell(Telling::Live {
            call_id,
            attempt,
            offset,
            content,
        }))
    }

    /// Drops what an event has made part of the log.
    pub(super) fn forget_stored(&mut self, run: &Run, event: &Event) {
        match event {
            Event::Delta(delta) => {
                if let (Some(gathered), Some(stored)) = (
                    self.gathered.get_mut(&delta.call_id),
                    run.text(delta.call_id),
                ) && gathered.attempt == delta.attempt
                {
                    gathered.drop_before(stored.utf16_len);
                    if gathered.text.is_empty() {
                        self.gathered.remove(&delta.call_id);
                    }
                }
            }
            Event::ToolResult(result) => self.forget_call(result.call_id),
            Event::RoundDecided { round, .. } => {
                self.forget_call(CallId::Orchestrator { round: *round });
            }
            Event::Retry {
                call_id, attempt, ..
            } => {
                let begun = self.begun.get(call_id).map_or(0, |begun| begun.attempt);
                if begun < *attempt {
                    self.forget_call(*call_id);
                }
                self.started_over
                    .retain(|call, _| call.call_id != *call_id || call.attempt > *attempt);
                self.broken_off
                    .take_if(|(broken_off, _)| broken_off.call_id == *call_id);
            }
            Event::Resumed { epoch, .. } => {
                if self
                    .takeover
                    .as_ref()
                    .is_some_and(|mine| mine.epoch == *epoch)
                {
                    self.takeover = None;
                }
            }
            Event::Start(_)
            | Event::RoundStart { .. }
            | Event::OrchestratorThinking { .. }
            | Event::ToolCall(_)
            | Event::FinalAnswer { .. }
            | Event::Error { .. }
            | Event::Suspended { .. }
            | Event::CancelRequested { .. }
            | Event::Complete { .. } => {}
        }
    }

    fn forget_call(&mut self, call: CallId) {
        self.inbox.remove(&call);
        self.gathered.remove(&call);
        self.begun.remove(&call);
        self.started_over.retain(|begun, _| begun.call_id != call);
    }

    /// Calls that the log says should be under way and that this driver has not begun.
    pub(super) fn due_calls(&self, run: &Run) -> Vec<Call> {
        let Some(round) = run.current() else {
            return Vec::new();
        };
        let due = |call_id: CallId, attempt: u32| {
            let begun = self.begun.get(&call_id);
            let fresh = begun.is_none_or(|begun| begun.attempt != attempt);
            fresh.then_some(Call { call_id, attempt })
        };
        match run.phase {
            Phase::Deciding => due(round.orchestrator_call(), round.text.attempt)
                .into_iter()
                .collect(),
            Phase::Acting => round
                .open_calls()
                .filter(|call| match call.spec.role {
                    Role::Work => true,
                    Role::Answer => !round.waits(call),
                    Role::Rejected { .. } => false,
                })
                .filter_map(|call| due(call.call_id, call.text.attempt))
                .collect(),
            Phase::Starting | Phase::Answered { .. } | Phase::Ended { .. } => Vec::new(),
        }
    }
}

impl Gathered {
    /// Drops the text before `offset`, in UTF-16 code units from the start of the attempt.
    fn drop_before(&mut self, offset: u64) {
        if offset >= self.end {
            self.text.clear();
            self.offset = self.end;
            return;
        }
        let mut at = self.offset;
        let mut rest = self.text.chars();
        while at < offset
            && let Some(next) = rest.next()
        {
            at += next.len_utf16() as u64;
        }
        let kept = rest.as_str().len();
        self.text.drain(..self.text.len() - kept);
        self.offset = at;
    }
}
