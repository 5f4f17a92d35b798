//! The loop as a function: what happened goes in, what to do comes out.
//!
//! State advances only by stored events. What the loop wants to write is proposed from the fold and from the facts that are
//! not stored yet; when an append collides the proposal is dropped, what stands there is folded, and the facts are
//! proposed anew. So nothing here has to be undone.

mod command;
mod input;
mod live;

use crate::propose::propose;
use crate::{Epoch, Event, Run, Seq};

pub use command::{Command, StopReason, Telling};
pub use input::{Input, Restart, Takeover};
use live::Begun;
pub(crate) use live::Live;

/// A run and what this driver knows beyond the log.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    run: Run,
    epoch: Epoch,
    mode: Mode,
}

#[derive(Clone, Debug, PartialEq)]
enum Mode {
    Driving(Live),
    Stopped(StopReason),
}

/// Takes in what happened and says what to do. Total: every input has a meaning in every state, if only none.
///
/// `now_ms` is the time of the input in milliseconds since 1970.
pub fn decide(mut state: State, input: Input, now_ms: u64) -> (State, Vec<Command>) {
    let mut commands = Vec::new();
    if let Mode::Driving(_) = state.mode {
        let is_text = matches!(input, Input::Text { .. });
        state.take_in(input, &mut commands);
        // Most inputs are pieces of text, and most of those only wait to be stored together.
        if !is_text || state.is_flush_due() {
            state.settle(now_ms, &mut commands);
        }
    }
    (state, commands)
}

impl State {
    /// A driver's state at the beginning, over the fold of the log so far.
    pub fn new(run: Run, epoch: Epoch) -> Self {
        Self {
            run,
            epoch,
            mode: Mode::Driving(Live::default()),
        }
    }

    /// The fold of everything stored.
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// Why this driver has stopped, once it has.
    pub const fn stopped(&self) -> Option<&StopReason> {
        match &self.mode {
            Mode::Driving(_) => None,
            Mode::Stopped(reason) => Some(reason),
        }
    }

    /// Whether an append is in flight.
    pub const fn is_appending(&self) -> bool {
        match &self.mode {
            Mode::Driving(live) => live.in_flight > 0,
            Mode::Stopped(_) => false,
        }
    }

    /// Whether there is text that waits to be stored.
    pub fn has_unstored_text(&self) -> bool {
        match &self.mode {
            Mode::Driving(live) => !live.gathered.is_empty(),
            Mode::Stopped(_) => false,
        }
    }

    const fn is_flush_due(&self) -> bool {
        match &self.mode {
            Mode::Driving(live) => live.flush_due,
            Mode::Stopped(_) => false,
        }
    }

    fn take_in(&mut self, input: Input, commands: &mut Vec<Command>) {
        let Mode::Driving(live) = &mut self.mode else {
            return;
        };
        match input {
            Input::Begin => {}
            Input::TakeOver(takeover) => live.takeover = Some(takeover),
            Input::Text {
                call_id,
                attempt,
                content,
            } => commands.extend(live.gather(&self.run, call_id, attempt, content)),
            Input::StartedOver { call, restart } => live.start_over(call, restart),
            Input::FlushText => live.flush_due = true,
            Input::CallEnded { call, end } => {
                if live.awaits(call.call_id, call.attempt) {
                    live.inbox.insert(call.call_id, end);
                }
            }
            Input::Stored { events } => {
                live.in_flight = live.in_flight.saturating_sub(events.len());
                for event in events {
                    self.fold(event, commands);
                }
            }
            Input::Collided { epoch, events } => {
                live.in_flight = 0;
                self.find(epoch, events, commands);
            }
            Input::Observed { epoch, events } => {
                if live.in_flight == 0 {
                    self.find(epoch, events, commands);
                }
            }
            Input::Cancel { by } => live.cancel = Some(by),
            Input::TimeLimit => live.time_is_up = true,
            Input::NotBegun { call, reason } => {
                live.begun.remove(&call.call_id);
                live.deadline = Some(reason);
            }
            Input::BrokenOff { call, restart } => live.break_off(call, restart),
            Input::Leave => live.is_leaving = true,
            Input::LeaseLost => self.stop(StopReason::Superseded, commands),
            Input::StoreFailed { message } => {
                self.stop(StopReason::StoreFailed { message }, commands);
            }
        }
    }

    /// Folds events of somebody else. A higher epoch among them means that the run has another driver.
    fn find(&mut self, epoch: Epoch, events: Vec<(Seq, Event)>, commands: &mut Vec<Command>) {
        let mut highest = epoch;
        for (seq, event) in events {
            if seq != self.run.last_seq.next() {
                continue;
            }
            if let Event::Resumed { epoch, .. } = event {
                highest = highest.max(epoch);
            }
            self.fold(event, commands);
        }
        if highest > self.epoch {
            self.stop(StopReason::Superseded, commands);
        }
    }

    fn fold(&mut self, event: Event, commands: &mut Vec<Command>) {
        self.run.apply(&event);
        if let Mode::Driving(live) = &mut self.mode {
            live.forget_stored(&self.run, &event);
        }
        let started_over = match (&self.mode, &event) {
            (Mode::Driving(live), Event::Retry { call_id, .. }) => live.untold(&self.run, *call_id),
            (Mode::Driving(_) | Mode::Stopped(_), _) => None,
        };
        commands.push(Command::Tell(Telling::Stored {
            seq: self.run.last_seq,
            event,
        }));
        commands.extend(started_over);
    }

    /// Writes what can be written, else begins what can be begun, else sees whether all is done.
    fn settle(&mut self, now_ms: u64, commands: &mut Vec<Command>) {
        let Mode::Driving(live) = &mut self.mode else {
            return;
        };
        if live.in_flight > 0 {
            return;
        }
        if let Some(status) = self.run.ended() {
            return self.stop(StopReason::Ended(status), commands);
        }
        live.flush_due |= live.is_leaving;
        let events = propose(&self.run, live, now_ms);
        live.flush_due = false;
        if !events.is_empty() {
            live.in_flight = events.len();
            let first = self.run.last_seq.next();
            return commands.push(Command::Append { first, events });
        }
        if self.run.suspended {
            return self.stop(StopReason::Suspended, commands);
        }
        if live.is_leaving {
            return self.stop(StopReason::Released, commands);
        }
        if live.deadline.is_some() {
            // What is in flight may still end here; everything else is for the next driver.
            return;
        }
        for call in live.due_calls(&self.run) {
            let begun = Begun {
                attempt: call.attempt,
                at_ms: now_ms,
            };
            live.begun.insert(call.call_id, begun);
            commands.push(Command::Call(call));
        }
    }

    fn stop(&mut self, reason: StopReason, commands: &mut Vec<Command>) {
        commands.push(Command::Abort);
        commands.push(Command::Stop(reason.clone()));
        self.mode = Mode::Stopped(reason);
    }
}
