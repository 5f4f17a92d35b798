use std::collections::BTreeMap;

use drive::Config;
use function::{lambda_config, table_config};
use run::{Seq, StopReason, Update};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::sse::EventEncoder;

const RUN: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const PING: &str = "data: {\"event\":\"ping\"}\n\n";
/// What clients are promised.
const PROMISED: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_mins(15);

/// A stream of a driver that this test plays.
struct Stage {
    stream: Stream,
    updates: mpsc::Sender<Update>,
    leave: oneshot::Sender<()>,
}

fn services() -> Arc<Services> {
    let config = Config {
        catalog: catalog::Catalog::parse(include_str!("../../../../../tools_config.json")).unwrap(),
        servers: BTreeMap::new(),
        header_values: drive::HeaderValues::default(),
        extra_ca_certs: None,
        secret_keys: Box::default(),
        table: "nowhere".to_owned(),
        lease: LONG,
        function: LONG,
        watch: LONG,
        driver_function: None,
        keep: LONG,
        model_idle: LONG,
        max_runs: 1,
        default_run_cost: run::Cost::of_usd(1.0),
    };
    let aws = host::aws::config().unwrap();
    let table = aws_sdk_dynamodb::Client::from_conf(table_config(&aws).build());
    let lambda = aws_sdk_lambda::Client::from_conf(lambda_config(&aws).build());
    Arc::new(function::services(config, table, lambda).unwrap())
}

impl Stage {
    fn new() -> Self {
        let (updates, receiver) = mpsc::channel(16);
        let (leave, left) = oneshot::channel();
        let task = tokio::spawn(async move {
            left.await.unwrap();
            StopReason::Released
        });
        let watched = Watched {
            updates: receiver,
            task,
        };
        let deadline = Deadline::new(LONG, None);
        Self {
            stream: Stream::live(
                services(),
                RUN.parse().unwrap(),
                deadline,
                watched,
                Box::new(EventEncoder::after(Seq(0))),
            ),
            updates,
            leave,
        }
    }

    /// The next frames, and how long they were waited for.
    async fn next(&mut self) -> (String, Duration) {
        let before = Instant::now();
        let frames = self.stream.next().await.unwrap();
        let frames = String::from_utf8(frames.to_vec()).unwrap();
        (frames, before.elapsed())
    }

    async fn emit_stored(&self, seq: u64, event: Value) {
        let event = serde_json::from_value(event).unwrap();
        let seq = Seq(seq);
        self.updates
            .send(Update::Stored { seq, event })
            .await
            .unwrap();
    }

    async fn tell_text(&self) {
        let update = Update::Live {
            call_id: "r1.orchestrator".parse().unwrap(),
            attempt: 1,
            offset: 0,
            content: "a".to_owned(),
        };
        self.updates.send(update).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_run_is_told_to_live_within_ten_seconds_again_and_again() {
    let mut stage = Stage::new();
    for _ in 0..100 {
        let (frames, waited) = stage.next().await;
        assert_eq!(frames, PING);
        assert!(waited >= PING_AFTER && waited < PROMISED, "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_told_puts_the_next_ping_off() {
    let mut stage = Stage::new();
    for seconds in [1, 7, 5] {
        let quiet = Duration::from_secs(seconds);
        tokio::time::sleep(quiet).await;
        stage.tell_text().await;
        let (frames, _) = stage.next().await;
        assert!(frames.contains("\"delta\""), "{frames}");
    }
    let (frames, waited) = stage.next().await;
    assert_eq!(frames, PING);
    assert!(waited >= PING_AFTER && waited < PROMISED, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_over_is_told_to_live_until_its_driver_has_left_it() {
    let mut stage = Stage::new();
    let request = json!({"query": "Why?", "max_rounds": 1, "temperature": 0.7, "max_tokens": 1});
    let plan = json!({"time_limit_ms": 1});
    let start = json!({"event": "start", "run_id": RUN, "created_at_ms": 1, "request": request, "plan": plan});
    stage.emit_stored(1, start).await;
    let complete = json!({"event": "complete", "status": "cancelled", "duration_ms": 1});
    stage.emit_stored(2, complete).await;
    let (frames, _) = stage.next().await;
    assert!(
        frames.starts_with("id: 1\n") && frames.contains("\n\nid: 2\n"),
        "{frames}"
    );
    stage.updates = mpsc::channel(1).0;
    for _ in 0..3 {
        let (frames, waited) = stage.next().await;
        assert_eq!(frames, PING);
        assert!(waited < PROMISED, "{waited:?}");
    }
    stage.leave.send(()).unwrap();
    assert_eq!(stage.stream.next().await, None);
}
