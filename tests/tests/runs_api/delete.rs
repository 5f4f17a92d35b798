//! Delete leaves nothing, is refused while a run goes on, and can be repeated after it broke off.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::crash::{Process, QUERY, Watcher, World};
use tests::fault_proxy::{Asked, Fate};
use tests::table::NAME;
use tests::wait::within;

const KEY: &str = "the start of this run";

async fn delete(client: &Client, run_id: &str) -> u16 {
    let request = client.request(Method::DELETE, &format!("/api/runs/{run_id}"));
    send(request).await.status().as_u16()
}

/// Every item that names the run, by key.
async fn items_of(world: &World, run_id: &str) -> Vec<String> {
    let scan = world.table.direct.scan().table_name(NAME);
    let items = scan.send().await.unwrap().items.unwrap_or_default();
    let named = items
        .into_iter()
        .filter(|item| format!("{item:?}").contains(run_id));
    named
        .map(|item| format!("{:?} {:?}", item["PK"], item["SK"]))
        .collect()
}

/// A run under a key that has ended, also in its head.
async fn finished() -> (World, Process, String) {
    let world = World::new(Duration::from_mins(1)).await;
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    assert!(watcher.is_over());
    world.table.until_answered(Asked::ends_run).await;
    (world, process, watcher.run_id.unwrap())
}

