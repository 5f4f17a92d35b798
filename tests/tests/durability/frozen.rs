//! Drivers that are frozen, as Lambda freezes a function, and wake when their lease is over: their clock went on, and they
//! know nothing of what happened.

use std::fmt::Write as _;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tests::crash::{Batch, Frozen, Process, Watcher, World, attempts, verify};
use tests::fault_proxy::Fate;
use tests::gate::Gate;
use tests::laws;
use tests::loopback::Served;
use tests::wait::within;
use tokio::task::JoinHandle;

const KEY: &str = "the start of this run";
/// Of the driver that is frozen.
const SHORT_LEASE: Duration = Duration::from_secs(1);
/// Of the next one, longer than any wait of a test.
const LONG_LEASE: Duration = Duration::from_mins(10);

/// A run whose driver stands still, with its watcher on the other end of the line.
struct Stand {
    world: World,
    first: Process,
    frozen: Frozen,
    watching: JoinHandle<Watcher>,
    run_id: String,
}

/// Starts a run and freezes its process once `reached` is there.
async fn stand(world: World, reached: impl AsyncFnOnce(&World)) -> Stand {
    let first = world.process().await;
    let client = first.client.clone();
    let watching = tokio::spawn(async move {
        let mut watcher = Watcher::default();
        watcher.start(&client, KEY).await;
        watcher
    });
    within("the run to come to its point", reached(&world)).await;
    let frozen = first.freeze().await;
    let run_id = world.only_run().await;
    Stand {
        world,
        first,
        frozen,
        watching,
        run_id,
    }
}

/// Follows a run in a process that goes on with it once the lease is over.
async fn take_over(world: &mut World, run_id: &str) -> (Process, JoinHandle<Watcher>, Takeover) {
    world.lease = LONG_LEASE;
    let second = world.process().await;
    world.lease_to_end(run_id).await;
    let mut watcher = Watcher::of(run_id);
    let client = second.client.clone();
    let following = tokio::spawn(async move {
        watcher.to_the_end(&client).await;
        watcher
    });
    world.table.until_answered(|it| it.appends("resumed")).await;
    let log = world.log(run_id).await;
    let is_takeover = |batch: &Batch| batch.events.iter().any(|it| it["event"] == "resumed");
    let at = log.iter().rposition(is_takeover).unwrap();
    let epoch = log[at].epoch;
    (second, following, Takeover { at, epoch })
}

/// The one that a test waits for. On a busy machine the first driver may have lost its lease before it was frozen, and have taken
/// its own run over: then it is not the first.
struct Takeover {
    at: usize,
    epoch: u64,
}

impl Takeover {
    /// Since then nobody but the driver that took over has written.
    async fn was_the_last(&self, world: &World, run_id: &str) {
        let later = &world.log(run_id).await[self.at..];
        assert!(later.iter().all(|it| it.epoch == self.epoch), "{later:#?}");
    }
}

