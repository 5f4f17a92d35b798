//! A table that is busy, in all the words that it has for that: what waits, what is told, and that nothing is done twice.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::crash::{Process, QUERY, Watcher, World, attempts, verify};
use tests::fault_proxy::{Asked, Fate, Refusal};
use tests::stream::Frame;
use tests::table::NAME;

const KEY: &str = "the start of this run";
const LEASE: Duration = Duration::from_mins(1);

/// A refusal in DynamoDB's words.
fn says(status: u16, code: &str, message: &str) -> Refusal {
    let code = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Refusal {
        status,
        body: json!({"__type": code, "message": message}),
    }
}

/// A cancelled transaction, with the reason of each of its items.
fn cancelled(reasons: &[&str]) -> Refusal {
    let shown = reasons.join(", ");
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({"Code": code})).collect();
    Refusal {
        status: 400,
        body: json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "CancellationReasons": reasons,
            "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{shown}]"),
        }),
    }
}

/// All that a table says that is busy for a moment.
fn busy() -> Vec<Refusal> {
    vec![
        says(400, "ThrottlingException", "Rate exceeded"),
        says(
            400,
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        ),
        says(
            400,
            "RequestLimitExceeded",
            "Throughput exceeds the current throughput limit for your account.",
        ),
        says(
            400,
            "TransactionInProgressException",
            "The transaction with the given request token is already in progress.",
        ),
        says(
            500,
            "InternalServerError",
            "The request processing has failed because of an unknown error.",
        ),
        says(
            503,
            "ServiceUnavailable",
            "Service Unavailable. Please try again later.",
        ),
        says(
            400,
            "TransactionConflictException",
            "Transaction is ongoing for the item",
        ),
        cancelled(&["TransactionInProgress", "None", "None"]),
        cancelled(&["ThrottlingError", "None", "None"]),
        cancelled(&["None", "ProvisionedThroughputExceeded", "None"]),
        cancelled(&["None", "None", "TransactionConflict"]),
        cancelled(&["None", "ThrottlingError", "TransactionConflict"]),
    ]
}

