//! Sums by owner and day: each run that ends stands in them once, whatever breaks off.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use futures_util::stream::{self, StreamExt as _};
use run::{Cost, ModelId, Owner, RunId, Start, Status, Summary, Tally, ToolName, Usage};
use serde_json::json;
use store::{DaySums, Ending, FencingToken, HeadStatus, Started, Store, StoreError};
use tests::fault_proxy::{Asked, Fate, FaultyTable, Refusal};
use tests::gate::Gate;
use tests::table::NAME;
use tokio::sync::Notify;

use crate::kit::{KEPT, NOW, Stand, day_key, ending, first_events, new_run, owner, start};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn usage(input_tokens: u64, output_tokens: u64) -> Usage {
    Usage {
        input_tokens,
        output_tokens,
        cached_input_tokens: input_tokens / 2,
        estimated: input_tokens.is_multiple_of(3),
    }
}

/// Any summary, with all figures different.
fn summary(seed: u64, models: &[&str], tools: &[&str]) -> Summary {
    let tally = |place: usize| {
        let base = seed * 100 + place as u64 * 10;
        Tally {
            calls: base + 1,
            usage: usage(base + 2, base + 3),
            cost: Cost { nano_usd: base + 4 },
            duration_ms: base + 5,
        }
    };
    Summary {
        tools_used: Vec::new(),
        usage: usage(seed + 6, seed + 7),
        cost: Cost { nano_usd: seed + 8 },
        by_model: (0..)
            .zip(models)
            .map(|(place, id)| (ModelId::new(*id), tally(place)))
            .collect(),
        by_tool: (5..)
            .zip(tools)
            .map(|(place, name)| (ToolName::new(*name), tally(place)))
            .collect(),
    }
}

/// What days come to that runs are added to one by one.
#[derive(Default)]
struct Expected(BTreeMap<String, DaySums>);

impl Expected {
    fn add(&mut self, day: &str, status: Status, summary: &Summary) {
        let sums = self.0.entry(day.to_owned()).or_default();
        day.clone_into(&mut sums.day);
        *sums
            .by_status
            .entry(status.as_str().to_owned())
            .or_default() += 1;
        sums.usage += summary.usage;
        sums.cost += summary.cost;
        for (id, tally) in &summary.by_model {
            add(sums.by_model.entry(id.clone()).or_default(), tally);
        }
        for (name, tally) in &summary.by_tool {
            add(sums.by_tool.entry(name.clone()).or_default(), tally);
        }
    }

    fn newest_first(self) -> Vec<DaySums> {
        self.0.into_values().rev().collect()
    }
}

fn add(sum: &mut Tally, tally: &Tally) {
    sum.calls += tally.calls;
    sum.usage += tally.usage;
    sum.cost += tally.cost;
    sum.duration_ms += tally.duration_ms;
}

/// A run that is started then.
fn started_at(at_ms: u64, number: u64) -> Start {
    Start {
        run_id: RunId::from_parts(at_ms, u128::from(number)),
        created_at_ms: at_ms,
        ..start(number, "How many?")
    }
}

async fn end(stand: &Stand, at_ms: u64, number: u64, status: Status, summary: &Summary) {
    let token = stand.start(&started_at(at_ms, number)).await;
    let owner = owner();
    let ending = ending(&token, &owner, status, summary);
    assert!(stand.store.finish(&token, ending).await.unwrap());
}

