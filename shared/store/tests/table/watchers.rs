//! Places among a run's watchers.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use store::{MAX_WATCHERS, WatchPlace, Watcher};
use tokio::time::sleep;

use crate::kit::{NOW, Stand, run_id, start};

const UNTIL: u64 = NOW + 60_000;

async fn take(stand: &Stand, name: &str, now_ms: u64) -> Option<WatchPlace> {
    let taken = stand.store.take_place(
        run_id(1),
        Watcher::Named(name),
        UNTIL.max(now_ms + 1000),
        now_ms,
    );
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
        .take_place(run_id(2), Watcher::Named("a"), UNTIL, NOW)
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

/// Such a client may have left all of them.
#[tokio::test]
async fn whoever_comes_where_no_place_is_left_is_given_the_oldest_of_those_that_yield() {
    let stand = Stand::new().await;
    let take_as = async |watcher: Watcher<'_>| {
        let taken = stand.store.take_place(run_id(1), watcher, UNTIL, NOW);
        taken.await.unwrap()
    };
    let stays = take(&stand, "tab", NOW).await.unwrap();
    let nameless = take_as(Watcher::Nameless).await.unwrap();
    let mut yielding = Vec::new();
    for _ in 2..MAX_WATCHERS {
        yielding.push(take_as(Watcher::Yielding).await.unwrap());
        // The later one has the greater name, which begins with the time.
        sleep(Duration::from_millis(2)).await;
    }
    let passed = async |place: &WatchPlace| stand.store.is_passed_by(place, NOW).await.unwrap();
    for place in &yielding {
        assert!(!passed(place).await, "as long as there is room");
    }
    for (number, watcher) in [Watcher::Yielding, Watcher::Named("late"), Watcher::Nameless]
        .into_iter()
        .enumerate()
    {
        assert!(take_as(watcher).await.is_some(), "{watcher:?}");
        assert_eq!(stand.keys().await.len(), MAX_WATCHERS);
        for (place, watcher) in yielding.iter().enumerate() {
            assert_eq!(passed(watcher).await, place <= number, "place {place}");
        }
    }
    // Whoever has lost it does not take it from the next one.
    stand.store.leave_place(&yielding[0]).await.unwrap();
    assert_eq!(stand.keys().await.len(), MAX_WATCHERS);
    assert!(!passed(&stays).await && !passed(&nameless).await);
}

/// Many come at once where no place is left, and each of them is given one.
#[tokio::test]
async fn those_who_yield_make_room_for_many_at_once() {
    let stand = Stand::new().await;
    let take_one = || {
        stand
            .store
            .take_place(run_id(1), Watcher::Yielding, UNTIL, NOW)
    };
    for _ in 0..2 {
        let all = join_all((0..MAX_WATCHERS).map(|_| take_one())).await;
        assert!(all.into_iter().all(|taken| taken.unwrap().is_some()));
    }
    assert_eq!(stand.keys().await.len(), MAX_WATCHERS);
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
        let place = stand
            .store
            .take_place(run_id(number), Watcher::Named("a"), UNTIL, NOW);
        assert!(place.await.unwrap().is_some());
    }
    let keys = stand.keys().await;
    let chosen: BTreeSet<_> = keys.iter().map(|(_, place)| place).collect();
    assert!(chosen.len() > 3, "{chosen:?}");
}
