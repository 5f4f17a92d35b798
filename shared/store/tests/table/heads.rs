//! Heads: who drives a run, and until when.

use run::{Epoch, RunId, Status};
use store::{FencingToken, Head, HeadStatus};

use crate::kit::{NOW, Stand, run_id, start};

async fn head(stand: &Stand, number: u64) -> Head {
    stand
        .store
        .head(run_id(number), NOW)
        .await
        .unwrap()
        .unwrap()
}

async fn abandoned(stand: &Stand, at_ms: u64) -> Vec<RunId> {
    stand.store.abandoned(at_ms).await.unwrap()
}

const ENDED: HeadStatus = HeadStatus::Ended(Status::Completed);

async fn finish(stand: &Stand, token: &FencingToken) -> bool {
    stand.finish(token, Status::Completed).await
}

#[tokio::test]
async fn only_the_driver_of_the_moment_changes_a_head() {
    let stand = Stand::new().await;
    let lost = stand.start(&start(1, "How many?")).await;
    let seen = head(&stand, 1).await;
    let own = stand
        .store
        .take_over(&seen, NOW + 20_000)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((own.run_id, own.epoch), (run_id(1), Epoch(2)));
    let taken = head(&stand, 1).await;
    assert_eq!(
        (taken.epoch, taken.lease_until_ms),
        (Epoch(2), NOW + 20_000)
    );
    // An earlier driver, one that never took the run, and one of a time to come.
    let strangers = [
        lost,
        FencingToken::new(run_id(1), Epoch(2)),
        FencingToken::new(run_id(1), Epoch(3)),
    ];
    for stranger in &strangers {
        assert!(!stand.store.renew(stranger, NOW + 90_000).await.unwrap());
        assert!(
            !stand
                .store
                .release(stranger, HeadStatus::Suspended)
                .await
                .unwrap()
        );
        assert!(!finish(&stand, stranger).await);
        assert_eq!(head(&stand, 1).await, taken);
    }
    assert!(stand.store.renew(&own, NOW + 30_000).await.unwrap());
    let mut renewed = taken.clone();
    renewed.lease_until_ms = NOW + 30_000;
    assert_eq!(head(&stand, 1).await, renewed);
    assert!(
        stand
            .store
            .release(&own, HeadStatus::Suspended)
            .await
            .unwrap()
    );
    let released = head(&stand, 1).await;
    assert_eq!(
        (released.status, released.is_given_up()),
        (HeadStatus::Suspended, true)
    );
    assert!(!taken.is_given_up());
    assert!(finish(&stand, &own).await);
    let ended = head(&stand, 1).await;
    assert_eq!((ended.status, ended.epoch), (ENDED, Epoch(2)));
    // An end is the end for its own driver, too; that it is noted again changes nothing.
    assert!(finish(&stand, &own).await);
    assert!(!stand.store.renew(&own, NOW + 90_000).await.unwrap());
    assert!(
        !stand
            .store
            .release(&own, HeadStatus::Running)
            .await
            .unwrap()
    );
    assert_eq!(head(&stand, 1).await, ended);
    // A run that is not there is nobody's.
    let nowhere = FencingToken::new(run_id(9), Epoch(1));
    assert!(!stand.store.renew(&nowhere, NOW).await.unwrap());
    assert!(!finish(&stand, &nowhere).await);
    assert_eq!(stand.store.head(run_id(9), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_run_is_taken_from_the_driver_that_was_seen_by_one() {
    let stand = Stand::new().await;
    let first = stand.start(&start(1, "How many?")).await;
    let seen = head(&stand, 1).await;
    // Its driver has renewed since.
    assert!(stand.store.renew(&first, NOW + 16_000).await.unwrap());
    assert!(
        stand
            .store
            .take_over(&seen, NOW + 20_000)
            .await
            .unwrap()
            .is_none()
    );
    let seen = head(&stand, 1).await;
    let takers = (0..8).map(|_| stand.store.take_over(&seen, NOW + 20_000));
    let taken = futures_util::future::join_all(takers).await;
    let winners: Vec<_> = taken.into_iter().filter_map(Result::unwrap).collect();
    let [winner] = &winners[..] else {
        panic!("{winners:?}");
    };
    assert!(finish(&stand, winner).await);
    let ended = head(&stand, 1).await;
    assert!(
        stand
            .store
            .take_over(&ended, NOW + 20_000)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(head(&stand, 1).await, ended);
}

#[tokio::test]
async fn a_suspended_run_is_running_when_it_is_taken_over() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    assert!(
        stand
            .store
            .release(&token, HeadStatus::Suspended)
            .await
            .unwrap()
    );
    let released = head(&stand, 1).await;
    stand
        .store
        .take_over(&released, NOW + 20_000)
        .await
        .unwrap()
        .unwrap();
    let taken = head(&stand, 1).await;
    assert_eq!(
        (taken.status, taken.is_given_up()),
        (HeadStatus::Running, false)
    );
}

#[tokio::test]
async fn abandoned_are_the_runs_that_go_on_and_whose_lease_is_over() {
    let stand = Stand::new().await;
    let mut tokens = Vec::new();
    for number in 1..=20 {
        tokens.push(stand.start(&start(number, "How many?")).await);
    }
    assert_eq!(abandoned(&stand, NOW + 14_999).await, []);
    let lost = abandoned(&stand, NOW + 15_001).await;
    assert_eq!(lost.len(), 20);
    assert!((1..=20).all(|number| lost.contains(&run_id(number))));
    // One that ended, one that was renewed, and one that was given up.
    assert!(finish(&stand, &tokens[0]).await);
    assert!(stand.store.renew(&tokens[1], NOW + 60_000).await.unwrap());
    assert!(
        stand
            .store
            .release(&tokens[2], HeadStatus::Suspended)
            .await
            .unwrap()
    );
    let lost = abandoned(&stand, NOW + 15_001).await;
    assert_eq!(lost.len(), 18);
    assert!(!lost.contains(&run_id(1)) && !lost.contains(&run_id(2)));
    assert_eq!(abandoned(&stand, NOW).await, [run_id(3)]);
}
