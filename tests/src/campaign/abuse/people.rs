//! Honest people, two at a time: each asks, sees the first event, and reads the run to its end.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::figures::Times;
use super::world::{ANSWER, HONEST, World};
use crate::client::send;
use crate::wait::within;

pub(super) struct People<'a>(&'a World);

impl<'a> People<'a> {
    pub(super) const fn new(world: &'a World) -> Self {
        Self(world)
    }

    pub(super) async fn run_times(&self, count: usize) -> Times {
        let half = async || {
            let mut times = Vec::new();
            for _ in 0..count.div_ceil(2) {
                times.push(self.run().await);
            }
            times
        };
        let (one, other) = tokio::join!(half(), half());
        sorted(one, other)
    }

    pub(super) async fn run_until(&self, over: watch::Receiver<bool>) -> Times {
        let half = async || {
            let mut times = Vec::new();
            while times.is_empty() || !*over.borrow() {
                times.push(self.run().await);
            }
            times
        };
        let (one, other) = tokio::join!(half(), half());
        sorted(one, other)
    }

    /// One run; gives how long its first event took.
    async fn run(&self) -> Duration {
        let began = Instant::now();
        let question = format!("{HONEST}: what is six times seven?");
        let mut response = send(self.0.question(&question)).await;
        assert_eq!(response.status(), 200);
        let first = within("a first event", response.chunk()).await;
        let mut told = first.unwrap().unwrap().to_vec();
        let took = began.elapsed();
        told.extend(
            within("an honest run to end", response.bytes())
                .await
                .unwrap(),
        );
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains(r#""status":"completed""#), "{told}");
        assert!(told.contains(ANSWER), "{told}");
        took
    }
}

fn sorted(mut one: Vec<Duration>, other: Vec<Duration>) -> Times {
    one.extend(other);
    one.sort();
    Times(one)
}
