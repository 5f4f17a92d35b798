//! The effects of the loop's commands, and what the driver waits for meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog::Catalog;
use run::{Call, Command, Epoch, Input, Run, State, StopReason, Update};
use store::{FencingToken, HeadStatus, StoreError};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use crate::call::{self, Budget, CallContext, Calls, Grants};
use crate::clock::now_ms;
use crate::deadline::Deadline;
use crate::finish;
use crate::inbox::{AppendReport, Inbox, Message, Report};
use crate::lease::Lease;
use crate::prompt::Conversation;
use crate::services::Services;
use crate::store_tasks::StoreTasks;
use crate::timers::{Due, Timers};

/// Wait before the end of a run is noted again in a head that could not be written.
const FINISH_AGAIN_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Effects {
    services: Arc<Services>,
    /// The run's own.
    catalog: Arc<Catalog>,
    token: Arc<FencingToken>,
    lease: Lease,
    deadline: Deadline,
    /// A call has ended under this driver, so that leaving the run to another one is no loop.
    has_progressed: bool,
    /// Ends when this process is to stop.
    stopping: Option<AbortOnDropHandle<()>>,
    subscriber: Option<mpsc::Sender<Update>>,
    sender: mpsc::Sender<Message>,
    inbox: Inbox,
    conversation: Arc<Mutex<Option<Conversation>>>,
    calls: Calls,
    grants: Arc<Grants>,
    store_tasks: StoreTasks,
    timers: Timers,
}

impl Effects {
    pub(crate) fn new(
        (services, catalog): (Arc<Services>, Arc<Catalog>),
        token: Arc<FencingToken>,
        lease: Lease,
        deadline: Deadline,
        subscriber: Option<mpsc::Sender<Update>>,
    ) -> Self {
        let (sender, inbox) = Inbox::new();
        let stopping = tokio::spawn(services.stopping.clone().cancelled_owned());
        Self {
            store_tasks: StoreTasks::new(Arc::clone(&services), Arc::clone(&token), sender.clone()),
            services,
            catalog,
            token,
            lease,
            deadline,
            has_progressed: false,
            stopping: Some(AbortOnDropHandle::new(stopping)),
            subscriber,
            sender,
            inbox,
            conversation: Arc::default(),
            calls: Calls::default(),
            grants: Arc::default(),
            timers: Timers::new(),
        }
    }

    /// Waits for the next thing that matters to the loop.
    pub(crate) async fn wait(&mut self, state: &State) -> Input {
        loop {
            while let Some(message) = self.inbox.pop() {
                if let Some(input) = self.read(message) {
                    return input;
                }
            }
            let (wake_at, renew_at) = (state.wake_at(), self.lease.renew_at());
            let input = tokio::select! {
                Some(()) = self.inbox.wait() => None,
                Some(done) = self.store_tasks.next_done() => {
                    done.err().map(|error| Input::StoreFailed { message: error.to_string() })
                }
                Some(broken) = self.calls.next_done() => broken,
                () = ended(&mut self.stopping) => Some(Input::Leave),
                due = self.timers.next(wake_at, renew_at, now_ms()) => self.on_time(due),
            };
            if let Some(input) = input {
                return input;
            }
        }
    }

    /// Wakes the loop, or renews the lease.
    fn on_time(&mut self, due: Due) -> Option<Input> {
        match due {
            Due::Wake => return Some(Input::Woken),
            // A lease that ran out in a frozen process is not renewed: another driver may be taking over.
            Due::Renewal if !self.lease.is_held() => return Some(Input::LeaseLost),
            Due::Renewal => self.renew(),
        }
        None
    }

    /// Performs a command; returns an input where it fails at once.
    pub(crate) fn perform(&mut self, state: &State, command: Command) -> Option<Input> {
        match command {
            Command::Append { .. } | Command::Call(_) if !self.lease.is_held() => {
                return Some(Input::LeaseLost);
            }
            Command::Append { first, events } => {
                self.store_tasks.append(self.lease.clone(), first, events);
            }
            Command::Quote { run, calls } => {
                let quotes = call::quotes(&self.services, &self.catalog, &run, calls);
                return Some(Input::Quoted { quotes });
            }
            Command::Emit(update) => self.emit(update),
            Command::Poll { next } => self.store_tasks.poll(next),
            Command::Call(call) => return self.begin(state, call),
            Command::Abort => self.calls.abort_all(),
            // The loop has ended; `leave` does what remains.
            Command::Stop(_) => {}
        }
        None
    }

    /// Begins a call, unless the function's time would cut it short and another driver could give it more.
    fn begin(&mut self, state: &State, call: Call) -> Option<Input> {
        let limit = call::time_limit(&self.catalog, state.run(), call.call_id);
        let left = self.deadline.left();
        if left < limit / 2 && self.has_progressed {
            let reason = "the function's time is nearly over".to_owned();
            return Some(Input::NotBegun { call, reason });
        }
        let context = CallContext {
            services: Arc::clone(&self.services),
            catalog: Arc::clone(&self.catalog),
            sender: self.sender.clone(),
            call_id: call.call_id,
            attempt: call.attempt.into(),
            conversation: Arc::clone(&self.conversation),
            limit: limit.min(left),
            may_be_left: left < limit && self.has_progressed,
            began: std::time::Instant::now(),
            expires_at: self.token.expires_at,
            budget: state
                .run()
                .reserved(call.call_id)
                .map(|reserved| Budget::new(Arc::clone(&self.grants), reserved)),
        };
        self.calls.begin(call, context, state.run().clone());
        None
    }