#[tokio::test]
async fn a_run_is_added_to_the_day_on_which_it_was_started() {
    let stand = Stand::new().await;
    // 2025-11-24 ends at eight hours after now.
    let midnight = NOW + 8 * 60 * 60 * 1000;
    let (names, others) = (
        ["qwen", "a#b", "é.🦀", "calls"],
        ["search", "a b[0]", "#", ""],
    );
    let mut expected = Expected::default();
    for (place, (at_ms, day, status)) in (1..).zip([
        (NOW, "2025-11-24", Status::Completed),
        (midnight - 1, "2025-11-24", Status::Failed),
        (midnight, "2025-11-25", Status::Cancelled),
        (midnight + 1, "2025-11-25", Status::OutOfRounds),
        (midnight + 2, "2025-11-25", Status::OutOfRounds),
        (NOW - 20 * DAY_MS, "2025-11-04", Status::Completed),
    ]) {
        let names = names.split_at(1 + place % 4).0;
        let number = place as u64;
        let summary = summary(number, names, &others);
        end(&stand, at_ms, number, status, &summary).await;
        expected.add(day, status, &summary);
    }
    let expected = expected.newest_first();
    assert_eq!(
        expected.iter().map(DaySums::runs).collect::<Vec<_>>(),
        [3, 2, 1]
    );
    let read = async |count, now_ms| stand.store.days(&owner(), count, now_ms).await.unwrap();
    assert_eq!(read(400, midnight).await, expected);
    assert_eq!(read(22, midnight).await, expected);
    assert_eq!(read(21, midnight).await, expected[..2]);
    assert_eq!(read(1, midnight).await, expected[..1]);
    assert_eq!(read(1, midnight - 1).await, expected[1..2]);
    assert_eq!(read(1, NOW + 5 * DAY_MS).await, []);
    assert_eq!(
        stand
            .store
            .days(&Owner::new("bob"), 400, midnight)
            .await
            .unwrap(),
        []
    );
    // A day is no run in any list; of the runs one has expired.
    assert_eq!(
        stand
            .store
            .history(&owner(), None, 10, NOW)
            .await
            .unwrap()
            .runs
            .len(),
        5
    );
}

#[tokio::test]
async fn an_end_that_is_noted_again_or_by_another_driver_is_added_once() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    let stranger = FencingToken::new(token.run_id, token.epoch);
    assert!(!stand.finish(&stranger, Status::Failed).await);
    assert_eq!(stand.store.days(&owner(), 400, NOW).await.unwrap(), []);
    for _ in 0..3 {
        assert!(stand.finish(&token, Status::Completed).await);
        assert!(!stand.finish(&stranger, Status::Failed).await);
    }
    let days = stand.store.days(&owner(), 400, NOW).await.unwrap();
    let by_status = BTreeMap::from([("completed".to_owned(), 1)]);
    assert_eq!(
        (days.len(), &days[0].by_status, days[0].cost.nano_usd),
        (1, &by_status, 9)
    );
    let head = stand.store.head(token.run_id, NOW).await.unwrap().unwrap();
    assert_eq!(head.status, HeadStatus::Ended(Status::Completed));
}

#[tokio::test]
async fn models_and_tools_beyond_24_are_added_to_others() {
    let stand = Stand::new().await;
    let names: Vec<_> = (0..800)
        .map(|number| format!("{number:03}{}", "x".repeat(61)))
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for (number, count) in (1..).zip([24, 25, 800]) {
        let summary = summary(1, &names[..count], &names[..count]);
        end(
            &stand,
            NOW + number * DAY_MS,
            number,
            Status::Completed,
            &summary,
        )
        .await;
        let day = stand
            .store
            .days(&owner(), 1, NOW + number * DAY_MS)
            .await
            .unwrap();
        let told: Vec<_> = day[0].by_model.keys().map(ModelId::as_str).collect();
        let same: Vec<_> = day[0].by_tool.keys().map(ToolName::as_str).collect();
        assert_eq!(told, same);
        let calls = |tallies: &[Tally]| tallies.iter().map(|it| it.calls).sum::<u64>();
        let sums: Vec<_> = day[0].by_model.values().copied().collect();
        let all: Vec<_> = summary.by_model.values().copied().collect();
        assert_eq!(calls(&sums), calls(&all));
        let named = &names[..24];
        if count == 24 {
            assert_eq!(told, named);
        } else {
            assert_eq!(told, [&["(others)"], named].concat());
        }
    }
}

