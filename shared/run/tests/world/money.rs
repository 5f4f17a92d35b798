//! What calls are charged, what is set aside for them, and what must hold of both.

use std::collections::{BTreeMap, BTreeSet};

use run::{Call, CallId, Cost, Event, Quote, Reservation, Run, Spent, Status};

use super::World;
use super::generate::Choices;

/// What servers charge in all.
pub struct Money {
    /// Tells what calls can take.
    seed: u64,
    charged: u64,
    /// Of that, what was more than they were asked for.
    beyond: u64,
}

/// What one driver knows to be set aside.
#[derive(Default)]
pub struct Purse {
    left: BTreeMap<CallId, u64>,
    /// Attempts that are not made before more is set aside.
    waiting: BTreeSet<Call>,
}

impl Money {
    pub fn of(choices: &mut Choices) -> Self {
        Self {
            seed: choices.next_of(1000),
            charged: 0,
            beyond: 0,
        }
    }

    /// What calls can take at most, now and then unknown.
    pub fn quotes(&self, run: &Run, calls: &[Call]) -> Vec<Quote> {
        let quote = |call: &Call| {
            let (is_known, number) = match call.call_id {
                CallId::Orchestrator { round } => (run.round(round).is_some(), round * 31),
                CallId::Tool { round, index } => {
                    (run.call(call.call_id).is_some(), round * 31 + index * 7)
                }
            };
            assert!(is_known, "the run that is quoted for has the call");
            let mixed = (self.seed + u64::from(number) + u64::from(call.attempt)) * 2_654_435_761;
            let cost = mixed % 97;
            Quote {
                call: *call,
                most: (cost != 96).then_some(Reservation {
                    usage: None,
                    cost: Cost { nano_usd: cost },
                }),
            }
        };
        calls.iter().map(quote).collect()
    }
}

impl Purse {
    /// Reads an event that is stored.
    pub fn read(&mut self, event: &Event, calls: &mut Vec<Call>) {
        match event {
            Event::Retry {
                call_id,
                attempt,
                reserved,
                ..
            } => {
                let call = Call {
                    call_id: *call_id,
                    attempt: *attempt,
                };
                if self.waiting.remove(&call) {
                    match reserved {
                        Some(reserved) => {
                            self.left.insert(*call_id, reserved.cost.nano_usd);
                        }
                        None => calls.retain(|other| *other != call),
                    }
                }
            }
            Event::ToolResult(result) => {
                let waiting = &mut self.waiting;
                calls.retain(|call| call.call_id != result.call_id || !waiting.contains(call));
                waiting.retain(|call| call.call_id != result.call_id);
            }
            _ => {}
        }
    }

    /// A call is begun only with what it can take set aside.
    pub fn begin(&mut self, run: &Run, call: Call) {
        if run.max_cost().is_none() {
            return;
        }
        let attempts = match call.call_id {
            CallId::Orchestrator { round } => &run.round(round).unwrap().attempts,
            CallId::Tool { .. } => &run.call(call.call_id).unwrap().attempts,
        };
        let reserved = attempts.reserved().unwrap();
        self.left.insert(call.call_id, reserved.cost.nano_usd);
    }

    pub fn wait(&mut self, attempt: Call) {
        self.waiting.insert(attempt);
    }

    pub fn waits(&self, attempt: Call) -> bool {
        self.waiting.contains(&attempt)
    }
}

impl World {
    /// A server charges for a call: as much as is set aside at most, unless it goes beyond what it was asked for.
    pub(super) fn charge(
        &mut self,
        which: usize,
        call: Call,
        spent: &mut Spent,
        choices: &mut Choices,
    ) {
        let driver = &mut self.drivers[which];
        let (Some(_), Some(cost)) = (driver.state.run().max_cost(), &mut spent.cost) else {
            return;
        };
        let left = driver.purse.left.entry(call.call_id).or_default();
        if cost.nano_usd > *left {
            if choices.next_of(8) == 7 {
                self.money.beyond += cost.nano_usd - *left;
            } else {
                cost.nano_usd = *left;
            }
        }
        *left = left.saturating_sub(cost.nano_usd);
        self.money.charged += cost.nano_usd;
    }

    /// Neither what is charged nor what the log says passes the cap by more than what servers charged beyond what they were asked for.
    pub(super) fn check_money(&self) {
        let run = self.fold();
        let Some(cap) = run.max_cost() else {
            return;
        };
        let Money {
            charged, beyond, ..
        } = self.money;
        let most = cap.nano_usd + beyond;
        assert!(charged <= most, "{charged} are charged of {most}");
        let committed = run.committed().nano_usd;
        assert!(committed <= most, "{committed} are told of {most}");
        let told = run.summary().cost.nano_usd;
        assert!(told <= committed, "what is told is committed");
        if let Some(status) = run.ended() {
            let told = run.summary().cost.nano_usd;
            assert!(told + beyond >= charged, "{told} are told of {charged}");
            if told > cap.nano_usd {
                assert!(!matches!(status, Status::Completed | Status::OutOfRounds));
            }
        }
    }
}
