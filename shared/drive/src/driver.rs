//! One task that owns a run's state: it performs commands and feeds back what happened, until the run stops.

mod hand_over;

use std::collections::VecDeque;
use std::sync::Arc;

use run::{Event, Input, Run, RunId, Seq, Start, State, StopReason, Takeover, Update, decide};
use store::{
    Consistency, FencingToken, HeadStatus, IdempotencyKey, IdempotencyRecord, LogEvent, NewRun,
    Started, StoreError,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::clock::now_ms;
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::lease::{self, Lease};
use crate::measure::{Meter, run_span};
use crate::services::Services;

/// Updates that a slow subscriber may lag behind before it is left to read the log.
const SUBSCRIBER_CAPACITY: usize = 1024;

/// A run and the right to work on it.
#[derive(Debug)]
pub struct Driver {
    services: Arc<Services>,
    token: Arc<FencingToken>,
    lease: Lease,
    /// Counts the run among those that this process drives.
    seat: OwnedSemaphorePermit,
    state: State,
    first: Input,
    /// The start's events, shown before anything else.
    shown_first: Vec<Update>,
}

/// The outcome of a start.
#[derive(Debug)]
pub enum StartOutcome {
    New(Box<Driver>),
    /// The key has started a run before.
    AlreadyStarted(IdempotencyRecord),
    /// This process drives as many runs as it may; nothing is stored.
    NoRoom,
}

/// The outcome of a takeover.
#[derive(Debug)]
pub enum TakenOver {
    /// This process may drive it now; these are its events so far.
    By {
        driver: Box<Driver>,
        events: Vec<LogEvent>,
    },
    /// Another driver holds it.
    Held,
    /// This process drives as many runs as it may.
    NoRoom,
    Ended,
    NoSuchRun,
}

/// A driver in a task of its own, as its watcher sees it.
#[derive(Debug)]
pub struct Watched {
    /// Ends with the driver, and earlier for a watcher that lags too far behind.
    pub updates: mpsc::Receiver<Update>,
    /// Ends when the driver has left its run.
    pub task: JoinHandle<StopReason>,
}

impl Driver {
    /// Stores a new run and holds it, unless its key has started one before. One that is to be handed over begins its first round elsewhere.
    ///
    /// # Errors
    /// The table cannot be used; nothing is stored then, as far as it can be known.
    pub async fn start(
        services: Arc<Services>,
        start: Start,
        key: Option<&IdempotencyKey>,
        hands_over: bool,
    ) -> Result<StartOutcome, StoreError> {
        let Some(seat) = services.seat() else {
            return without_room(&services, &start, key).await;
        };
        let until_ms = lease::end_ms(services.timing.lease);
        let mut events = vec![Event::Start(Box::new(start.clone()))];
        // In a run that has a cap, a round begins with what its call can take at most set aside.
        if start.request.preferences.max_cost.is_none() && !hands_over {
            events.push(Event::RoundStart {
                round: 1,
                reserved: None,
            });
        }
        let new = NewRun {
            start: &start,
            lease_until_ms: until_ms,
            key,
        };
        let (token, stored) = match services.store.start(new, &events).await? {
            Started::New { token, stored } => (token, stored),
            Started::AlreadyStarted(record) => return Ok(StartOutcome::AlreadyStarted(record)),
        };
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
        Ok(StartOutcome::New(Box::new(Self {
            lease: Lease::held_until(until_ms, services.timing.lease),
            seat,
            state: State::new(run, token.epoch),
            token: Arc::new(token),
            services,
            first: Input::Begin,
            shown_first,
        })))
    }

    /// Takes a run over from a driver that has left it, or says why there is nothing to take.
    ///
    /// # Errors
    /// The table cannot be used, or the run in it cannot be read.
    pub async fn take_over(
        services: Arc<Services>,
        run_id: RunId,
    ) -> Result<TakenOver, StoreError> {
        let span = run_span(run_id);
        Self::acquire_lease(services, run_id).instrument(span).await
    }

    async fn acquire_lease(
        services: Arc<Services>,
        run_id: RunId,
    ) -> Result<TakenOver, StoreError> {
        let Some(head) = services.store.head(run_id, now_ms()).await? else {
            return Ok(TakenOver::NoSuchRun);
        };
        let (reason, lost) = match head.status {
            HeadStatus::Deleting => return Ok(TakenOver::NoSuchRun),
            HeadStatus::Ended(_) => return Ok(TakenOver::Ended),
            HeadStatus::Running if now_ms() < head.lease_until_ms => return Ok(TakenOver::Held),
            HeadStatus::Running if head.is_given_up() => {
                ("the driver of this run was stopped", false)
            }
            HeadStatus::Running => ("the driver of this run was lost", true),
            HeadStatus::Suspended => ("the run goes on where it was suspended", false),
        };
        let Some(seat) = services.seat() else {
            return Ok(TakenOver::NoRoom);
        };
        let until_ms = lease::end_ms(services.timing.lease);
        let Some(token) = services.store.take_over(&head, until_ms).await? else {
            return Ok(TakenOver::Held);
        };
        let (run, events) = match read(&services, run_id).await {
            Ok(read) => read,
            Err(error) => {
                lease::put_off(&services, &token, &error).await;
                return Err(error);
            }
        };
        let driver = Box::new(Self {
            lease: Lease::held_until(until_ms, services.timing.lease),
            seat,
            state: State::new(run, token.epoch),
            first: Input::TakeOver(Takeover {
                epoch: token.epoch,
                reason: reason.to_owned(),
                lost,
                orchestrator: services.catalog.orchestrator.model.clone(),
                fallback: services.catalog.orchestrator.fallback.clone(),
            }),
            token: Arc::new(token),
            services,
            shown_first: Vec::new(),
        });
        Ok(TakenOver::By { driver, events })
    }

    /// Drives the run in a task of its own, which goes on whatever becomes of its watcher.
    pub fn spawn(self, deadline: Deadline) -> Watched {
        let (subscriber, updates) = mpsc::channel(SUBSCRIBER_CAPACITY);
        Watched {
            updates,
            task: tokio::spawn(self.drive(Some(subscriber), deadline)),
        }
    }

    /// Drives the run until it ends or this driver has to release it. A watcher that goes away changes nothing.
    ///
    /// All that is logged meanwhile names the run, within the span of the caller.
    pub fn drive(
        self,
        subscriber: Option<mpsc::Sender<Update>>,
        deadline: Deadline,
    ) -> impl Future<Output = StopReason> + Send + 'static {
        let span = run_span(self.token.run_id);
        self.drive_on(subscriber, deadline).instrument(span)
    }

    async fn drive_on(
        self,
        subscriber: Option<mpsc::Sender<Update>>,
        deadline: Deadline,
    ) -> StopReason {
        // The shutdown of this process waits for this task.
        let _tracked = self.services.drivers.token();
        self.services.read_measures();
        let mut meter = Meter::default();
        if self.first == Input::Begin {
            meter.begin();
        }
        let catalog = self.services.catalog_of(&self.state.run().start);
        let work_with = (self.services, catalog);
        let mut effects = Effects::new(work_with, self.token, self.lease, deadline, subscriber);
        for update in self.shown_first {
            effects.emit(update);
        }
        let mut state = self.state;
        let mut next = VecDeque::from([self.first]);
        loop {
            let input = match next.pop_front() {
                Some(input) => input,
                None => effects.wait(&state).await,
            };
            let is_stored = matches!(input, Input::Stored { .. });
            let (after, commands) = decide(state, input, now_ms());
            state = after;
            if is_stored {
                meter.read(state.run(), &commands);
            }
            for command in commands {
                next.extend(effects.perform(&state, command));
            }
            if let Some(reason) = state.stopped().cloned() {
                // A driver that is woken for this run in the same process finds room.
                drop(self.seat);
                effects.leave(&state, &reason).await;
                return reason;
            }
        }
    }
}

/// The outcome of a start for which this process has no room: the run that its key has started before, if there is one.
async fn without_room(
    services: &Services,
    start: &Start,
    key: Option<&IdempotencyKey>,
) -> Result<StartOutcome, StoreError> {
    let record = match key {
        Some(key) => {
            services
                .store
                .idempotency_record(key, &start.owner, start.created_at_ms)
                .await?
        }
        None => None,
    };
    Ok(record.map_or(StartOutcome::NoRoom, StartOutcome::AlreadyStarted))
}

/// A run with its events, read strongly consistent.
async fn read(services: &Services, run_id: RunId) -> Result<(Run, Vec<LogEvent>), StoreError> {
    let store = &services.store;
    let log = store
        .read(run_id, Seq(1), Consistency::Strong, now_ms())
        .await?;
    let run = Run::fold(log.events.iter().map(|(_, event)| event));
    let run = run.ok_or_else(|| StoreError::without_start(run_id))?;
    Ok((run, log.events))
}