#[tokio::test]
async fn a_day_without_room_keeps_no_run_open() {
    let stand = Stand::new().await;
    let (partition, day) = day_key();
    let full = BTreeMap::from([
        ("PK".to_owned(), json!(partition)),
        ("SK".to_owned(), json!(day)),
        ("status#completed".to_owned(), json!(7)),
        ("x".repeat(409_500), json!(1)),
    ]);
    stand.table.put(&full).await;
    let before = stand.store.days(&owner(), 1, NOW).await.unwrap();
    let token = stand.start(&start(1, "How many?")).await;
    let owner = owner();
    let summary = summary(1, &["qwen"], &["search"]);
    let ending = ending(&token, &owner, Status::Completed, &summary);
    for _ in 0..2 {
        assert!(stand.store.finish(&token, ending).await.unwrap());
    }
    let stranger = FencingToken::new(token.run_id, token.epoch);
    assert!(!stand.store.finish(&stranger, ending).await.unwrap());
    let head = stand.store.head(token.run_id, NOW).await.unwrap().unwrap();
    assert_eq!(head.status, HeadStatus::Ended(Status::Completed));
    assert_eq!(stand.store.days(&owner, 1, NOW).await.unwrap(), before);
}

#[tokio::test]
async fn sums_last_400_days_and_those_of_a_newer_version_are_refused() {
    let stand = Stand::new().await;
    let summary = summary(1, &["qwen"], &[]);
    end(&stand, NOW, 1, Status::Completed, &summary).await;
    let days = async |now_ms| stand.store.days(&owner(), 1000, now_ms).await;
    let last = NOW + 400 * DAY_MS;
    assert_eq!(days(last).await.unwrap().len(), 1);
    assert_eq!(days(last + DAY_MS).await.unwrap(), []);
    let items = stand.table.items().await;
    let mut sums = items
        .into_iter()
        .find(|item| item["PK"] == day_key().0)
        .unwrap();
    sums.insert("mood#fine".to_owned(), json!(1));
    sums.insert("model#qwen#laughs".to_owned(), json!(1));
    sums.insert("model#".to_owned(), json!(1));
    stand.table.put(&sums).await;
    let read = days(NOW).await.unwrap();
    assert_eq!((read.len(), read[0].by_model.len()), (1, 1));
    sums.insert("schema".to_owned(), json!(99));
    stand.table.put(&sums).await;
    assert!(matches!(
        days(NOW).await,
        Err(StoreError::Unreadable { .. })
    ));
    // What this version adds leaves it that version's.
    end(&stand, NOW + 1, 2, Status::Completed, &summary).await;
    assert!(matches!(
        days(NOW).await,
        Err(StoreError::Unreadable { .. })
    ));
}

/// Runs of the storm.
const RUNS: u64 = 1000;
/// Of them at once.
const AT_ONCE: usize = 8;

/// What a driver is told of its crash, and what of it is still on its way.
#[derive(Default)]
struct Crashes(Mutex<HashMap<String, Arc<Crash>>>);

#[derive(Default)]
struct Crash {
    now: Notify,
    under_way: Mutex<Vec<Gate>>,
}

impl Crashes {
    fn of(&self, run_id: &str) -> Arc<Crash> {
        let mut all = self.0.lock().unwrap();
        Arc::clone(all.entry(run_id.to_owned()).or_default())
    }

    /// What becomes of the write of an end, which is the so-manyth of all.
    fn judge(&self, asked: &Asked, number: u64) -> Fate {
        let key = &asked.body["TransactItems"][0]["Update"]["Key"]["PK"]["S"];
        let crash = self.of(key.as_str().unwrap().strip_prefix("RUN#").unwrap());
        match number % 9 {
            0 => Fate::LoseRequest,
            2 => Fate::LoseResponse,
            // Its driver dies before it has effect, after it, or before it has effect behind its successor's.
            3 => {
                crash.now.notify_one();
                Fate::SwallowRequest
            }
            5 => {
                crash.now.notify_one();
                Fate::SwallowResponse
            }
            6 => {
                let gate = Gate::shut();
                crash.under_way.lock().unwrap().push(gate.clone());
                crash.now.notify_one();
                Fate::HoldRequest(gate)
            }
            7 => Fate::Refuse(Refusal {
                status: 400,
                body: json!({
                    "__type": "TransactionCanceledException",
                    "message": "Transaction cancelled",
                    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
                }),
            }),
            _ => Fate::Pass,
        }
    }
}