async fn wakes_after_another_took_over(point: &str) {
    println!("the driver is frozen at: {point}");
    let world = World::new(SHORT_LEASE).await;
    world.fuse.set(point);
    let stand = stand(world, async |world| world.fuse.burnt().await).await;
    let (mut world, first) = (stand.world, stand.first);
    let (second, following, takeover) = take_over(&mut world, &stand.run_id).await;
    let asked = world.cast.asked();
    world.fuse.release();
    stand.frozen.thaw();
    let mut watcher = within("the first process to say its word", stand.watching)
        .await
        .unwrap();
    let follower = within("the run to end", following).await.unwrap();
    watcher.to_the_end(&first.client).await;
    within("the frozen driver to be done", first.services.stop()).await;
    assert_eq!(follower.stored(), watcher.stored(), "{point}");
    verify(&world, &second.client, &watcher).await;
    let resumed = &watcher.frames.last().unwrap().data["summary"]["resumed"];
    assert_eq!(*resumed, 1, "{point}");
    takeover.was_the_last(&world, &stand.run_id).await;
    // Whatever was asked before the takeover, the next driver alone asked afterwards, and each call once.
    for (who, times) in world.cast.asked() {
        let before = asked.get(&who).copied().unwrap_or(0);
        assert!(times - before <= 1, "{point}: {who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_wakes_past_its_lease_appends_nothing_and_begins_nothing() {
    for point in [
        "decision 1, asked",
        "decision 1, step 3",
        "Part one, step 1",
        "r1.3, after",
        "decision 2, asked",
        "answer, step 2",
    ] {
        wakes_after_another_took_over(point).await;
    }
}

/// The one residual window: a `safe` call is past its driver's look at the lease, on its way to the tool, when the driver is
/// frozen. The next driver repeats the call, with the same idempotency key, and then the first one arrives at the tool after
/// all. So the tool is called twice, and can tell by the key; the log has one result.
#[tokio::test(flavor = "multi_thread")]
async fn a_safe_call_past_its_check_is_repeated_with_the_same_key_and_stored_once() {
    let world = World::new(SHORT_LEASE).await;
    world.fuse.set("r1.1, before");
    let stand = stand(world, async |world| world.fuse.burnt().await).await;
    let (mut world, first) = (stand.world, stand.first);
    let call = ("search".to_owned(), format!("{}/1/1", stand.run_id));
    assert_eq!(world.cast.invoked().get(&call), None);
    let (second, following, takeover) = take_over(&mut world, &stand.run_id).await;
    let watcher = within("the run to end", following).await.unwrap();
    assert_eq!(world.cast.invoked()[&call], 1);
    world.fuse.release();
    within("the first call to arrive", async {
        while world.cast.invoked()[&call] < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    stand.frozen.thaw();
    within("the frozen driver to be done", first.services.stop()).await;
    verify(&world, &second.client, &watcher).await;
    assert_eq!(world.cast.invoked()[&call], 2);
    assert_eq!(attempts(&watcher.frames)["r1.1"], 2);
    takeover.was_the_last(&world, &stand.run_id).await;
    let results = watcher
        .frames
        .iter()
        .filter(|it| it.event() == "tool_result" && it.data["call_id"] == "r1.1");
    assert_eq!(results.count(), 1);
}

/// Calls of one decision that together fill more than one item of 200 KB.
const LETTERS: usize = 14;
const LETTER_BYTES: usize = 20_000;

/// Asks for many long letters, then says that they are sent.
async fn letters(Json(request): Json<Value>) -> Response {
    let messages = request["messages"].as_array().unwrap();
    let has_decided = messages.iter().any(|it| it["role"] == "assistant");
    let mut body = String::new();
    let mut push = |delta: Value, finish: &str| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        write!(body, "data: {}\n\n", json!({"choices": [choice]})).unwrap();
    };
    if has_decided {
        push(json!({"content": "They are sent."}), "stop");
    } else {
        let arguments = json!({"to": "x".repeat(LETTER_BYTES)}).to_string();
        let function = json!({"name": "letter", "arguments": arguments});
        let call = |index: usize| json!({"index": index, "id": index.to_string(), "type": "function", "function": function});
        let calls: Vec<Value> = (0..LETTERS).map(call).collect();
        push(json!({"tool_calls": calls}), "tool_calls");
    }
    ([("content-type", "text/event-stream")], body).into_response()
}

/// A driver that has stored the first item of a decision with many calls, and does not know it yet.
async fn between_two_items() -> (Stand, Gate, Served) {
    let mut world = World::new(SHORT_LEASE).await;
    let router = Router::new()
        .route("/v1/chat/completions", post(letters))
        .layer(DefaultBodyLimit::disable());
    let models = Served::start(router).await;
    world.models = models.address.clone();
    let gate = Gate::shut();
    let held = gate.clone();
    world.table.judge(move |asked| {
        if asked.appends("round_decided") && asked.appends("tool_call") {
            Fate::HoldResponse(held.clone())
        } else {
            Fate::Pass
        }
    });
    let stand = stand(world, async |_| gate.reached().await).await;
    stand.world.table.heal();
    let log = stand.world.log(&stand.run_id).await;
    let stored = log.last().unwrap().events.len() - 1;
    assert!(stored > 0 && stored < LETTERS, "{stored} calls in one item");
    (stand, gate, models)
}

/// The calls whose driver was lost before it could make them: the log cannot tell, so each ends as unknown.
fn none_was_sent(world: &World, watcher: &Watcher) {
    laws::check(&watcher.frames);
    assert_eq!(world.cast.invoked().len(), 0);
    let results: Vec<_> = watcher
        .frames
        .iter()
        .filter(|it| it.event() == "tool_result")
        .collect();
    assert!(!results.is_empty() && results.len() < LETTERS);
    for result in results {
        assert_eq!(result.data["result"]["error"]["code"], "outcome_unknown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_frozen_between_two_items_of_one_append_writes_no_more_once_another_took_over() {
    let (stand, gate, _models) = between_two_items().await;
    let (mut world, first) = (stand.world, stand.first);
    let (_second, following, takeover) = take_over(&mut world, &stand.run_id).await;
    gate.open();
    stand.frozen.thaw();
    let watcher = within("the run to end", following).await.unwrap();
    within("the frozen driver to be done", first.services.stop()).await;
    none_was_sent(&world, &watcher);
    takeover.was_the_last(&world, &stand.run_id).await;
    let mut shown = within("the first process to say its word", stand.watching)
        .await
        .unwrap();
    shown.to_the_end(&first.client).await;
    assert_eq!(shown.stored(), watcher.stored());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_frozen_between_two_items_of_one_append_writes_no_more_past_its_lease() {
    let (stand, gate, _models) = between_two_items().await;
    gate.open();
    stand.world.lease_to_end(&stand.run_id).await;
    stand.frozen.thaw();
    let mut watcher = within("the first process to say its word", stand.watching)
        .await
        .unwrap();
    watcher.to_the_end(&stand.first.client).await;
    none_was_sent(&stand.world, &watcher);
    // What follows the first item is the takeover of whoever goes on.
    let log = stand.world.log(&stand.run_id).await;
    let first = log
        .iter()
        .position(|it| it.events[0]["event"] == "round_decided");
    let next = &log[first.unwrap() + 1];
    assert_eq!(next.events[0]["event"], "resumed", "{:?}", next.epoch);
}
