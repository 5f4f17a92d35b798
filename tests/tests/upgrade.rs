//! A newer version reads what an older one has written and goes on with it; an older one refuses what a newer one has written,
//! and leaves it untouched.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use orchestrator::now_ms;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::says;
use tests::stack::{Counted, Setup};
use tests::table::Item;

/// One finished run each, as a version has left it in the table.
const LOGS: [&str; 2] = [
    include_str!("../fixtures/logs/schema-1-before-owners.json"),
    include_str!("../fixtures/logs/schema-1.json"),
];
const RUN: &str = "/api/runs/01M82B6WK1K9R53M1PQBKJS5QP";
const EVENTS: [&str; 17] = [
    "start",
    "round_start",
    "delta",
    "orchestrator_thinking",
    "orchestrator_thinking",
    "round_decided",
    "tool_call",
    "tool_call",
    "tool_result",
    "tool_result",
    "round_start",
    "round_decided",
    "tool_call",
    "delta",
    "tool_result",
    "final_answer",
    "complete",
];

fn read(log: &str) -> Vec<Item> {
    serde_json::from_str(log).unwrap()
}

/// A stack that finds these items in its table.
async fn stack_with(items: &[Item]) -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start_counted().await;
    for item in items {
        stack.table.put(item).await;
    }
    (models, stack)
}

#[tokio::test]
async fn every_older_log_is_read() {
    for log in LOGS {
        let (_models, stack) = stack_with(&read(log)).await;
        let snapshot = stack.client.json(RUN).await;
        assert_eq!(snapshot["status"], "completed");
        assert_eq!(snapshot["answer"], "It is 42.");
        assert_eq!(
            snapshot["rounds"][0]["calls"][0]["result"]["stdout"],
            "42\n"
        );
        let mut events = stack.client.events("01M82B6WK1K9R53M1PQBKJS5QP", 0).await;
        for (id, expected) in (1..).zip(EVENTS) {
            let frame = events.next().await.unwrap();
            assert_eq!((frame.id, frame.event()), (Some(id), expected));
        }
        assert!(events.next().await.is_none());
        let listed = stack.client.json("/api/runs").await;
        assert_eq!(listed["runs"][0]["status"], "completed");
        let deleted = send(stack.client.request(Method::DELETE, RUN)).await;
        assert_eq!(deleted.status(), 204);
        assert_eq!(stack.table.items().await, []);
    }
}

/// Runs of every kind that ends differently, and one under way, as the version before calls had attempts of their own left them; with
/// what it showed of each: `items`, `snapshot`, `listed` and `frames`.
const KINDS: &str = include_str!("../fixtures/logs/schema-1-kinds.json");

/// Whether all that was shown still is; more may be. Where not, the first difference.
fn still_shows(path: &str, before: &Value, now: &Value) -> Result<(), String> {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => before.iter().try_for_each(|(name, was)| {
            let path = format!("{path}.{name}");
            let is = now.get(name).ok_or_else(|| format!("{path} is gone"))?;
            still_shows(&path, was, is)
        }),
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => before
            .iter()
            .zip(now)
            .enumerate()
            .try_for_each(|(at, (was, is))| still_shows(&format!("{path}[{at}]"), was, is)),
        (before, now) if before == now => Ok(()),
        // A call that was never begun has had a word of its own since.
        (before, now)
            if path.ends_with(".error.code") && before == "cancelled" && now == "not_run" =>
        {
            Ok(())
        }
        (before, now) => Err(format!("{path}: {before} before, {now} now")),
    }
}

async fn all_frames(stack: &Counted, run_id: &str) -> Value {
    let mut events = stack.client.events(run_id, 0).await;
    let mut frames = Vec::new();
    while let Some(frame) = events.next().await {
        frames.push(json!({"id": frame.id, "data": frame.data}));
    }
    frames.into()
}

#[tokio::test]
async fn a_run_of_every_kind_reads_as_it_did() {
    let kinds: BTreeMap<String, Value> = serde_json::from_str(KINDS).unwrap();
    assert_eq!(kinds.len(), 7);
    for (kind, before) in kinds {
        let items: Vec<Item> = serde_json::from_value(before["items"].clone()).unwrap();
        let run_id = before["run_id"].as_str().unwrap();
        let (_models, stack) = stack_with(&items).await;
        let snapshot = stack.client.json(&format!("/api/runs/{run_id}")).await;
        let mut shown = json!({"snapshot": snapshot});
        shown["listed"] = stack.client.json("/api/runs").await["runs"].take();
        if kind == "under_way" {
            // How long it has been going on.
            shown["snapshot"]["summary"]["duration_ms"] =
                before["snapshot"]["summary"]["duration_ms"].clone();
        } else {
            shown["frames"] = all_frames(&stack, run_id).await;
        }
        for what in ["snapshot", "listed", "frames"] {
            still_shows(&format!("{kind}: {what}"), &before[what], &shown[what]).unwrap();
        }
    }
}

