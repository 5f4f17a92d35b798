//! What accounts may use, and what they hold.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, stream};
use run::{Cost, Owner, Start, Status, Summary};
use store::{
    Account, Asker, Ending, FencingToken, IdempotencyKey, LimitMet, Limits, NewRun, Started, Store,
    Wish,
};

use super::kit::{NOW, Stand, first_events, owner, start};

const MINUTE_MS: u64 = 60_000;
const SLOT_MS: u64 = 1_000_000;
const DAY_MS: u64 = 86_400_000;
/// Starts that come at once.
const CROWD: u64 = 200;

fn account(limits: Limits) -> Account {
    Account {
        name: owner(),
        limits,
    }
}

fn per_minute(runs: u32) -> Limits {
    Limits {
        runs_per_minute: Some(runs),
        ..Limits::default()
    }
}

fn at_once(runs: u32) -> Limits {
    Limits {
        parallel: Some(runs),
        ..Limits::default()
    }
}

fn nano(nano_usd: u64) -> Cost {
    Cost { nano_usd }
}

fn per_day(nano_usd: u64) -> Limits {
    Limits {
        per_day: Some(nano(nano_usd)),
        ..Limits::default()
    }
}

/// A run that was started.
#[derive(Debug)]
struct Held {
    token: FencingToken,
    start: Start,
}

/// Starts a run as a driver does it: looked, taken, and looked again where somebody was faster.
async fn begin(
    store: &Store,
    accounts: &[Account],
    number: u64,
    (max_cost, now_ms): (Option<Cost>, u64),
) -> Result<Held, LimitMet> {
    let mut start = start(number, "How many?");
    start.created_at_ms = now_ms;
    for _ in 0..CROWD {
        let wish = Wish {
            asker: Asker::Run,
            run_id: start.run_id,
            max_cost,
            default_cost: nano(10),
            slot_until_ms: now_ms + SLOT_MS,
            now_ms,
        };
        let allotment = store.allot(accounts, wish).await.unwrap()?;
        start.allowances = allotment.allowances();
        let new = NewRun {
            start: &start,
            lease_until_ms: now_ms + 15_000,
            key: None,
            allotment: &allotment,
        };
        match store.start(new, &first_events(&start)).await.unwrap() {
            Started::New { token, .. } => return Ok(Held { token, start }),
            Started::Outrun => {}
            Started::AlreadyStarted(record) => panic!("{record:?}"),
        }
    }
    panic!("others were faster each time");
}

async fn end(store: &Store, held: &Held, cost: u64) -> bool {
    let summary = Summary {
        cost: nano(cost),
        ..Summary::default()
    };
    let ending = Ending {
        owner: &held.start.owner,
        created_at_ms: held.start.created_at_ms,
        status: Status::Completed,
        duration_ms: 7,
        summary: &summary,
        allowances: &held.start.allowances,
    };
    store.finish(&held.token, ending).await.unwrap()
}

/// All that come at once; how many were let in.
async fn crowd(stand: &Stand, account: &Account, max_cost: Option<Cost>) -> Vec<Held> {
    let (store, accounts) = (&stand.store, std::slice::from_ref(account));
    let begun = stream::iter(1..=CROWD)
        .map(|number| begin(store, accounts, number, (max_cost, NOW)))
        .buffer_unordered(64);
    begun.filter_map(async |begun| begun.ok()).collect().await
}

#[tokio::test]
async fn starts_at_once_fill_a_limit_and_pass_none() {
    for (limits, max_cost, expected) in [
        (per_minute(7), None, 7),
        (at_once(5), None, 5),
        (per_day(100), Some(nano(9)), 11),
        // What is set aside where the request says nothing.
        (per_day(100), None, 10),
        (
            Limits {
                runs_per_minute: Some(9),
                parallel: Some(8),
                per_day: Some(nano(70)),
            },
            None,
            7,
        ),
    ] {
        let stand = Stand::new().await;
        let held = crowd(&stand, &account(limits), max_cost).await;
        assert_eq!(held.len(), expected, "{limits:?}");
        let used = stand.store.used(&account(limits), NOW).await.unwrap();
        if limits.runs_per_minute.is_some() {
            assert_eq!(used.runs_in_minute, expected);
        }
        if limits.parallel.is_some() {
            assert_eq!(used.at_once, expected);
        }
        if limits.per_day.is_some() {
            let reserved = max_cost.unwrap_or(nano(10)).nano_usd * expected as u64;
            assert_eq!((used.spent, used.reserved), (Cost::ZERO, nano(reserved)));
        }
    }
}