async fn is_gone_everywhere(client: &Client, run_id: &str) {
    let path = format!("/api/runs/{run_id}");
    assert_eq!(client.get(&path).await.status(), 404);
    assert_eq!(client.get(&format!("{path}/events")).await.status(), 404);
    let cancel = client.request(Method::POST, &format!("{path}/cancel"));
    assert_eq!(send(cancel).await.status(), 404);
    assert_eq!(client.json("/api/runs").await["runs"], json!([]));
    let body = json!({"query": QUERY, "previous_run_id": run_id});
    let followed = send(client.start_request(body.to_string())).await;
    assert_eq!(followed.status(), 404);
    let error: Value = followed.json().await.unwrap();
    assert_eq!(error["error"]["field"], "previous_run_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_run_is_nowhere_and_its_key_is_free() {
    let (world, process, run_id) = finished().await;
    let client = &process.client;
    assert!(items_of(&world, &run_id).await.len() > 3);
    assert_eq!(delete(client, &run_id).await, 204);
    assert_eq!(items_of(&world, &run_id).await, [] as [String; 0]);
    is_gone_everywhere(client, &run_id).await;
    assert_eq!(delete(client, &run_id).await, 404);
    let mut again = Watcher::default();
    again.start(client, KEY).await;
    assert_ne!(again.run_id.unwrap(), run_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_on_is_not_deleted() {
    let world = World::new(Duration::from_mins(1)).await;
    world.fuse.set("decision 2, asked");
    let process = world.process().await;
    let client = process.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = world.fuse.burnt() => {}
        () = watcher.start(&client, KEY) => panic!("the run ended"),
    }
    let run_id = watcher.run_id.unwrap();
    let before = items_of(&world, &run_id).await;
    assert_eq!(delete(&client, &run_id).await, 409);
    assert_eq!(items_of(&world, &run_id).await, before);
    let shown = client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(shown["status"], "running");
    assert_eq!(delete(&client, "01ARZ3NDEKTSV4RRFFQ69G5FAV").await, 404);
}

/// The driver was lost between the last event and the note of it in the head.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_head_missed_its_end_is_deleted_all_the_same() {
    let (world, process, run_id) = finished().await;
    let update = world.table.direct.update_item().table_name(NAME);
    update
        .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
        .key("SK", AttributeValue::S("HEAD".to_owned()))
        .update_expression("SET #status = :running, #open = :open, lease_until = :later")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#open", "open")
        .expression_attribute_values(":running", AttributeValue::S("running".to_owned()))
        .expression_attribute_values(":open", AttributeValue::S("OPEN#0".to_owned()))
        .expression_attribute_values(":later", AttributeValue::N(u64::MAX.to_string()))
        .send()
        .await
        .unwrap();
    assert_eq!(delete(&process.client, &run_id).await, 204);
    assert_eq!(items_of(&world, &run_id).await, [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_broke_off_after_any_write_is_taken_up_again() {
    // The mark, the batch, the key, the rating, the pin, the head; each lost before and after its effect, with every try of the SDK.
    for (write, takes_effect) in [0, 1, 2, 3, 4, 5]
        .map(|at| [(at, false), (at, true)])
        .concat()
    {
        let (world, process, run_id) = finished().await;
        let client = &process.client;
        let mut seen: Vec<String> = Vec::new();
        world.table.judge(move |asked| {
            if !asked.is_write() {
                return Fate::Pass;
            }
            // A repeated request is the same in every byte.
            let request = asked.body.to_string();
            let known = seen.iter().position(|it| *it == request);
            let place = known.unwrap_or_else(|| {
                seen.push(request);
                seen.len() - 1
            });
            match (place >= write, takes_effect && place == write) {
                (true, true) => Fate::LoseResponse,
                (true, false) => Fate::LoseRequest,
                (false, _) => Fate::Pass,
            }
        });
        let broken = delete(client, &run_id).await;
        let what = format!("write {write}, effect {takes_effect}");
        assert_eq!(broken, 503, "{what}");
        world.table.heal();
        let is_marked = write > 0 || takes_effect;
        if is_marked {
            is_gone_everywhere(client, &run_id).await;
        }
        let is_whole = write == 5 && takes_effect;
        let again = delete(client, &run_id).await;
        assert_eq!(again, if is_whole { 404 } else { 204 }, "{what}");
        assert_eq!(items_of(&world, &run_id).await, [] as [String; 0], "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_once_is_no_failure() {
    for write in 0..6 {
        let (world, process, run_id) = finished().await;
        let mut writes = 0;
        world.table.judge(move |asked| {
            if !asked.is_write() {
                return Fate::Pass;
            }
            writes += 1;
            if writes == write + 1 {
                Fate::LoseResponse
            } else {
                Fate::Pass
            }
        });
        assert_eq!(delete(&process.client, &run_id).await, 204, "write {write}");
        assert_eq!(items_of(&world, &run_id).await, [] as [String; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_leaves_undone_is_done_in_the_end() {
    let (world, process, run_id) = finished().await;
    world.table.judge(|asked| {
        if asked.name == "BatchWriteItem" {
            Fate::Partly(1)
        } else {
            Fate::Pass
        }
    });
    let deleted = within("the deletion", delete(&process.client, &run_id)).await;
    assert_eq!(deleted, 204);
    assert_eq!(items_of(&world, &run_id).await, [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_run_does_not_take_a_newer_runs_key_with_it() {
    let (world, process, old) = finished().await;
    let client = &process.client;
    // A key is remembered for a day, a run for longer: here the day is over.
    let scan = world.table.direct.scan().table_name(NAME);
    let items = scan.send().await.unwrap().items.unwrap_or_default();
    let claim = items
        .into_iter()
        .find(|item| item["SK"].as_s().is_ok_and(|it| it == "IDEM"));
    let mut claim = claim.unwrap();
    let yesterday = aws_sdk_dynamodb::types::AttributeValue::N("1".to_owned());
    claim.insert("expires_at".to_owned(), yesterday);
    let put = world.table.direct.put_item().table_name(NAME);
    put.set_item(Some(claim)).send().await.unwrap();
    let mut newer = Watcher::default();
    newer.start(client, KEY).await;
    let newer = newer.run_id.unwrap();
    assert_ne!(newer, old);
    assert_eq!(delete(client, &old).await, 204);
    let mut again = Watcher::default();
    again.start(client, KEY).await;
    assert_eq!(again.run_id.unwrap(), newer, "one key, two runs");
}
