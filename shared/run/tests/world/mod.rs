//! A world for runs: a log, drivers that come and go, calls that end as they like, and what must hold of it all.

mod check;
mod composed;
mod generate;
mod money;

use std::collections::BTreeMap;

use run::{
    Call, CallEnd, CallId, Command, Epoch, Event, FLUSH_AFTER_MS, Input, ModelId, POLL_AFTER_MS,
    Run, Seq, Spent, State, Takeover, Update, decide,
};

pub use generate::{Choices, TIME_LIMIT_MS, any_event, any_input, start, started_log};
use money::{Money, Purse};

/// A log with the drivers that write it.
pub struct World {
    log: Vec<(Epoch, Event)>,
    drivers: Vec<Driver>,
    epoch: Epoch,
    now_ms: u64,
    /// Side effects that any driver began: which call, which attempt.
    begun: Vec<(CallId, u32)>,
    /// What all calls told their drivers that they took, …
    paid: Spent,
    /// … and that before the driver began to write how they ended.
    due: Spent,
    /// The next call comes too late in the function's time to be begun.
    refuse_next_call: bool,
    money: Money,
}

/// One driver, alive or stopped.
struct Driver {
    state: State,
    epoch: Epoch,
    /// It is gone without a word; nothing happens to it any more.
    is_lost: bool,
    /// It has been told that its function's time is nearly over.
    must_leave: bool,
    append: Option<(Seq, Vec<Event>)>,
    /// In the log, and the table's answer is on its way.
    unconfirmed: Option<Vec<Event>>,
    calls: Vec<Call>,
    /// It has asked what the log holds from here on.
    poll: Option<Seq>,
    /// What it has shown, live text left out.
    shown: Vec<(Seq, Event)>,
    /// What those who watch know of the run.
    told: Run,
    purse: Purse,
    /// How far live text of each attempt was shown.
    live: BTreeMap<(CallId, u32), u64>,
}

impl World {
    /// A run that has just been started by its first driver.
    pub fn start(choices: &mut Choices) -> Self {
        let start = start(choices);
        let events = [
            Event::Start(Box::new(start.clone())),
            Event::RoundStart {
                round: 1,
                reserved: None,
            },
        ];
        let run = Run::fold(&events).unwrap();
        let mut world = Self {
            log: events.into_iter().map(|event| (Epoch(1), event)).collect(),
            drivers: Vec::new(),
            epoch: Epoch(1),
            now_ms: start.created_at_ms,
            begun: Vec::new(),
            paid: Spent::default(),
            due: Spent::default(),
            refuse_next_call: false,
            money: Money::of(choices),
        };
        world.add_driver(State::new(run, Epoch(1)), Epoch(1), Input::Begin);
        world
    }

    pub fn is_over(&self) -> bool {
        self.fold().ended().is_some()
    }

    pub fn any_state(&self) -> State {
        self.drivers.last().unwrap().state.clone()
    }

    /// Lets one thing happen.
    pub fn happen(&mut self, choices: &mut Choices) {
        self.now_ms += choices.next_of(2000);
        let which = usize::try_from(choices.next_of(self.drivers.len() as u64)).unwrap();
        if self.drivers[which].is_lost {
            return self.replace_driver(choices);
        }
        match choices.next_of(20) {
            0..=5 => self.store(which, choices),
            6..=11 => self.end_call(which, choices),
            12..=13 => {
                self.start_over(which, choices);
                self.write_text(which, choices);
            }
            14 => self.wake(which),
            15 => self.answer_poll(which),
            16 => self.cancel_from_outside(choices),
            17 => self.replace_driver(choices),
            18 if choices.next_of(4) == 0 => self.now_ms += TIME_LIMIT_MS / 2,
            18 => self.refuse_next_call = true,
            _ => match choices.next_of(12) {
                1 | 2 => self.feed(which, Input::Leave),
                3..=4 => self.refuse_next_call = true,
                5..=6 => self.break_off(which, choices),
                _ => {}
            },
        }
    }

    /// No more faults: a driver that has left gets a successor, and every call ends well.
    pub fn come_to_an_end(&mut self) {
        let mut calm = Choices::of(&[]);
        for _ in 0..2000 {
            if self.is_over() {
                return;
            }
            let last = self.drivers.len() - 1;
            let driver = &self.drivers[last];
            if driver.is_lost || driver.state.stopped().is_some() {
                self.take_over("the last driver has left");
            } else if driver.append.is_some() || driver.unconfirmed.is_some() {
                self.store(last, &mut calm);
            } else if !driver.calls.is_empty() {
                self.end_call(last, &mut calm);
            } else {
                self.wake_until_it_acts(last);
            }
        }
        panic!("the run does not come to an end: {:#?}", self.fold());
    }

