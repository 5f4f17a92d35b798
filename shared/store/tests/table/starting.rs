//! Starts: one transaction, and one run a key.

use run::{Call, CallId, Owner, Seq};
use serde_json::{Value, json};
use store::{Consistency, FencingToken, IdempotencyKey, Maker, Started, StoreError};

use crate::kit::{NOW, Stand, event, first_events, new_run, owner, request, run_id, start};

fn key(name: &str, query: &str) -> IdempotencyKey {
    IdempotencyKey::new(name, &request(query)).unwrap()
}

#[tokio::test]
async fn a_start_is_a_head_its_first_events_and_the_record_of_its_key() {
    let stand = Stand::new().await;
    let start = start(1, "How\n many?");
    let key = key("k", "How\n many?");
    let started = stand
        .store
        .start(new_run(&start, Some(&key)), &first_events(&start))
        .await;
    assert!(matches!(started.unwrap(), Started::New { stored: 2, .. }));
    let run = format!("RUN#{}", start.run_id);
    let items = stand.table.items().await;
    let [record, log, head] = &items[..] else {
        panic!("{items:#?}");
    };
    assert_eq!(
        (&record["SK"], &record["run_id"]),
        (&json!("IDEM"), &json!(start.run_id.to_string()))
    );
    assert!(
        !record.values().any(|value| *value == json!("k")),
        "the key itself is nobody's business"
    );
    assert_eq!(
        (&log["PK"], &log["SK"]),
        (&json!(run), &json!("EV#000000000001"))
    );
    let expected = [
        ("SK", json!("HEAD")),
        ("owner", json!("ann")),
        ("title", json!("How many?")),
        ("status", json!("running")),
        ("epoch", json!(1)),
        ("lease_until", json!(NOW + 15_000)),
        ("created_at", json!(start.created_at_ms)),
        ("start_key", record["PK"].clone()),
        ("writer", log["writer"].clone()),
    ];
    for (name, value) in expected {
        assert_eq!(head[name], value, "{name}");
    }
    let head = stand.store.head(start.run_id, NOW).await.unwrap().unwrap();
    assert_eq!(
        (head.run_id, head.owner, head.epoch.0),
        (start.run_id, owner(), 1)
    );
    assert!(!head.status.as_str().is_empty() && head.lease_until_ms == NOW + 15_000);
}

#[tokio::test]
async fn a_key_starts_one_run_of_its_owner_and_tells_another_request_from_its_own() {
    let stand = Stand::new().await;
    let (first, second) = (start(1, "How many?"), start(2, "How many?"));
    let own = key("k", "How many?");
    let begin = async |start: &run::Start, key: &IdempotencyKey| {
        stand
            .store
            .start(new_run(start, Some(key)), &first_events(start))
            .await
            .unwrap()
    };
    assert!(matches!(begin(&first, &own).await, Started::New { .. }));
    let Started::AlreadyStarted(record) = begin(&second, &own).await else {
        panic!("two runs of one key");
    };
    assert_eq!(record.run_id, first.run_id);
    assert!(record.is_for(&own) && !record.is_for(&key("k", "How many more?")));
    // Nothing of the second one is there.
    assert_eq!(stand.store.head(second.run_id, NOW).await.unwrap(), None);
    let log = stand
        .store
        .read(second.run_id, Seq(1), Consistency::Strong, NOW)
        .await
        .unwrap();
    assert_eq!(log.events, []);
    // What is looked up is what was started, for its owner alone and while it is remembered.
    let day = 24 * 60 * 60 * 1000;
    for (name, query, owner, at, found) in [
        ("k", "How many?", owner(), NOW, true),
        ("k", "How many more?", owner(), NOW, true),
        ("l", "How many?", owner(), NOW, false),
        ("k", "How many?", Owner::unnamed(), NOW, false),
        ("k", "How many?", owner(), NOW + day - 2000, true),
        ("k", "How many?", owner(), NOW + day + 2000, false),
    ] {
        let record = stand
            .store
            .idempotency_record(&key(name, query), &owner, at)
            .await
            .unwrap();
        assert_eq!(
            record.map(|record| record.run_id),
            found.then_some(first.run_id),
            "{name} {owner} {at}"
        );
    }
    // The key of another owner is another key, and one whose time is over is free.
    let mut of_another = start(3, "How many?");
    of_another.owner = Owner::unnamed();
    assert!(matches!(
        begin(&of_another, &own).await,
        Started::New { .. }
    ));
    let mut much_later = start(4, "How many?");
    much_later.created_at_ms = NOW + day + 2000;
    assert!(matches!(
        begin(&much_later, &own).await,
        Started::New { .. }
    ));
}

