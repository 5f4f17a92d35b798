//! Writes that took effect and whose answers were lost: the SDK sends them again, and they are no collision with themselves.

use run::{Epoch, Seq};
use store::{Appended, HeadStatus, Started, Store, Watcher};
use tests::fault_proxy::{Fate, FaultyTable};
use tests::table::NAME;

use crate::kit::{KEPT, NOW, event, first_events, new_run, run_id, start};

/// A store whose writes of this name are each answered at the second try.
async fn losing(name: &'static str) -> (FaultyTable, Store) {
    let table = FaultyTable::start().await;
    let mut tries = 0;
    table.judge(move |asked| {
        if asked.name != name {
            return Fate::Pass;
        }
        tries += 1;
        match tries % 2 {
            1 => Fate::LoseResponse,
            _ => Fate::Pass,
        }
    });
    let store = Store::new(table.client(), NAME, KEPT);
    (table, store)
}

fn asked(table: &FaultyTable, name: &str) -> usize {
    table
        .asked()
        .iter()
        .filter(|asked| asked.name == name)
        .count()
}

#[tokio::test]
async fn a_start_is_one_run() {
    let (table, store) = losing("TransactWriteItems").await;
    let start = start(1, "How many?");
    let started = store
        .start(new_run(&start, None), &first_events(&start))
        .await
        .unwrap();
    assert!(
        matches!(started, Started::New { stored: 2, .. }),
        "{started:?}"
    );
    assert_eq!(asked(&table, "TransactWriteItems"), 2);
}

#[tokio::test]
async fn an_append_and_a_place_are_ones_own() {
    let (table, store) = losing("PutItem").await;
    let start = start(1, "How many?");
    let started = store
        .start(new_run(&start, None), &first_events(&start))
        .await
        .unwrap();
    let Started::New { token, .. } = started else {
        panic!("{started:?}");
    };
    let stored = store
        .append(&token, Seq(3), &[event(1)], NOW)
        .await
        .unwrap();
    assert_eq!(stored, Appended::Stored { count: 1 });
    assert_eq!(asked(&table, "PutItem"), 2);
    let place = store
        .take_place(run_id(1), Watcher::Named("tab"), NOW + 60_000, NOW)
        .await
        .unwrap();
    assert!(place.is_some());
    assert_eq!(asked(&table, "PutItem"), 4);
}

#[tokio::test]
async fn a_takeover_a_renewal_and_a_release_hold() {
    let (table, store) = losing("UpdateItem").await;
    let start = start(1, "How many?");
    store
        .start(new_run(&start, None), &first_events(&start))
        .await
        .unwrap();
    let head = store.head(run_id(1), NOW).await.unwrap().unwrap();
    let token = store.take_over(&head, NOW + 20_000).await.unwrap().unwrap();
    assert_eq!(token.epoch, Epoch(2));
    assert!(store.renew(&token, NOW + 30_000).await.unwrap());
    assert!(store.release(&token, HeadStatus::Running).await.unwrap());
    assert_eq!(asked(&table, "UpdateItem"), 6);
    let head = store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert!(head.is_given_up());
}