#[tokio::test]
async fn whoever_ends_makes_room_for_exactly_as_many() {
    let stand = Stand::new().await;
    let limits = Limits {
        parallel: Some(6),
        per_day: Some(nano(1000)),
        ..Limits::default()
    };
    let account = account(limits);
    let (number, most, under_way) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let ended = AtomicUsize::new(0);
    stream::iter(0..CROWD)
        .for_each_concurrent(32, async |turn| {
            let number = 1 + number.fetch_add(1, Ordering::SeqCst) as u64;
            let accounts = std::slice::from_ref(&account);
            if let Ok(held) = begin(&stand.store, accounts, number, (None, NOW)).await {
                let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                tokio::task::yield_now().await;
                under_way.fetch_sub(1, Ordering::SeqCst);
                // Some cost more than was set aside for them: servers charged more than they were asked for.
                assert!(end(&stand.store, &held, turn % 12).await);
                assert!(end(&stand.store, &held, turn % 12).await, "noted once more");
                ended.fetch_add(1, Ordering::SeqCst);
            }
        })
        .await;
    assert!(most.load(Ordering::SeqCst) <= 6);
    let used = stand.store.used(&account, NOW).await.unwrap();
    assert_eq!((used.at_once, used.reserved), (0, Cost::ZERO));
    let days = stand.store.days(&owner(), 1, NOW).await.unwrap();
    assert_eq!(days[0].runs(), ended.load(Ordering::SeqCst) as u64);
    assert_eq!(days[0].cost, used.spent);
    assert!(used.spent > Cost::ZERO);
}

#[tokio::test]
async fn a_minute_slides_and_says_when_it_has_room() {
    let stand = Stand::new().await;
    let account = [account(per_minute(2))];
    let begin = async |number, at_ms| {
        let begun = begin(&stand.store, &account, number, (None, NOW + at_ms)).await;
        begun.map(drop)
    };
    assert_eq!(begin(1, 0).await, Ok(()));
    assert_eq!(begin(2, 40_000).await, Ok(()));
    let full = |free_at_ms| {
        Err(LimitMet::RunsPerMinute {
            limit: 2,
            free_at_ms,
        })
    };
    assert_eq!(begin(3, 59_999).await, full(NOW + MINUTE_MS));
    assert_eq!(begin(4, 60_000).await, Ok(()));
    assert_eq!(begin(5, 60_001).await, full(NOW + 100_000));
    assert_eq!(begin(6, 100_000).await, Ok(()));
}

#[tokio::test]
async fn a_place_of_a_run_that_nobody_ends_comes_back_and_its_end_takes_nobody_elses() {
    let stand = Stand::new().await;
    let account = [account(at_once(1))];
    let lost = begin(&stand.store, &account, 1, (None, NOW)).await.unwrap();
    let refused = begin(&stand.store, &account, 2, (None, NOW + SLOT_MS - 1)).await;
    assert_eq!(refused.unwrap_err(), LimitMet::Parallel { limit: 1 });
    let next = begin(&stand.store, &account, 3, (None, NOW + SLOT_MS)).await;
    let next = next.unwrap();
    assert!(end(&stand.store, &lost, 3).await);
    let used = stand.store.used(&account[0], NOW + SLOT_MS).await.unwrap();
    assert_eq!(used.at_once, 1, "the place is the other run's");
    assert!(end(&stand.store, &next, 3).await);
    let used = stand.store.used(&account[0], NOW + SLOT_MS).await.unwrap();
    assert_eq!(used.at_once, 0);
}