    /// What a driver waits for that waits for no call and no append comes soon.
    fn wake_until_it_acts(&mut self, which: usize) {
        let seen = self.drivers[which].state.run().last_seq;
        for _ in 0..4 {
            self.answer_poll(which);
            self.wake(which);
            let driver = &self.drivers[which];
            let has_learned = driver.state.run().last_seq > seen;
            if has_learned || driver.append.is_some() || driver.state.stopped().is_some() {
                return;
            }
        }
        let state = &self.drivers[which].state;
        panic!("a driver waits for nothing: {state:#?}");
    }

    fn fold(&self) -> Run {
        Run::fold(self.log.iter().map(|(_, event)| event)).unwrap()
    }

    fn add_driver(&mut self, state: State, epoch: Epoch, first: Input) {
        self.drivers.push(Driver {
            told: state.run().clone(),
            state,
            epoch,
            is_lost: false,
            must_leave: false,
            append: None,
            unconfirmed: None,
            calls: Vec::new(),
            poll: None,
            shown: Vec::new(),
            purse: Purse::default(),
            live: BTreeMap::new(),
        });
        self.feed(self.drivers.len() - 1, first);
    }

    fn feed(&mut self, which: usize, input: Input) {
        let now_ms = self.now_ms;
        let driver = &mut self.drivers[which];
        let (state, commands) = decide(driver.state.clone(), input, now_ms);
        driver.state = state;
        let mut refused = Vec::new();
        let mut quotes = None;
        for command in commands {
            match command {
                Command::Quote { run, calls } => {
                    quotes = Some(self.money.quotes(&run, &calls));
                }
                Command::Append { first, events } => {
                    assert!(driver.append.is_none(), "one append is in flight at a time");
                    assert!(!events.is_empty());
                    driver.append = Some((first, events));
                }
                Command::Emit(Update::Stored { seq, event }) => {
                    driver.told.apply(&event);
                    let Driver { purse, calls, .. } = driver;
                    purse.read(&event, calls);
                    driver.shown.push((seq, event));
                }
                Command::Emit(Update::Live {
                    call_id,
                    attempt,
                    offset,
                    content,
                }) => {
                    let known = driver.told.text(call_id).unwrap();
                    assert_eq!(known.attempt, attempt, "live text of an unknown attempt");
                    let end = driver.live.entry((call_id, attempt)).or_default();
                    let seen = known.utf16_len.max(*end);
                    assert!(offset <= seen, "a gap in live text");
                    *end = seen.max(offset + content.encode_utf16().count() as u64);
                }
                Command::Call(call) => {
                    assert!(!driver.must_leave, "no call is begun near the end");
                    assert!(
                        driver.append.is_none(),
                        "a call begins after its event is stored"
                    );
                    if std::mem::take(&mut self.refuse_next_call) {
                        refused.push(call);
                        continue;
                    }
                    driver.purse.begin(driver.state.run(), call);
                    driver.calls.retain(|other| other.call_id != call.call_id);
                    driver.calls.push(call);
                    self.begun.push((call.call_id, call.attempt));
                }
                Command::Poll { next } => {
                    assert_eq!(driver.poll, None, "one poll is under way at a time");
                    assert!(driver.append.is_none(), "an append tells the same");
                    driver.poll = Some(next);
                }
                Command::Abort => driver.calls.clear(),
                Command::Stop(reason) => {
                    driver.calls.clear();
                    assert_eq!(driver.state.stopped(), Some(&reason));
                }
            }
        }
        if let Some(quotes) = quotes {
            return self.feed(which, Input::Quoted { quotes });
        }
        self.check_wake(which);
        self.drivers[which].must_leave |= !refused.is_empty();
        for call in refused {
            let reason = "little time is left".to_owned();
            self.feed(which, Input::NotBegun { call, reason });
        }
    }