#[tokio::test]
async fn a_start_never_takes_the_place_of_a_run() {
    let stand = Stand::new().await;
    let first = start(1, "How many?");
    stand.start(&first).await;
    let before = stand.table.items().await;
    let mut other = start(1, "Another question");
    other.owner = Owner::unnamed();
    let started = stand
        .store
        .start(new_run(&other, None), &first_events(&other))
        .await;
    assert!(
        matches!(started, Err(StoreError::Unavailable { .. })),
        "{started:?}"
    );
    assert_eq!(stand.table.items().await, before);
}

#[tokio::test]
async fn a_title_is_the_beginning_of_the_question_on_one_line() {
    let stand = Stand::new().await;
    let cases = [
        (
            " How\t many\r\n days? ".to_owned(),
            "How many days?".to_owned(),
        ),
        ("é".repeat(120), "é".repeat(120)),
        ("é".repeat(121), format!("{}…", "é".repeat(119))),
        ("🦀 ".repeat(100), format!("{}🦀…", "🦀 ".repeat(59))),
        (String::new(), String::new()),
    ];
    for (number, (query, _)) in (1..).zip(&cases) {
        stand.start(&start(number, query)).await;
    }
    let page = stand.store.history(&owner(), None, 100, NOW).await.unwrap();
    let titles = page.runs.iter().rev().map(|run| &run.title);
    for (title, (_, expected)) in titles.zip(&cases) {
        assert_eq!(title, expected);
        assert!(title.chars().count() <= 120);
    }
    assert_eq!(page.runs.len(), cases.len());
}

#[tokio::test]
async fn a_first_event_that_fits_into_no_item_starts_nothing() {
    let stand = Stand::new().await;
    let large = start(1, &"x".repeat(390 * 1024));
    let started = stand
        .store
        .start(new_run(&large, None), &first_events(&large))
        .await;
    assert!(
        matches!(started, Err(StoreError::EventTooLarge { .. })),
        "{started:?}"
    );
    assert_eq!(
        stand.table.items().await,
        Vec::<std::collections::BTreeMap<String, Value>>::new()
    );
}

/// A file as the driver of a run stores it.
async fn put_file(stand: &Stand, token: &FencingToken) {
    let call_id = CallId::Tool { round: 1, index: 1 };
    let attempt = u32::try_from(token.epoch.0).unwrap();
    let maker = Maker(Call { call_id, attempt });
    let named = ("a.txt", "text/plain");
    let times = (NOW, token.expires_at);
    let stored = stand
        .store
        .put_artifact(token.run_id, maker, named, b"a", times);
    stored.await.unwrap();
}

/// Whoever drives it, and whatever is written of it later.
#[tokio::test]
async fn all_of_a_run_that_is_not_to_be_kept_expires_within_two_hours() {
    let stand = Stand::new().await;
    let mut forgotten = start(1, "How many?");
    let echo = json!({"store": false}).as_object().cloned();
    forgotten.request.echo = echo.map(Box::new);
    let token = stand.start(&forgotten).await;
    stand.append(&token, Seq(3), &[event(1)]).await;
    put_file(&stand, &token).await;
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    let taken = stand.store.take_over(&head, NOW + 20_000).await.unwrap();
    let taken = taken.unwrap();
    stand.append(&taken, Seq(4), &[event(1)]).await;
    put_file(&stand, &taken).await;
    let items = stand.table.items().await;
    // Each file is a note and a chunk.
    assert_eq!(items.len(), 4 + 2 * 2);
    for item in items {
        assert_eq!(item["expires_at"], NOW / 1000 + 2 * 60 * 60, "{item:?}");
    }
    let later = NOW + 2 * 60 * 60 * 1000 + 1000;
    assert_eq!(stand.store.head(run_id(1), later).await.unwrap(), None);
}
