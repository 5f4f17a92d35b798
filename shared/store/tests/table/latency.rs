//! What models take, by model and hour: sums that any number of processes add to.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use run::ModelId;
use store::{Hour, Measure, Store, StoreError};
use tests::fault_proxy::{Asked, Fate, FaultyTable};
use tests::table::NAME;

use crate::kit::{KEPT, NOW, Stand};

const HOUR_MS: u64 = 60 * 60 * 1000;

fn qwen() -> ModelId {
    ModelId::new("qwen")
}

/// Any measure, with all figures different.
fn measure(seed: u64) -> Measure {
    let mut measure = Measure {
        calls: seed + 3,
        failures: seed,
        written_tokens: seed * 70,
        writing_ms: seed * 900,
        ..Measure::default()
    };
    measure.first_token.note(100 * seed);
    measure.whole.note(1000 * seed);
    measure.whole.note(7000);
    measure
}

fn of_one(model: ModelId, at_ms: u64, measure: Measure) -> BTreeMap<(ModelId, Hour), Measure> {
    BTreeMap::from([((model, Hour::of(at_ms)), measure)])
}

async fn read(store: &Store, model: &ModelId, now_ms: u64) -> Measure {
    let read = store.measures([model].into_iter(), now_ms).await.unwrap();
    read[model].clone()
}

#[tokio::test]
async fn what_processes_add_at_once_is_their_sum() {
    let stand = Stand::new().await;
    let processes: Vec<_> = (0..4)
        .map(|_| Store::new(stand.table.client.clone(), NAME, KEPT))
        .collect();
    let added: Vec<_> = (1..=20)
        .map(|seed| of_one(qwen(), NOW, measure(seed)))
        .collect();
    let writes = added.iter().zip(processes.iter().cycle());
    for written in join_all(writes.map(|(measures, store)| store.add_measures(measures))).await {
        written.unwrap();
    }
    let mut sum = Measure::default();
    for seed in 1..=20 {
        sum.add(&measure(seed));
    }
    assert_eq!(read(&stand.store, &qwen(), NOW).await, sum);
    let keys = [("LATENCY#qwen".to_owned(), "2025-11-24T16".to_owned())];
    assert_eq!(stand.keys().await, keys);
}

#[tokio::test]
async fn this_hour_and_the_one_before_are_read_and_kept_for_two_days() {
    let stand = Stand::new().await;
    let hour = NOW - NOW % HOUR_MS;
    for (at_ms, seed) in [
        (hour - HOUR_MS - 1, 1),
        (hour - HOUR_MS, 2),
        (hour - 1, 3),
        (hour, 4),
        (hour + HOUR_MS - 1, 5),
        (hour + HOUR_MS, 6),
    ] {
        let added = of_one(qwen(), at_ms, measure(seed));
        stand.store.add_measures(&added).await.unwrap();
    }
    for (now_ms, seeds) in [
        (hour - HOUR_MS - 1, &[1][..]),
        (hour - 1, &[1, 2, 3]),
        (hour, &[2, 3, 4, 5]),
        (hour + HOUR_MS - 1, &[2, 3, 4, 5]),
        (hour + HOUR_MS, &[4, 5, 6]),
        (hour + 3 * HOUR_MS, &[]),
        (0, &[]),
        (u64::MAX, &[]),
    ] {
        let mut sum = Measure::default();
        for seed in seeds {
            sum.add(&measure(*seed));
        }
        assert_eq!(read(&stand.store, &qwen(), now_ms).await, sum, "{now_ms}");
    }
    for item in stand.table.items().await {
        let end = match item["SK"].as_str().unwrap() {
            "2025-11-24T14" => hour - HOUR_MS,
            "2025-11-24T15" => hour,
            "2025-11-24T16" => hour + HOUR_MS,
            "2025-11-24T17" => hour + 2 * HOUR_MS,
            other => panic!("{other}"),
        };
        assert_eq!(item["expires_at"], end / 1000 + 48 * 60 * 60);
    }
}

