//! Reads: from any batch on, up to a gap, and nothing of what a newer version wrote.

use run::{Epoch, Seq};
use serde_json::json;
use store::{Consistency, FencingToken, HeadStatus, Log, StoreError};

use crate::kit::{KEPT, NOW, Stand, event, run_id, start};

async fn read(stand: &Stand, first: u64) -> Result<Log, StoreError> {
    stand
        .store
        .read(run_id(1), Seq(first), Consistency::Strong, NOW)
        .await
}

fn positions(log: &Log) -> Vec<u64> {
    log.events.iter().map(|(seq, _)| seq.0).collect()
}

#[tokio::test]
async fn a_log_is_read_from_a_batch_up_to_the_first_gap() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    for (first, count) in [(3, 2), (5, 1), (7, 2)] {
        let events = vec![event(1); count];
        stand.append(&token, Seq(first), &events).await;
    }
    for (first, found) in [
        (1, vec![1, 2, 3, 4, 5]),
        (3, vec![3, 4, 5]),
        (5, vec![5]),
        // No batch begins there: whoever asks so has not read whole ones.
        (2, vec![]),
        (4, vec![]),
        (6, vec![]),
        (7, vec![7, 8]),
        (9, vec![]),
    ] {
        assert_eq!(
            positions(&read(&stand, first).await.unwrap()),
            found,
            "from {first}"
        );
    }
    // What another run has is not this one's.
    let other = stand
        .store
        .read(run_id(2), Seq(1), Consistency::Strong, NOW)
        .await
        .unwrap();
    assert_eq!(other, Log::default());
}

#[tokio::test]
async fn what_has_expired_is_not_there_though_the_table_still_has_it() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    stand.append(&token, Seq(3), &[event(1)]).await;
    let kept = u64::try_from(KEPT.as_millis()).unwrap();
    for (at, found) in [(NOW + kept - 1000, 3), (NOW + kept + 1000, 0)] {
        let log = stand
            .store
            .read(run_id(1), Seq(1), Consistency::Strong, at)
            .await
            .unwrap();
        assert_eq!(log.events.len(), found);
        let head = stand.store.head(run_id(1), at).await.unwrap();
        assert_eq!(head.is_some(), found > 0);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_by_its_key_and_nothing_is_made_of_it() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    stand.append(&token, Seq(3), &[event(1)]).await;
    let items = stand.table.items().await;
    let of = |sort: &str| {
        let found = items.iter().find(|item| item["SK"] == sort);
        found.unwrap().clone()
    };
    let changed = |sort: &str, name: &str, value| {
        let mut item = of(sort);
        item.insert(name.to_owned(), value);
        item
    };
    for (item, told) in [
        (
            changed("EV#000000000003", "schema", json!(3)),
            "newer version (schema 3, known is 2)",
        ),
        (
            changed("EV#000000000003", "events", json!("[{\"event\":\"new\"}]")),
            "EV#000000000003",
        ),
        (
            changed("EV#000000000003", "events", json!("[")),
            "EV#000000000003",
        ),
    ] {
        stand.table.put(&item).await;
        let error = read(&stand, 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Unreadable { .. }), "{error:?}");
        assert!(error.to_string().contains(told), "{error}");
    }
    for (item, told) in [
        (
            changed("HEAD", "schema", json!(3)),
            "newer version (schema 3, known is 2)",
        ),
        (
            changed("HEAD", "status", json!("resting")),
            "its status is `resting`",
        ),
    ] {
        stand.table.put(&item).await;
        let error = stand.store.head(run_id(1), NOW).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    let mut bare = of("HEAD");
    bare.remove("created_at");
    stand.table.put(&bare).await;
    let error = stand.store.head(run_id(1), NOW).await.unwrap_err();
    assert!(
        error.to_string().contains("its head has no created_at"),
        "{error}"
    );
}

/// Items from before versions were written into all of them.
#[tokio::test]
async fn items_without_a_version_are_of_the_first() {
    let stand = Stand::new().await;
    stand.start(&start(1, "How many?")).await;
    for mut item in stand.table.items().await {
        item.remove("schema");
        stand.table.put(&item).await;
    }
    assert_eq!(positions(&read(&stand, 1).await.unwrap()), [1, 2]);
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert_eq!(head.status, HeadStatus::Running);
}

#[tokio::test]
async fn the_highest_epoch_of_a_log_is_told_wherever_it_stands() {
    let stand = Stand::new().await;
    stand.start(&start(1, "How many?")).await;
    for (at, epoch) in [(3, 7), (4, 2)] {
        let token = FencingToken::new(run_id(1), Epoch(epoch));
        stand.append(&token, Seq(at), &[event(1)]).await;
    }
    assert_eq!(read(&stand, 1).await.unwrap().epoch, Some(Epoch(7)));
    assert_eq!(read(&stand, 4).await.unwrap().epoch, Some(Epoch(2)));
    assert_eq!(read(&stand, 5).await.unwrap().epoch, None);
}