#[tokio::test]
async fn dollars_come_back_with_the_next_day_and_a_run_is_of_the_day_on_which_it_began() {
    let stand = Stand::new().await;
    let account = [account(per_day(10))];
    let today_ends_at = (NOW / DAY_MS + 1) * DAY_MS;
    let late = begin(&stand.store, &account, 1, (Some(nano(8)), NOW)).await;
    let late = late.unwrap();
    let refused = begin(&stand.store, &account, 2, (Some(nano(3)), NOW)).await;
    let met = LimitMet::PerDay {
        limit: nano(10),
        left: nano(2),
        resets_at_ms: today_ends_at,
    };
    assert_eq!(refused.unwrap_err(), met);
    // Without a wish of its own a run is given what is left.
    let small = begin(&stand.store, &account, 3, (None, NOW)).await.unwrap();
    assert_eq!(small.start.max_cost(), Some(nano(2)));
    let tomorrow = begin(&stand.store, &account, 4, (Some(nano(10)), today_ends_at)).await;
    assert!(tomorrow.is_ok());
    assert!(end(&stand.store, &late, 1).await);
    let today = stand.store.used(&account[0], NOW).await.unwrap();
    assert_eq!((today.spent, today.reserved), (nano(1), nano(2)));
    let next = stand.store.used(&account[0], today_ends_at).await.unwrap();
    assert_eq!((next.spent, next.reserved), (Cost::ZERO, nano(10)));
}

#[tokio::test]
async fn a_limit_that_is_set_later_counts_what_was_spent_before() {
    let stand = Stand::new().await;
    let unlimited = [account(Limits::default())];
    let free = begin(&stand.store, &unlimited, 1, (None, NOW))
        .await
        .unwrap();
    assert_eq!(free.start.allowances, []);
    assert!(end(&stand.store, &free, 7).await);
    let limited = [account(per_day(10))];
    let refused = begin(&stand.store, &limited, 2, (Some(nano(4)), NOW)).await;
    assert!(matches!(refused.unwrap_err(), LimitMet::PerDay { left, .. } if left == nano(3)));
}

#[tokio::test]
async fn a_start_that_holds_of_two_accounts_takes_of_both_or_of_none() {
    let stand = Stand::new().await;
    let all = Account {
        name: Owner::new("visitors"),
        limits: Limits {
            parallel: Some(3),
            per_day: Some(nano(1000)),
            ..Limits::default()
        },
    };
    let accounts = [account(at_once(2)), all.clone()];
    let others = [all.clone()];
    let one = begin(&stand.store, &others, 1, (None, NOW)).await.unwrap();
    let both = [
        begin(&stand.store, &accounts, 2, (None, NOW))
            .await
            .unwrap(),
        begin(&stand.store, &accounts, 3, (None, NOW))
            .await
            .unwrap(),
    ];
    assert!(begin(&stand.store, &others, 4, (None, NOW)).await.is_err());
    assert!(end(&stand.store, &one, 1).await);
    // Its own limit is met; the one of all has room, and keeps it.
    assert!(
        begin(&stand.store, &accounts, 5, (None, NOW))
            .await
            .is_err()
    );
    assert_eq!(stand.store.used(&all, NOW).await.unwrap().at_once, 2);
    for held in &both {
        assert!(end(&stand.store, held, 5).await);
    }
    let used = stand.store.used(&all, NOW).await.unwrap();
    assert_eq!(
        (used.at_once, used.reserved.nano_usd + used.spent.nano_usd),
        (0, 11)
    );
    assert_eq!(
        stand.store.used(&accounts[0], NOW).await.unwrap().at_once,
        0
    );
}

/// A client that repeats its start is given its run, however full its limits are.
#[tokio::test]
async fn a_key_finds_its_run_where_somebody_was_faster() {
    let stand = Stand::new().await;
    let account = [account(at_once(1))];
    let start = start(1, "How many?");
    let key = IdempotencyKey::new("k", &start.request).unwrap();
    let wish = Wish {
        asker: Asker::Run,
        run_id: start.run_id,
        max_cost: None,
        default_cost: nano(10),
        slot_until_ms: NOW + SLOT_MS,
        now_ms: NOW,
    };
    let allotments = [
        stand.store.allot(&account, wish).await.unwrap().unwrap(),
        stand.store.allot(&account, wish).await.unwrap().unwrap(),
    ];
    let mut outcomes = Vec::new();
    for (number, allotment) in (1..).zip(&allotments) {
        let start = super::kit::start(number, "How many?");
        let new = NewRun {
            start: &start,
            lease_until_ms: NOW + 15_000,
            key: Some(&key),
            allotment,
        };
        outcomes.push(stand.store.start(new, &first_events(&start)).await.unwrap());
    }
    assert!(matches!(outcomes[0], Started::New { .. }));
    assert!(
        matches!(&outcomes[1], Started::AlreadyStarted(record) if record.run_id == start.run_id)
    );
}
