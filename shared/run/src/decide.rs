//! The loop as a function: what happened goes in, what to do comes out, and when to be woken.
//!
//! State advances only by stored events. What the loop wants to write is proposed from the fold and from the facts that are
//! not stored yet; when an append collides the proposal is dropped, what stands there is folded, and the facts are
//! proposed anew. So nothing here has to be undone.

use crate::live::{Leaving, Live};
use crate::propose::{Proposal, propose};
use crate::{Command, Epoch, Event, Input, Phase, Run, Seq, StopReason, Update};

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

/// Applies an input and returns what to do. Total: every input is accepted in every state, even where it has no effect.
///
/// `now_ms` is the time of the input in milliseconds since 1970. By [`State::wake_at`] there has to be another one.
pub fn decide(mut state: State, input: Input, now_ms: u64) -> (State, Vec<Command>) {
    let mut commands = Vec::new();
    if let Mode::Driving(_) = state.mode {
        let is_text = matches!(input, Input::Text { .. });
        state.ingest(input, now_ms, &mut commands);
        // Most inputs are pieces of text, and most of those only wait to be stored together.
        if !is_text || state.flushes(now_ms) {
            state.advance(now_ms, &mut commands);
        }
    }
    (state, commands)
}

impl State {
    /// A driver's state at the beginning, over the fold of the log so far.
    pub const fn new(run: Run, epoch: Epoch) -> Self {
        Self {
            run,
            epoch,
            mode: Mode::Driving(Live::new()),
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

    /// When the driver has to feed [`Input::Woken`], in milliseconds since 1970; `None` while it waits for an append, or has
    /// stopped.
    pub fn wake_at(&self) -> Option<u64> {
        match &self.mode {
            Mode::Driving(live) => live.wake_at(self.run.start.must_end_by_ms()),
            Mode::Stopped(_) => None,
        }
    }

    fn flushes(&self, now_ms: u64) -> bool {
        match &self.mode {
            Mode::Driving(live) => live.flushes(now_ms),
            Mode::Stopped(_) => false,
        }
    }

    fn ingest(&mut self, input: Input, now_ms: u64, commands: &mut Vec<Command>) {
        let Mode::Driving(live) = &mut self.mode else {
            return;
        };
        match input {
            Input::Begin => live.alarms.defer_poll(now_ms),
            Input::TakeOver(takeover) => {
                live.takeover = Some(takeover);
                live.alarms.defer_poll(now_ms);
            }
            Input::Text { call, content } => {
                let shown = live.gather(&self.run, call, content, now_ms);
                commands.extend(shown.map(Command::Emit));
            }
            Input::Quoted { quotes } => live.quotes.tell(quotes),
            Input::StartedOver { call, restart } => live.start_over(call, restart),
            Input::Woken => {}
            Input::CallEnded { call, end } => live.end(call, end),
            Input::Stored { events } => {
                live.in_flight = live.in_flight.saturating_sub(events.len());
                live.alarms.defer_poll(now_ms);
                for event in events {
                    self.fold(event, commands);
                }
                self.restart_flush(now_ms);
            }
            Input::Collided { epoch, events } => {
                live.in_flight = 0;
                live.alarms.defer_poll(now_ms);
                self.fold_foreign(epoch, events, commands);
                self.restart_flush(now_ms);
            }
            Input::Polled { epoch, events } => {
                live.alarms.end_poll(now_ms);
                // If others have written, the append in flight collides and says so.
                if live.in_flight == 0 {
                    self.fold_foreign(epoch, events, commands);
                }
            }
            Input::NotBegun { call, reason } => live.refuse(call, reason),
            Input::BrokenOff { call, restart } => live.break_off(call, restart),
            Input::Leave => live.leaving = Leaving::Releasing,
            Input::LeaseLost => self.stop(StopReason::Superseded, commands),
            Input::StoreFailed { message } => {
                self.stop(StopReason::StoreFailed { message }, commands);
            }
        }
    }

    /// Folds events that others have written. A higher epoch among them means that the run has another driver.
    fn fold_foreign(
        &mut self,
        epoch: Epoch,
        events: Vec<(Seq, Event)>,
        commands: &mut Vec<Command>,
    ) {
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
            live.quotes.forget();
            live.forget_stored(&self.run, &event);
        }
        let new_attempt = match (&self.mode, &event) {
            (Mode::Driving(live), Event::Retry { call_id, .. }) => {
                live.unshown(&self.run, *call_id)
            }
            (Mode::Driving(_) | Mode::Stopped(_), _) => None,
        };
        commands.push(Command::Emit(Update::Stored {
            seq: self.run.last_seq,
            event,
        }));
        commands.extend(new_attempt.map(Command::Emit));
    }

    fn restart_flush(&mut self, now_ms: u64) {
        if let Mode::Driving(live) = &mut self.mode {
            live.restart_flush(now_ms);
        }
    }

    /// Appends what can be appended; else starts the calls that can start; else checks whether the run is done.
    fn advance(&mut self, now_ms: u64, commands: &mut Vec<Command>) {
        let Mode::Driving(live) = &mut self.mode else {
            return;
        };
        if live.in_flight > 0 {
            return;
        }
        if let Some(status) = self.run.ended() {
            return self.stop(StopReason::Ended(status), commands);
        }
        let Proposal { events, unquoted } = propose(&self.run, live, now_ms);
        if let Some((run, calls)) = unquoted {
            let calls = live.quotes.ask(calls);
            if !calls.is_empty() {
                commands.push(Command::Quote { run, calls });
            }
            return;
        }
        if !events.is_empty() {
            live.in_flight = events.len();
            let first = self.run.last_seq.next();
            return commands.push(Command::Append { first, events });
        }
        if live.flushes(now_ms) {
            live.defer_flush(now_ms);
        }
        match (self.run.phase, &live.leaving) {
            (Phase::Suspended(_), _) => return self.stop(StopReason::Suspended, commands),
            (_, Leaving::Releasing) => return self.stop(StopReason::Released, commands),
            // What is in flight may still end here; everything else is for the next driver.
            (_, Leaving::Suspending { .. }) => {}
            (_, Leaving::Staying) => {
                for call in live.due_calls(&self.run) {
                    live.begin(call, now_ms);
                    commands.push(Command::Call(call));
                }
            }
        }
        if live.alarms.begins_poll(now_ms) {
            let next = self.run.last_seq.next();
            commands.push(Command::Poll { next });
        }
    }

    fn stop(&mut self, reason: StopReason, commands: &mut Vec<Command>) {
        commands.push(Command::Abort);
        commands.push(Command::Stop(reason.clone()));
        self.mode = Mode::Stopped(reason);
    }
}