    /// Sends an update to the watcher. One that has gone or lags too far behind reads the log instead.
    pub(crate) fn emit(&mut self, update: Update) {
        if let Update::Stored { event, .. } = &update {
            self.grants.read(event);
        }
        if let Some(subscriber) = &self.subscriber
            && let Err(error) = subscriber.try_send(update)
        {
            tracing::debug!(%error, "the watcher is left to read the log");
            self.subscriber = None;
        }
    }

    /// Ends this driver's work on the run as the reason for stopping demands.
    pub(crate) async fn leave(mut self, state: &State, reason: &StopReason) {
        let services = Arc::clone(&self.services);
        // Behind it this process may be stopped, or left without time for long.
        let (left, ()) = tokio::join!(self.settle(state, reason), services.write_measures());
        match left {
            Ok(true) => {}
            Ok(false) => tracing::warn!("another driver holds the run that ends here"),
            Err(error) => tracing::error!(%error, "the head could not be written"),
        }
        self.store_tasks.shut_down().await;
        self.calls.shut_down().await;
    }

    /// Writes the head as the reason for stopping demands; false where another driver holds the run.
    async fn settle(&mut self, state: &State, reason: &StopReason) -> Result<bool, StoreError> {
        match reason {
            StopReason::Ended(_) => self.finish(state.run()).await,
            StopReason::Suspended => self.hand_on().await,
            StopReason::Released => {
                let store = &self.services.store;
                store.release(&self.token, HeadStatus::Running).await
            }
            StopReason::Superseded => Ok(true),
            StopReason::StoreFailed { message } => {
                tracing::error!(message, "the log cannot be written");
                Ok(true)
            }
        }
    }

    /// Notes the end in the head, and tries again while the lease lasts: until then the run is listed as under way.
    async fn finish(&self, run: &Run) -> Result<bool, StoreError> {
        loop {
            let finished = finish::finish(&self.services.store, &self.token, run).await;
            if finished.is_ok() || !self.lease.is_held() {
                return finished;
            }
            sleep(FINISH_AGAIN_AFTER).await;
        }
    }

    /// Gives up a suspended run and wakes the function that goes on with it. A watcher that reconnects may be faster.
    ///
    /// The watcher's channel is closed first: it has seen `suspended`, and the wake-up may take long.
    async fn hand_on(&mut self) -> Result<bool, StoreError> {
        let store = &self.services.store;
        let released = store.release(&self.token, HeadStatus::Suspended).await?;
        self.subscriber = None;
        call::wake_driver(&self.services, self.token.run_id).await;
        Ok(released)
    }

    fn read(&mut self, message: Message) -> Option<Input> {
        match message {
            Message::Call(call, report) => Some(self.read_report(call, report)),
            Message::Append(report) => Some(match report {
                AppendReport::Stored { events } => Input::Stored { events },
                AppendReport::Collided { epoch, events } => Input::Collided { epoch, events },
                AppendReport::LeaseLost => Input::LeaseLost,
                AppendReport::Failed { message } => Input::StoreFailed { message },
            }),
            Message::Renewed { until_ms, result } => match result {
                Ok(true) => {
                    self.lease.renewed(until_ms);
                    None
                }
                Ok(false) => Some(Input::LeaseLost),
                Err(error) => {
                    tracing::warn!(%error, "the lease could not be renewed");
                    (!self.lease.is_held()).then_some(Input::LeaseLost)
                }
            },
            Message::Polled(read) => {
                let read = read.inspect_err(|error| {
                    tracing::warn!(%error, "the log could not be polled");
                });
                let (epoch, events) =
                    read.map_or((None, Vec::new()), |log| (log.epoch, log.events));
                let epoch = epoch.unwrap_or(Epoch(0));
                Some(Input::Polled { epoch, events })
            }
        }
    }

    fn read_report(&mut self, call: Call, report: Report) -> Input {
        match report {
            Report::Text(content) => Input::Text { call, content },
            Report::StartedOver(restart) => {
                self.calls.count_attempt(call);
                Input::StartedOver { call, restart }
            }
            Report::BrokenOff(restart) => Input::BrokenOff { call, restart },
            Report::Ended(end) => {
                self.has_progressed = true;
                Input::CallEnded { call, end }
            }
        }
    }

    fn renew(&mut self) {
        self.lease.renewing();
        self.store_tasks.renew(self.lease.next_end_ms());
    }
}

/// Waits for the end of a task, once.
async fn ended(task: &mut Option<AbortOnDropHandle<()>>) {
    let Some(under_way) = task else {
        return std::future::pending().await;
    };
    if let Err(error) = under_way.await {
        tracing::error!(%error, "it is no longer seen whether this process is to stop");
    }
    *task = None;
}
