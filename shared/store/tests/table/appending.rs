//! Appends: one writer a position, in items that the table takes.

use run::{Epoch, Event, Seq};
use store::{Appended, Consistency, FencingToken, ITEM_BYTES, StoreError};

use crate::kit::{NOW, Stand, event, first_events, run_id, start};

#[tokio::test]
async fn of_two_writers_of_one_position_the_second_is_shown_what_stands_there() {
    let stand = Stand::new().await;
    let first = stand.start(&start(1, "How many?")).await;
    let second = FencingToken::new(run_id(1), Epoch(2));
    let (one, other) = ([event(1), event(2)], [event(3)]);
    let stored = stand.store.append(&first, Seq(3), &one, NOW).await.unwrap();
    assert_eq!(stored, Appended::Stored { count: 2 });
    let collided = stand
        .store
        .append(&second, Seq(3), &other, NOW)
        .await
        .unwrap();
    let there = vec![(Seq(3), one[0].clone()), (Seq(4), one[1].clone())];
    assert_eq!(
        collided,
        Appended::Collided {
            epoch: Epoch(1),
            events: there
        }
    );
    // The same writer is no better off with another write.
    let again = stand
        .store
        .append(&first, Seq(3), &other, NOW)
        .await
        .unwrap();
    assert!(matches!(again, Appended::Collided { .. }));
    let stored = stand
        .store
        .append(&second, Seq(5), &other, NOW)
        .await
        .unwrap();
    assert_eq!(stored, Appended::Stored { count: 1 });
    let log = stand
        .store
        .read(run_id(1), Seq(1), Consistency::Strong, NOW)
        .await
        .unwrap();
    assert_eq!(log.epoch, Some(Epoch(2)));
    let [begun, round] = first_events(&start(1, "How many?"));
    let [a, b] = one;
    let [c] = other;
    let expected: Vec<(Seq, Event)> = (1..).map(Seq).zip([begun, round, a, b, c]).collect();
    assert_eq!(log.events, expected);
}

#[tokio::test]
async fn what_does_not_fit_into_one_item_is_left_for_the_next() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    let overhead = serde_json::to_string(&event(0)).unwrap().len();
    // (sizes of the events' JSON, how many go into the first item)
    for (number, (sizes, count)) in [
        (vec![ITEM_BYTES / 2, ITEM_BYTES / 2, 100], 1),
        (vec![ITEM_BYTES / 2, ITEM_BYTES / 2 - 1, 100], 2),
        (vec![ITEM_BYTES / 2, ITEM_BYTES / 2 - 2, 100], 2),
        (vec![ITEM_BYTES * 3 / 2, 100], 1),
        (vec![100; 3], 3),
    ]
    .into_iter()
    .enumerate()
    {
        let at = Seq(100 * (1 + number as u64));
        let events: Vec<_> = sizes.iter().map(|bytes| event(bytes - overhead)).collect();
        let stored = stand.store.append(&token, at, &events, NOW).await.unwrap();
        assert_eq!(stored, Appended::Stored { count }, "{sizes:?}");
    }
    assert_eq!(ITEM_BYTES, 204_800, "half of what the table takes at most");
    let largest = [event(380 * 1024 - overhead)];
    let stored = stand.store.append(&token, Seq(800), &largest, NOW).await;
    assert_eq!(stored.unwrap(), Appended::Stored { count: 1 });
    let large = [event(380 * 1024 - overhead + 1)];
    let refused = stand.store.append(&token, Seq(900), &large, NOW).await;
    assert!(
        matches!(refused, Err(StoreError::EventTooLarge { .. })),
        "{refused:?}"
    );
}