/// What it says to a request that was signed at another time than it is now.
fn of_the_clock() -> Vec<Refusal> {
    vec![
        says(
            400,
            "InvalidSignatureException",
            "Signature expired: 20261128T172525Z is now earlier than 20261128T172528Z (20261128T173028Z - 5 min.)",
        ),
        says(
            400,
            "InvalidSignatureException",
            "Signature not yet current: 20261128T172525Z is still later than 20261128T172028Z (20261128T171528Z + 5 min.)",
        ),
        says(
            400,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        says(400, "RequestExpired", "Request has expired."),
    ]
}

const IS_START: fn(&Asked) -> bool = |asked| asked.starter().is_some();

/// The first so many requests that fit are refused.
fn refuse(
    world: &World,
    mut times: usize,
    refusal: Refusal,
    fits: impl Fn(&Asked) -> bool + Send + 'static,
) {
    world.table.judge(move |asked| {
        if times > 0 && fits(asked) {
            times -= 1;
            return Fate::Refuse(refusal.clone());
        }
        Fate::Pass
    });
}

async fn start(client: &Client) -> Response {
    let body = json!({"query": QUERY}).to_string();
    send(client.start_request(body).header("idempotency-key", KEY)).await
}

/// The sort keys of everything that is stored of runs.
async fn stored(world: &World) -> Vec<String> {
    let scan = world.table.direct.scan().table_name(NAME).send().await;
    let items = scan.unwrap().items.unwrap_or_default();
    items
        .iter()
        .filter(|item| {
            let partition = item["PK"].as_s().unwrap();
            !["DAY#", "LATENCY#"]
                .iter()
                .any(|sums| partition.starts_with(sums))
        })
        .map(|item| item["SK"].as_s().unwrap().clone())
        .collect()
}

/// The run was driven by one driver, which asked for everything once.
async fn went_through(world: &World, process: &Process, watcher: &Watcher) {
    verify(world, &process.client, watcher).await;
    assert!(
        attempts(&watcher.frames)
            .values()
            .all(|attempts| *attempts == 1)
    );
    let events: Vec<_> = watcher.frames.iter().map(Frame::event).collect();
    assert!(!events.contains(&"resumed"), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_busy_table_is_one_run() {
    // More often than the SDK repeats a request by itself, but for a clock: that one is right the next time.
    let busy = busy().into_iter().map(|refusal| (refusal, 4));
    let of_the_clock = of_the_clock().into_iter().map(|refusal| (refusal, 2));
    join_all(busy.chain(of_the_clock).map(async |(refusal, times)| {
        let world = World::new(LEASE).await;
        let process = world.process().await;
        refuse(&world, times, refusal.clone(), IS_START);
        let mut watcher = Watcher::default();
        let response = start(&process.client).await;
        assert_eq!(response.status(), 200, "{refusal:?}");
        watcher.run_id = Some(response.headers()["x-run-id"].to_str().unwrap().to_owned());
        watcher.read(response).await;
        assert_eq!(
            world.only_run().await,
            *watcher.run_id.as_ref().unwrap(),
            "{refusal:?}"
        );
        went_through(&world, &process, &watcher).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_a_table_stays_too_busy_for_is_told_and_stores_nothing() {
    let busy = [
        says(400, "ThrottlingException", "Rate exceeded"),
        cancelled(&["None", "None", "ThrottlingError"]),
        says(500, "InternalServerError", "unknown"),
    ];
    join_all(busy.map(async |refusal| {
        let world = World::new(LEASE).await;
        let process = world.process().await;
        refuse(&world, usize::MAX, refusal.clone(), IS_START);
        let response = start(&process.client).await;
        assert_eq!(response.status(), 503, "{refusal:?}");
        let after: u64 = response.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=60).contains(&after));
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "unavailable", "{body}");
        assert_eq!(stored(&world).await, [""; 0]);
        assert!(
            world
                .table
                .asked()
                .iter()
                .filter(|asked| IS_START(asked))
                .count()
                > 3
        );
        world.table.heal();
        assert_eq!(
            start(&process.client).await.status(),
            200,
            "the key is free"
        );
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_time_does_not_mend_is_asked_for_once() {
    let lasting = [
        cancelled(&["ValidationError", "None", "None"]),
        cancelled(&["ThrottlingError", "AccessDenied", "None"]),
        cancelled(&["None", "ItemCollectionSizeLimitExceeded", "None"]),
        says(
            400,
            "ValidationException",
            "One or more parameter values were invalid",
        ),
        says(
            400,
            "AccessDeniedException",
            "not authorized to perform: dynamodb:PutItem",
        ),
        says(
            400,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
        ),
    ];
    for refusal in lasting {
        let world = World::new(LEASE).await;
        let process = world.process().await;
        refuse(&world, usize::MAX, refusal.clone(), IS_START);
        assert_eq!(start(&process.client).await.status(), 503, "{refusal:?}");
        let starts = world.table.asked();
        assert_eq!(
            starts.iter().filter(|asked| IS_START(asked)).count(),
            1,
            "{refusal:?}"
        );
    }
}

/// The start takes effect, and its answer is lost; the table has forgotten its token and shows what stands there.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_answer_was_lost_finds_itself() {
    let world = World::new(LEASE).await;
    let process = world.process().await;
    let mut starts = 0;
    world.table.judge(move |asked| {
        if !IS_START(asked) {
            return Fate::Pass;
        }
        starts += 1;
        if starts == 1 {
            return Fate::LoseResponse;
        }
        let puts = asked.body["TransactItems"].as_array().unwrap().iter();
        let reasons: Vec<_> = puts
            .map(|put| json!({"Code": "ConditionalCheckFailed", "Item": put["Put"]["Item"], "Message": "The conditional request failed"}))
            .collect();
        let mut refusal = cancelled(&[]);
        refusal.body["CancellationReasons"] = json!(reasons);
        Fate::Refuse(refusal)
    });
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    assert!(watcher.is_over());
    went_through(&world, &process, &watcher).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_started_a_run_leads_into_it_on_a_busy_table_too() {
    let world = World::new(LEASE).await;
    let process = world.process().await;
    let mut first = Watcher::default();
    first.start(&process.client, KEY).await;
    refuse(
        &world,
        2,
        cancelled(&["None", "None", "ThrottlingError"]),
        IS_START,
    );
    let again = start(&process.client).await;
    assert_eq!(again.status(), 200);
    assert_eq!(
        again.headers()["x-run-id"].to_str().unwrap(),
        first.run_id.unwrap()
    );
}

/// Each request of a run is refused a few times: what is in flight is neither lost nor asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_on_a_busy_table_loses_nothing_that_is_under_way() {
    let refusals = [
        says(400, "ThrottlingException", "Rate exceeded"),
        says(
            400,
            "TransactionConflictException",
            "Transaction is ongoing for the item",
        ),
        says(500, "InternalServerError", "unknown"),
    ];
    join_all(refusals.map(async |refusal| {
        let world = World::new(LEASE).await;
        let process = world.process().await;
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        world.table.judge(move |asked| {
            if asked.starter().is_some()
                || !(asked.appends("tool_call") || asked.appends("complete") || asked.ends_run())
            {
                return Fate::Pass;
            }
            let times = seen
                .entry(format!("{} {}", asked.name, asked.body["Item"]["SK"]))
                .or_default();
            *times += 1;
            if *times <= 4 {
                Fate::Refuse(refusal.clone())
            } else {
                Fate::Pass
            }
        });
        let mut watcher = Watcher::default();
        watcher.start(&process.client, KEY).await;
        assert!(watcher.is_over());
        went_through(&world, &process, &watcher).await;
    }))
    .await;
}

/// Of a run that is over.
async fn path_of_a_run(client: &Client) -> String {
    let mut watcher = Watcher::default();
    watcher.start(client, KEY).await;
    format!("/api/runs/{}", watcher.run_id.as_ref().unwrap())
}

/// Reads, and requests beside the driver, wait too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_a_busy_table_is_answered() {
    let world = World::new(LEASE).await;
    let process = world.process().await;
    let client = &process.client;
    let path = path_of_a_run(client).await;
    let asked = [
        (Method::GET, path.clone(), 200),
        (Method::GET, format!("{path}/events?after=1"), 200),
        (Method::GET, "/api/runs".to_owned(), 200),
        (Method::POST, format!("{path}/cancel"), 200),
        (Method::DELETE, path, 204),
    ];
    for (method, path, expected) in asked {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        world.table.judge(move |asked| {
            let times = seen.entry(asked.name.clone()).or_default();
            *times += 1;
            if *times <= 3 {
                Fate::Throttle
            } else {
                Fate::Pass
            }
        });
        let answer = send(client.request(method.clone(), &path)).await;
        assert_eq!(answer.status(), expected, "{method} {path}");
    }
    assert_eq!(stored(&world).await, [""; 0]);
}

/// The mark of a deletion is made before anything is deleted, or nothing is.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_waits_for_its_mark() {
    let world = World::new(LEASE).await;
    let process = world.process().await;
    let client = &process.client;
    let path = path_of_a_run(client).await;
    world.table.until_answered(Asked::ends_run).await;
    let before = stored(&world).await;
    let is_mark = |asked: &Asked| asked.name == "TransactWriteItems";
    refuse(
        &world,
        usize::MAX,
        cancelled(&["TransactionConflict", "None"]),
        is_mark,
    );
    let refused = send(client.request(Method::DELETE, &path)).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(stored(&world).await, before);
    assert_eq!(client.json(&path).await["status"], "completed");
    refuse(
        &world,
        2,
        cancelled(&["ThrottlingError", "ThrottlingError"]),
        is_mark,
    );
    assert_eq!(
        send(client.request(Method::DELETE, &path)).await.status(),
        204
    );
    assert_eq!(stored(&world).await, [""; 0]);
}

/// The head, the log, the note of the takeover: each is refused a few times.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_taken_over_on_a_busy_table() {
    let world = World::new(LEASE).await;
    world.fuse.set("decision 2, asked");
    let first = world.process().await;
    let client = first.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = world.fuse.burnt() => {}
        () = watcher.start(&client, KEY) => panic!("the run ended"),
    }
    first.kill().await;
    let run_id = world.only_run().await;
    watcher.run_id = Some(run_id.clone());
    world.end_lease(&run_id).await;
    let second = world.process().await;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    world.table.judge(move |asked| {
        let times = seen.entry(asked.name.clone()).or_default();
        *times += 1;
        if *times <= 3 {
            Fate::Throttle
        } else {
            Fate::Pass
        }
    });
    watcher.follow(&second.client).await;
    assert!(watcher.is_over());
    let resumed = watcher
        .frames
        .iter()
        .filter(|frame| frame.event() == "resumed");
    assert_eq!(resumed.count(), 1);
    verify(&world, &second.client, &watcher).await;
    let head = world.table.direct.get_item().table_name(NAME);
    let head = head
        .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
        .key("SK", AttributeValue::S("HEAD".to_owned()));
    assert_eq!(
        head.send().await.unwrap().item.unwrap()["epoch"]
            .as_n()
            .unwrap(),
        "2"
    );
}
