//! Polling the log while another process drives the run. Where none does, this one takes it over.

use std::sync::Arc;

use drive::{Driver, TakenOver, now_ms};
use store::{Consistency, StoreError};
use tokio::time::{Instant, sleep_until};

use super::{Follows, Next, Source};
use crate::sse::encode::Standing;

impl Source {
    /// Waits, then reads what the log has by then.
    pub(super) async fn poll(&mut self, quiet: Instant, standing: Standing) -> Option<Next> {
        let Follows::Tail(tail) = &mut self.follows else {
            return None;
        };
        let now = Instant::now();
        let is_driven_here = self.driver.as_ref().is_some_and(|task| !task.is_finished());
        let is_due = (now >= tail.ends_at && !is_driven_here) || self.deadline.is_over();
        if standing == Standing::Over {
            self.follows = Follows::Nothing;
            return None;
        }
        if is_due {
            return Some(self.ask_to_come_again());
        }
        if now >= quiet {
            return Some(Next::Quiet);
        }
        if now >= tail.take_over_at && !self.is_watched_only {
            tail.take_over_at = now + self.services.timing.lease;
            if self.deadline.is_far() {
                self.take_over().await;
                return None;
            }
            // The client comes back to a function that has all of its time, if it does.
            return self.comes_again.then(|| self.ask_to_come_again());
        }
        sleep_until((now + tail.wait()).min(quiet)).await;
        match self.is_passed_by().await {
            Ok(true) if !is_driven_here => return Some(self.ask_to_come_again()),
            Ok(_) => self.read_on().await,
            Err(error) => self.give_up(&error),
        }
        None
    }

    /// Reads what has been appended to the log since.
    async fn read_on(&mut self) {
        let Follows::Tail(tail) = &mut self.follows else {
            return;
        };
        let store = &self.services.store;
        let log = store
            .read(self.run_id, tail.next, Consistency::Eventual, now_ms())
            .await;
        match log {
            Ok(log) => {
                if let Some((last, _)) = log.events.last() {
                    tail.advance(*last, self.services.timing.lease);
                }
                self.replayed = log.events.into_iter();
            }
            Err(error) => self.give_up(&error),
        }
    }

    /// Drives the run from here on, if nobody else does.
    async fn take_over(&mut self) {
        match Driver::take_over(Arc::clone(&self.services), self.run_id).await {
            Ok(TakenOver::By { driver, events }) => {
                let watched = driver.spawn(self.deadline);
                self.replayed = events.into_iter();
                self.follows = Follows::Live(watched.updates);
                self.driver = Some(watched.task);
            }
            // Another process may have room, or this one later.
            Ok(TakenOver::Held | TakenOver::NoRoom | TakenOver::Ended) => {}
            // It was deleted.
            Ok(TakenOver::NoSuchRun) => self.follows = Follows::Nothing,
            Err(error) => self.give_up(&error),
        }
    }

    /// Whether the stream's watcher has begun another one.
    async fn is_passed_by(&mut self) -> Result<bool, StoreError> {
        match &mut self.permit {
            Some(permit) => permit.is_passed_by().await,
            None => Ok(false),
        }
    }
}