    /// The table takes an append: all of it, part of it, or it shows that somebody else was first. Its answer may be late
    /// or never come.
    fn store(&mut self, which: usize, choices: &mut Choices) {
        if let Some(events) = self.drivers[which].unconfirmed.take() {
            return self.confirm(which, events);
        }
        let Some((first, mut events)) = self.drivers[which].append.take() else {
            return;
        };
        if first != Seq(self.log.len() as u64 + 1) {
            let there = self.log_from(first);
            let epoch = self.log[usize::try_from(first.0).unwrap() - 1].0;
            let collided = Input::Collided {
                epoch,
                events: there,
            };
            return self.feed(which, collided);
        }
        let most = events.len() as u64;
        let count = usize::try_from(most - choices.next_of(most)).unwrap();
        let rest = events.split_off(count);
        let epoch = self.drivers[which].epoch;
        self.log
            .extend(events.iter().cloned().map(|event| (epoch, event)));
        if !rest.is_empty() {
            self.drivers[which].append = Some((Seq(first.0 + count as u64), rest));
        }
        match choices.next_of(12) {
            11 => self.drivers[which].is_lost = true,
            8..=10 => self.drivers[which].unconfirmed = Some(events),
            _ => self.confirm(which, events),
        }
    }

    /// The table's answer reaches its driver; an append that goes on in another item stays.
    fn confirm(&mut self, which: usize, events: Vec<Event>) {
        let going_on = self.drivers[which].append.take();
        self.feed(which, Input::Stored { events });
        if going_on.is_some() && self.drivers[which].state.stopped().is_none() {
            assert!(self.drivers[which].append.is_none());
            self.drivers[which].append = going_on;
        }
    }

    /// Time goes on until the driver has something to do, which it then does at once.
    fn wake(&mut self, which: usize) {
        let Some(at_ms) = self.drivers[which].state.wake_at() else {
            return;
        };
        self.now_ms = self.now_ms.max(at_ms);
        self.feed(which, Input::Woken);
        let again = self.drivers[which].state.wake_at();
        assert!(
            again.is_none_or(|at| at > self.now_ms),
            "it wakes for something"
        );
    }

    /// Whatever happened, the driver wakes in time: for its text, for the log, and for the end of the run's time.
    fn check_wake(&self, which: usize) {
        let driver = &self.drivers[which];
        if let Some(at_ms) = driver.state.wake_at() {
            assert!(at_ms <= driver.state.run().start.must_end_by_ms());
            assert!(driver.poll.is_some() || at_ms <= self.now_ms + POLL_AFTER_MS);
        }
    }

    fn answer_poll(&mut self, which: usize) {
        if let Some(first) = self.drivers[which].poll.take() {
            let events = self.log_from(first);
            let epoch = self.log.get(usize::try_from(first.0).unwrap() - 1);
            let epoch = epoch.map_or(Epoch(0), |(epoch, _)| *epoch);
            self.feed(which, Input::Polled { epoch, events });
        }
    }

    fn cancel_from_outside(&mut self, choices: &mut Choices) {
        if choices.next_of(8) == 0 && !self.is_over() {
            let by = "outside".to_owned();
            self.log.push((self.epoch, Event::CancelRequested { by }));
        }
    }

    /// The newest driver is lost, frozen or slow: either way another one takes over.
    fn replace_driver(&mut self, choices: &mut Choices) {
        if choices.next_of(3) == 0 && !self.is_over() {
            if choices.next_of(2) == 0
                && let Some(last) = self.drivers.last_mut()
            {
                last.is_lost = true;
            }
            self.take_over("lease expired");
        }
    }

    fn take_over(&mut self, reason: &str) {
        self.epoch = Epoch(self.epoch.0 + 1);
        let epoch = self.epoch;
        let state = State::new(self.fold(), epoch);
        let takeover = Takeover {
            epoch,
            reason: reason.to_owned(),
            lost: self.drivers.last().is_some_and(|driver| driver.is_lost),
            orchestrator: ModelId::new("qwen"),
            fallback: vec![ModelId::new("phi")],
        };
        self.add_driver(state, epoch, Input::TakeOver(takeover));
    }

    fn end_call(&mut self, which: usize, choices: &mut Choices) {
        let driver = &mut self.drivers[which];
        if driver.calls.is_empty() {
            return;
        }
        let at = usize::try_from(choices.next_of(driver.calls.len() as u64)).unwrap();
        if driver.purse.waits(driver.calls[at]) {
            return;
        }
        let call = driver.calls.remove(at);
        let mut end = match call.call_id {
            CallId::Orchestrator { round } => generate::decision(choices, round),
            CallId::Tool { .. } => {
                let is_model = driver
                    .state
                    .run()
                    .call(call.call_id)
                    .is_some_and(|state| state.spec.model.is_some());
                generate::result(choices, is_model)
            }
        };
        let needs_text = match &end {
            CallEnd::Decided(reply) => reply.calls.is_empty(),
            CallEnd::Tool { .. } | CallEnd::OrchestratorFailed { .. } => true,
        };
        if needs_text && choices.next_of(5) != 4 {
            self.text(which, call, "text \u{1F980}");
        }
        let spent = match &mut end {
            CallEnd::Decided(reply) => &mut reply.spent,
            CallEnd::Tool { spent, .. } => spent,
            CallEnd::OrchestratorFailed { attempt, .. } => &mut attempt.spent,
        };
        self.charge(which, call, spent, choices);
        let spent = *spent;
        self.pay(which, call, spent);
        self.feed(which, Input::CallEnded { call, end });
    }

