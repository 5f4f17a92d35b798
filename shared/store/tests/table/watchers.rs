//! Places among a run's watchers.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use store::{MAX_WATCHERS, WatchPlace};

use crate::kit::{NOW, Stand, run_id, start};

const UNTIL: u64 = NOW + 60_000;

async fn take(stand: &Stand, name: &str, now_ms: u64) -> Option<WatchPlace> {
    let taken = stand
        .store
        .take_place(run_id(1), name, UNTIL.max(now_ms + 1000), now_ms);
    taken.await.unwrap()
}

#[tokio::test]
async fn a_run_has_twenty_places_and_one_that_is_left_is_free_again() {
    let stand = Stand::new().await;
    let names: Vec<_> = (0..=MAX_WATCHERS)
        .map(|number| number.to_string())
        .collect();
    let all = join_all(names.iter().map(|name| take(&stand, name, NOW))).await;
    let taken: Vec<_> = all.into_iter().flatten().collect();
    assert_eq!(taken.len(), MAX_WATCHERS);
    assert_eq!(stand.keys().await.len(), MAX_WATCHERS);
    assert!(take(&stand, "late", NOW).await.is_none());
    stand.store.leave_place(&taken[3]).await.unwrap();
    let late = take(&stand, "late", NOW).await.unwrap();
    // Whoever has left one does not free it for a second time: it is somebody else's.
    stand.store.leave_place(&taken[3]).await.unwrap();
    assert!(take(&stand, "later", NOW).await.is_none());
    stand.store.leave_place(&late).await.unwrap();
    stand.store.leave_place(&late).await.unwrap();
    assert_eq!(stand.keys().await.len(), MAX_WATCHERS - 1);
    // Another run has places of its own.
    let other = stand
        .store
        .take_place(run_id(2), "a", UNTIL, NOW)
        .await
        .unwrap();
    assert!(other.is_some());
}

#[tokio::test]
async fn a_place_runs_out_by_itself() {
    let stand = Stand::new().await;
    for number in 0..MAX_WATCHERS {
        take(&stand, &number.to_string(), NOW).await.unwrap();
    }
    assert!(take(&stand, "late", UNTIL - 1).await.is_none());
    let late = take(&stand, "late", UNTIL).await.unwrap();
    assert_eq!(
        stand.keys().await.len(),
        MAX_WATCHERS,
        "it stands in the place of one that ran out"
    );
    assert!(!stand.store.is_passed_by(&late, UNTIL).await.unwrap());
}

#[tokio::test]
async fn of_one_watchers_places_the_last_passes_the_others_by() {
    let stand = Stand::new().await;
    let mut places = Vec::new();
    for _ in 0..8 {
        places.push(take(&stand, "tab", NOW).await.unwrap());
    }
    assert!(
        take(&stand, "tab", NOW).await.is_none(),
        "eight are enough for one"
    );
    let other = take(&stand, "another tab", NOW).await.unwrap();
    for (number, place) in places.iter().enumerate() {
        let passed = stand.store.is_passed_by(place, NOW).await.unwrap();
        assert_eq!(passed, number < 7, "place {number}");
    }
    assert!(!stand.store.is_passed_by(&other, NOW).await.unwrap());
    stand.store.leave_place(&places[7]).await.unwrap();
    assert!(!stand.store.is_passed_by(&places[6], NOW).await.unwrap());
}

#[tokio::test]
async fn places_stand_beside_the_log_and_change_nothing_of_it() {
    let stand = Stand::new().await;
    stand.start(&start(1, "How many?")).await;
    let before = stand.table.items().await;
    let place = take(&stand, "tab", NOW).await.unwrap();
    assert_eq!(stand.table.items().await.len(), before.len() + 1);
    stand.store.leave_place(&place).await.unwrap();
    assert_eq!(stand.table.items().await, before);
}

#[tokio::test]
async fn those_who_come_at_once_choose_different_places() {
    let stand = Stand::new().await;
    for number in 0..24 {
        let place = stand.store.take_place(run_id(number), "a", UNTIL, NOW);
        assert!(place.await.unwrap().is_some());
    }
    let keys = stand.keys().await;
    let chosen: BTreeSet<_> = keys.iter().map(|(_, place)| place).collect();
    assert!(chosen.len() > 3, "{chosen:?}");
}