#[tokio::test]
async fn a_run_that_was_under_way_goes_on_across_the_upgrade() {
    let kinds: Value = serde_json::from_str(KINDS).unwrap();
    let before = &kinds["under_way"];
    let run_id = before["run_id"].as_str().unwrap();
    let head = before["items"].as_array().unwrap().last().unwrap();
    let items = before["items"].to_string();
    // One of an hour ago would be ended, not finished.
    let mut items: Vec<Item> =
        read(&items.replace(&head["created_at"].to_string(), &now_ms().to_string()));
    let head = items.iter_mut().find(|item| item["SK"] == "HEAD").unwrap();
    head.insert("lease_until".to_owned(), json!(0));
    let (models, stack) = stack_with(&items).await;
    models.expert("Part two", says("Part two, once more."));
    models.expert("", says("It is 42."));
    let mut events = stack.client.events(run_id, 0).await;
    let mut shown = Vec::new();
    while let Some(frame) = events.next().await {
        shown.extend(frame.is_stored().then_some(frame));
    }
    assert!((1..).zip(&shown).all(|(id, frame)| frame.id == Some(id)));
    // Part two was being written when the version before was stopped; one result of that round was stored, another one is of a call that
    // was never made.
    let results: Vec<_> = shown
        .iter()
        .filter(|it| it.event() == "tool_result")
        .map(|it| (&it.data["call_id"], &it.data["ok"]))
        .collect();
    assert_eq!(
        json!(results),
        json!([
            ["r1.1", true],
            ["r2.4", false],
            ["r2.1", true],
            ["r2.2", true],
            ["r2.3", true]
        ])
    );
    let summary = &shown.last().unwrap().data["summary"];
    assert_eq!(summary["final_answer"], "It is 42.");
    assert_eq!(
        (&summary["status"], &summary["resumed"]),
        (&json!("completed"), &json!(1))
    );
    models.assert_spent();
}

/// When the runs of the logs were created, in milliseconds since 1970.
const CREATED_AT_MS: &str = "1795375198817";

/// A run of just now whose driver has left it before its last round. One of an hour ago would be ended, not finished.
fn unfinished(log: &str) -> Vec<Item> {
    let mut items = read(&log.replace(CREATED_AT_MS, &now_ms().to_string()));
    items.retain(|item| item["SK"] != "EV#000000000012" && item["SK"] != "EV#000000000014");
    let head = items.iter_mut().find(|item| item["SK"] == "HEAD").unwrap();
    head.insert("status".to_owned(), json!("running"));
    head.insert("open".to_owned(), json!("OPEN#0"));
    head.insert("lease_until".to_owned(), json!(0));
    items
}

#[tokio::test]
async fn a_run_that_an_older_version_began_is_finished() {
    for log in LOGS {
        let (models, stack) = stack_with(&unfinished(log)).await;
        models.orchestrator([says("It is 42, still.")]);
        let mut events = stack.client.events("01M82B6WK1K9R53M1PQBKJS5QP", 11).await;
        let mut last = None;
        while let Some(frame) = events.next().await {
            last = Some(frame);
        }
        let summary = &last.unwrap().data["summary"];
        assert_eq!(summary["final_answer"], "It is 42, still.");
        assert_eq!(summary["tools_used"], json!(["code_interpreter"]));
    }
}