    /// The function's time is over while the orchestrator is being asked.
    fn break_off(&mut self, which: usize, choices: &mut Choices) {
        let calls = &self.drivers[which].calls;
        let is_orchestrator = |call: &Call| matches!(call.call_id, CallId::Orchestrator { .. });
        if let Some(at) = calls.iter().position(is_orchestrator) {
            if self.drivers[which]
                .purse
                .waits(self.drivers[which].calls[at])
            {
                return;
            }
            let call = self.drivers[which].calls.remove(at);
            self.drivers[which].must_leave = true;
            let mut restart = generate::restart(choices, "no time is left");
            self.charge(which, call, &mut restart.ended.spent, choices);
            self.pay(which, call, restart.ended.spent);
            self.feed(which, Input::BrokenOff { call, restart });
        }
    }

    /// A call has taken something. While its end is being written the driver may be unable to add to it.
    fn pay(&mut self, which: usize, call: Call, spent: Spent) {
        let driver = &self.drivers[which];
        let written = driver.append.iter().flat_map(|(_, events)| events);
        let mut written = written.chain(driver.unconfirmed.iter().flatten());
        let is_closed = written.any(|event| match event {
            Event::ToolResult(result) => result.call_id == call.call_id,
            Event::Complete { .. } => true,
            _ => false,
        });
        self.paid += spent;
        if !is_closed {
            self.due += spent;
        }
    }

    /// A call finds that what it wrote so far was none of its answer, and writes on.
    fn start_over(&mut self, which: usize, choices: &mut Choices) {
        let driver = &mut self.drivers[which];
        if driver.calls.is_empty() || choices.next_of(4) != 0 {
            return;
        }
        let at = usize::try_from(choices.next_of(driver.calls.len() as u64)).unwrap();
        let call = driver.calls[at];
        if driver.purse.waits(call) {
            return;
        }
        driver.calls[at].attempt += 1;
        let mut restart = generate::restart(choices, "that was a thought");
        if driver.state.run().max_cost().is_some() && choices.next_of(2) == 1 {
            restart.reserves = generate::reserved(choices);
        }
        if restart.reserves.is_some() {
            let next = self.drivers[which].calls[at];
            self.drivers[which].purse.wait(next);
        }
        self.charge(which, call, &mut restart.ended.spent, choices);
        self.pay(which, call, restart.ended.spent);
        self.feed(which, Input::StartedOver { call, restart });
    }

    fn write_text(&mut self, which: usize, choices: &mut Choices) {
        let driver = &self.drivers[which];
        if driver.calls.is_empty() {
            return;
        }
        let at = usize::try_from(choices.next_of(driver.calls.len() as u64)).unwrap();
        let call = driver.calls[at];
        if driver.purse.waits(call) {
            return;
        }
        let length = usize::try_from(choices.next_of(9000)).unwrap();
        self.text(which, call, &"é".repeat(length));
    }

    /// A call writes, and what it wrote does not wait for long.
    fn text(&mut self, which: usize, call: Call, content: &str) {
        let content = content.to_owned();
        let shown = |world: &Self| {
            world.drivers[which]
                .live
                .get(&(call.call_id, call.attempt))
                .copied()
        };
        let before = shown(self);
        self.feed(which, Input::Text { call, content });
        if shown(self) != before
            && let Some(at_ms) = self.drivers[which].state.wake_at()
        {
            assert!(at_ms <= self.now_ms + FLUSH_AFTER_MS);
        }
    }

    fn log_from(&self, first: Seq) -> Vec<(Seq, Event)> {
        let skip = usize::try_from(first.0).unwrap() - 1;
        (first.0..)
            .map(Seq)
            .zip(self.log.iter().skip(skip).map(|(_, event)| event.clone()))
            .collect()
    }
}

/// Events that commands would append.
pub fn appended(commands: &[Command]) -> Vec<Event> {
    commands
        .iter()
        .flat_map(|command| match command {
            Command::Append { events, .. } => events.clone(),
            _ => Vec::new(),
        })
        .collect()
}