/// Drives a run to its end, by as many drivers as it takes.
async fn to_the_end(store: &Store, crashes: &Crashes, start: &Start, ending: Ending<'_>) {
    let started = store
        .start(new_run(start, None), &first_events(start))
        .await;
    let Started::New { mut token, .. } = started.unwrap() else {
        panic!("it is there already");
    };
    let crash = crashes.of(&start.run_id.to_string());
    loop {
        tokio::select! {
            finished = store.finish(&token, ending) => match finished {
                Ok(true) => break,
                Ok(false) => panic!("nobody else has it"),
                // The table was busy for longer than the store waits: its driver tries again.
                Err(StoreError::Unavailable { .. }) => continue,
                Err(error) => panic!("{error}"),
            },
            () = crash.now.notified() => {}
        }
        let head = store.head(start.run_id, NOW).await.unwrap().unwrap();
        if matches!(head.status, HeadStatus::Ended(_)) {
            break;
        }
        match store.take_over(&head, NOW + 20_000).await.unwrap() {
            Some(taken) => token = taken,
            // The dead driver's write has had its effect meanwhile.
            None => break,
        }
    }
    for gate in crash.under_way.lock().unwrap().drain(..) {
        gate.open();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_of_1000_ends_with_crashes_between_are_the_sum() {
    let table = FaultyTable::start().await;
    let crashes = Arc::new(Crashes::default());
    let (mut number, judging) = (0, Arc::clone(&crashes));
    table.judge(move |asked| {
        if asked.ends_run() {
            number += 1;
            judging.judge(asked, number)
        } else {
            Fate::Pass
        }
    });
    let store = Store::new(table.client(), NAME, KEPT);
    let statuses = [Status::Completed, Status::Failed, Status::OutOfRounds];
    let mut expected = Expected::default();
    let runs: Vec<_> = (0..RUNS)
        .map(|number| {
            let days = number % 3;
            let status = statuses[(number % 7 % 3) as usize];
            let models = &["qwen", "phi", "llama"][..=(number % 3) as usize];
            let summary = summary(number, models, &["search"]);
            let day = format!("2025-11-{}", 24 + days);
            expected.add(&day, status, &summary);
            (
                started_at(NOW + days * DAY_MS + number, number),
                status,
                summary,
            )
        })
        .collect();
    let owner = owner();
    stream::iter(&runs)
        .for_each_concurrent(AT_ONCE, async |(start, status, summary)| {
            let ending = Ending {
                owner: &owner,
                created_at_ms: start.created_at_ms,
                status: *status,
                duration_ms: 7,
                summary,
                allowances: &[],
            };
            to_the_end(&store, &crashes, start, ending).await;
        })
        .await;
    table.heal();
    let days = store.days(&owner, 400, NOW + 3 * DAY_MS).await.unwrap();
    assert_eq!(days, expected.newest_first());
    assert_eq!(days.iter().map(DaySums::runs).sum::<u64>(), RUNS);
    let tries = table.asked().iter().filter(|it| it.ends_run()).count();
    assert!(tries as u64 > 3 * RUNS / 2, "{tries}");
}

#[tokio::test]
async fn requests_that_are_no_runs_are_counted_with_what_they_took() {
    let stand = Stand::new().await;
    let tally = summary(3, &["qwen"], &[]).by_model[&ModelId::new("qwen")];
    let by_model = BTreeMap::from([(ModelId::new("qwen"), tally), (ModelId::new("phi"), tally)]);
    for _ in 0..2 {
        stand
            .store
            .count_task((&owner(), &[]), &by_model, NOW)
            .await
            .unwrap();
        stand.store.count_repeat(&owner(), NOW).await.unwrap();
    }
    stand.store.count_repeat(&owner(), NOW).await.unwrap();
    let days = stand.store.days(&owner(), 1, NOW).await.unwrap();
    let [day] = &days[..] else { panic!("{days:?}") };
    assert_eq!((day.runs(), day.tasks, day.joined), (0, 2, 3));
    assert_eq!(day.by_model[&ModelId::new("phi")].calls, 2 * tally.calls);
    assert_eq!(day.cost.nano_usd, 4 * tally.cost.nano_usd);
    assert_eq!(day.usage.output_tokens, 4 * tally.usage.output_tokens);
}
