//! Starting a run: what it holds of its accounts is taken with it, or it is refused and nothing is stored.

use std::sync::Arc;

use run::{Event, Input, Run, Seq, Start, State, Update};
use store::{
    Account, Asker, FencingToken, IdempotencyKey, IdempotencyRecord, LimitMet, NewRun, Pause,
    Started, StoreError, Wish,
};
use tokio::sync::OwnedSemaphorePermit;

use super::Driver;
use crate::lease::{self, Lease};
use crate::measure::told_of_day_share;
use crate::services::Services;

/// Each time that a start is outrun somebody else has started, so this many are more than come at once.
const ATTEMPTS: u32 = 200;
/// What a run may take beyond its time before its place among its account's runs at once is free, in milliseconds.
const SLOT_MARGIN_MS: u64 = 120_000;

/// What a run is started with beside its first event.
#[derive(Clone, Copy, Debug)]
pub struct NewDriver<'a> {
    /// What makes the same start twice one run.
    pub key: Option<&'a IdempotencyKey>,
    /// Whose limits hold for it.
    pub accounts: &'a [Account],
    /// Its first round begins in another process.
    pub hands_over: bool,
}

/// The outcome of a start.
#[derive(Debug)]
pub enum StartOutcome {
    New(Box<Driver>),
    /// The key has started a run before.
    AlreadyStarted(IdempotencyRecord),
    /// Nothing is stored.
    Refused(Refusal),
}

/// Why no run may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This process drives as many runs as it may.
    NoRoom,
    /// It would pass a limit of one of its accounts.
    LimitMet(LimitMet),
    /// Its operator lets none begin now.
    Paused(Pause),
}

impl Driver {
    /// Stores a new run and holds it, unless its key has started one before.
    ///
    /// # Errors
    /// The table cannot be used; nothing is stored then, as far as it can be known.
    pub async fn start(
        services: Arc<Services>,
        mut start: Start,
        new: NewDriver<'_>,
    ) -> Result<StartOutcome, StoreError> {
        let Some(seat) = services.seat() else {
            return refused(&services, &start, new, Refusal::NoRoom).await;
        };
        if let Some(pause) = services.store.paused().await? {
            return refused(&services, &start, new, Refusal::Paused(pause)).await;
        }
        for _ in 0..ATTEMPTS {
            let wish = wish(&services, &start);
            let allotment = match services.store.allot(new.accounts, wish).await? {
                Ok(allotment) => allotment,
                Err(met) => {
                    return refused(&services, &start, new, Refusal::LimitMet(met)).await;
                }
            };
            start.allowances = allotment.allowances();
            let events = first_events(&start, new.hands_over);
            let until_ms = lease::end_ms(services.timing.lease);
            let new_run = NewRun {
                start: &start,
                lease_until_ms: until_ms,
                key: new.key,
                allotment: &allotment,
            };
            match services.store.start(new_run, &events).await? {
                Started::New { token, stored } => {
                    for (account, committed, limit) in allotment.dollars() {
                        told_of_day_share(account, committed, limit);
                    }
                    let held = (token, Lease::held_until(until_ms, services.timing.lease));
                    let driver = Self::of_new(services, start, (events, stored), held, seat);
                    return Ok(StartOutcome::New(Box::new(driver)));
                }
                Started::AlreadyStarted(record) => {
                    return Ok(StartOutcome::AlreadyStarted(record));
                }
                Started::Outrun => {}
            }
        }
        Err(StoreError::Unavailable {
            operation: "start a run within limits",
            detail: "others were faster each time".to_owned(),
        })
    }

    /// The driver of a run of whose first events so many are stored.
    fn of_new(
        services: Arc<Services>,
        start: Start,
        (mut events, stored): (Vec<Event>, usize),
        (token, lease): (FencingToken, Lease),
        seat: OwnedSemaphorePermit,
    ) -> Self {
        events.truncate(stored);
        let mut run = Run::begin(start);
        for event in events.iter().skip(1) {
            run.apply(event);
        }
        let shown_first = (1..)
            .map(Seq)
            .zip(events)
            .map(|(seq, event)| Update::Stored { seq, event })
            .collect();
        Self {
            lease,
            seat,
            state: State::new(run, token.epoch),
            token: Arc::new(token),
            services,
            first: Input::Begin,
            shown_first,
        }
    }
}

fn wish(services: &Services, start: &Start) -> Wish {
    Wish {
        asker: Asker::Run,
        run_id: start.run_id,
        max_cost: start.request.preferences.max_cost,
        default_cost: services.default_run_cost,
        slot_until_ms: start.must_end_by_ms() + SLOT_MARGIN_MS,
        now_ms: start.created_at_ms,
    }
}

/// In a run that has a cap, a round begins with what its call can take at most set aside; one that is handed over begins elsewhere.
fn first_events(start: &Start, hands_over: bool) -> Vec<Event> {
    let mut events = vec![Event::Start(Box::new(start.clone()))];
    if start.max_cost().is_none() && !hands_over {
        events.push(Event::RoundStart {
            round: 1,
            reserved: None,
        });
    }
    events
}

/// The outcome of a start that may not be: the run that its key has started before, if there is one.
async fn refused(
    services: &Services,
    start: &Start,
    new: NewDriver<'_>,
    refusal: Refusal,
) -> Result<StartOutcome, StoreError> {
    let record = match new.key {
        Some(key) => {
            let store = &services.store;
            let record = store.idempotency_record(key, &start.owner, start.created_at_ms);
            record.await?
        }
        None => None,
    };
    Ok(record.map_or(StartOutcome::Refused(refusal), StartOutcome::AlreadyStarted))
}