#[tokio::test]
async fn a_thousand_models_with_any_names_have_sums_of_their_own() {
    let stand = Stand::new().await;
    let odd = [
        "",
        "#",
        "a#b",
        "é.🦀",
        "calls",
        ":0",
        "#0",
        "a b[0]",
        "\n",
        "qwen",
        "Qwen",
        "qwen#2025-11-24T16",
    ];
    let odd = odd.into_iter().map(ModelId::new);
    let all: Vec<_> = odd
        .chain((0..988).map(|n| ModelId::new(format!("model-{n}"))))
        .collect();
    let added: BTreeMap<_, _> = (1..)
        .zip(&all)
        .map(|(seed, model)| ((model.clone(), Hour::of(NOW)), measure(seed)))
        .collect();
    stand.store.add_measures(&added).await.unwrap();
    let read = stand.store.measures(all.iter(), NOW).await.unwrap();
    assert_eq!(read.len(), 1000);
    for (seed, model) in (1..).zip(&all) {
        assert_eq!(read[model], measure(seed), "{model:?}");
    }
}

#[tokio::test]
async fn nothing_measured_is_nothing_written_and_what_is_no_count_is_passed_over() {
    let stand = Stand::new().await;
    let nothing = of_one(qwen(), NOW, Measure::default());
    stand.store.add_measures(&nothing).await.unwrap();
    assert_eq!(stand.keys().await, []);
    stand
        .store
        .add_measures(&of_one(qwen(), NOW, measure(2)))
        .await
        .unwrap();
    let put = |name: &str, value: AttributeValue| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let update = stand.table.client.update_item().table_name(NAME);
        update
            .key("PK", text("LATENCY#qwen"))
            .key("SK", text("2025-11-24T16"))
            .update_expression("SET #name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value)
            .send()
    };
    let number = |text: &str| AttributeValue::N(text.to_owned());
    for (name, value) in [
        ("whole_ms#often", number("7")),
        ("whole_ms#", number("7")),
        ("whole_ms#300", number("-7")),
        ("whole_ms#400", number("0.5")),
        ("queue_ms#300", number("7")),
        ("mood", number("7")),
        ("first_token_ms#300", AttributeValue::S("seven".to_owned())),
    ] {
        put(name, value).await.unwrap();
    }
    assert_eq!(read(&stand.store, &qwen(), NOW).await, measure(2));
    // A time that this version does not tell apart is one all the same.
    put("whole_ms#8000", number("90")).await.unwrap();
    assert_eq!(
        read(&stand.store, &qwen(), NOW).await.median_ms(),
        Some(8000)
    );
    // An hour of a newer version is not guessed at.
    put("schema", number("99")).await.unwrap();
    let refused = stand.store.measures([&qwen()].into_iter(), NOW).await;
    assert!(
        matches!(refused, Err(StoreError::Unreadable { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_model_that_cannot_be_written_keeps_no_other_from_it_and_a_table_that_is_down_is_told() {
    let stand = Stand::new().await;
    // A key may have 2,048 bytes.
    let long = ModelId::new("x".repeat(3000));
    let mut added = of_one(long.clone(), NOW, measure(1));
    added.extend(of_one(qwen(), NOW, measure(2)));
    let refused = stand.store.add_measures(&added).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    assert_eq!(read(&stand.store, &qwen(), NOW).await, measure(2));

    let table = FaultyTable::start().await;
    table.judge(|_: &Asked| Fate::Fail);
    let store = Store::new(table.client(), NAME, KEPT);
    let added = of_one(qwen(), NOW, measure(2));
    let refused = store.add_measures(&added).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    let refused = store.measures([&qwen()].into_iter(), NOW).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    table.heal();
    store.add_measures(&added).await.unwrap();
    assert_eq!(read(&store, &qwen(), NOW).await, measure(2));
}