#[tokio::test]
async fn what_a_newer_version_has_written_is_refused_and_left_untouched() {
    for newer in ["HEAD", "EV#000000000010"] {
        let mut items = unfinished(LOGS[1]);
        let item = items.iter_mut().find(|item| item["SK"] == newer).unwrap();
        item.insert("schema".to_owned(), json!(3));
        let (_models, stack) = stack_with(&items).await;
        let before = stack.table.items().await;
        for (method, path) in [
            (Method::GET, RUN.to_owned()),
            (Method::GET, format!("{RUN}/events")),
            (Method::POST, format!("{RUN}/cancel")),
        ] {
            if newer == "HEAD" && method == Method::GET {
                // What it says so far can be read: every item of it is known.
                continue;
            }
            let refused = send(stack.client.request(method, &path)).await;
            assert_eq!(refused.status(), 503, "{newer}: {path}");
            let body: Value = refused.json().await.unwrap();
            let message = body["error"]["message"].as_str().unwrap();
            assert!(
                message.contains("cannot be read by this version"),
                "{message}"
            );
        }
        let deleted = send(stack.client.request(Method::DELETE, RUN)).await;
        assert!(!deleted.status().is_success(), "{newer}");
        assert_eq!(stack.table.items().await, before, "{newer}");
    }
}

/// A table of the version before there were owners' keys: a run that has ended, pinned and rated, and one whose driver was killed.
const ONE_OWNER: &str = include_str!("../fixtures/logs/schema-2-one-owner.json");
const ENDED: &str = "01M8PR4FBBB2M2VBHSVP11GATJ";
const LEFT: &str = "01M8PR4H21319ZTAWS7AY8ABGB";
const LEFT_AT_MS: &str = "1796059841601";

fn of_one_owner() -> Vec<Item> {
    let mut items = read(&ONE_OWNER.replace(LEFT_AT_MS, &now_ms().to_string()));
    for item in &mut items {
        item.insert("expires_at".to_owned(), json!(now_ms() / 1000 + 86_400));
        if item["PK"] == "DAY#anonymous" {
            let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
            item.insert("SK".to_owned(), json!(today));
        }
    }
    items
}

/// Nothing is moved: what was everybody's is the owner `default`'s where the environment has a key, and `local`'s on a laptop; no key of the
/// table reads it, and limits that come later count what the day had spent.
#[tokio::test]
async fn what_one_owner_had_stays_its_own() {
    // SHA-256 of `open sesame`.
    const DIGEST: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";
    let variables = [("ACCESS_KEY_SHA256", DIGEST)];
    for (variables, key, name) in [
        (&variables[..], Some("open sesame"), "default"),
        (&[], None, "local"),
    ] {
        let models = ModelServer::start().await;
        let setup = Setup::with_models(&models).access(variables, orchestrator::Access::OPEN);
        let stack = setup.start_counted().await;
        for item in of_one_owner() {
            stack.table.put(&item).await;
        }
        let client = key.map_or_else(
            || stack.client.clone(),
            |key| stack.client.clone().with_key(key),
        );
        assert_eq!(client.json("/api/config").await["owner"], name);
        let runs = client.json("/api/runs").await["runs"].clone();
        assert_eq!(
            (&runs[0]["run_id"], &runs[1]["run_id"]),
            (&json!(LEFT), &json!(ENDED))
        );
        assert_eq!(
            (&runs[1]["pinned"], &runs[1]["rating"]),
            (&json!(true), &json!("good"))
        );
        let day = client.json("/api/stats").await["days"][0].clone();
        assert_eq!(
            (&day["runs"], &day["by_model"]["qwen"]["calls"]),
            (&json!(1), &json!(3))
        );
        let ended = client.json(&format!("/api/runs/{ENDED}")).await;
        assert_eq!(
            (&ended["status"], &ended["shared"]),
            (&json!("completed"), &json!(false))
        );
        // The run whose driver was killed goes on, and its end is added to what stands there.
        models.always(says("It travels 192 km."));
        let told = client.events(LEFT, 0).await.rest().await;
        assert_eq!(told.last().unwrap().event(), "complete");
        let link = send(client.request(Method::POST, &format!("/api/runs/{ENDED}/share"))).await;
        assert_eq!(link.status(), 200);
        let other = tests::table::NAME;
        let store = store::Store::new(
            stack.table.client.clone(),
            other,
            std::time::Duration::from_hours(24),
        );
        let shown = format!("slm_{}", "a".repeat(43));
        let hash = store::KeyHash::of(shown.as_bytes());
        let key = store::AccessKey::new(run::Owner::new("ann"), hash, store::Limits::default(), 1);
        assert!(store.create_key(&key).await.unwrap());
        let ann = stack.client.clone().with_key(&shown);
        assert_eq!(ann.json("/api/runs").await["runs"], json!([]));
        assert_eq!(ann.get(&format!("/api/runs/{ENDED}")).await.status(), 404);
        assert_eq!(
            client.json("/api/runs").await["runs"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
    }
}
