//! What the items of a run hold: every text once, in pieces that have a bound.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::script::{answer, call, calls, finish, gate, reasoning, says, sse, text, usage};
use tests::table::{Item, NAME, Operation};

use crate::stand::{reasoner, search, stand};

const CHUNK_BYTES: usize = 16 * 1024;
/// Where an item is cut, and what its other attributes may take.
const ITEM_BYTES: usize = 200 * 1024;
const OTHER_BYTES: usize = 1024;

/// How often a text stands in the table.
fn times(items: &[Item], text: &str) -> usize {
    items
        .iter()
        .flat_map(Item::values)
        .filter_map(Value::as_str)
        .map(|value| value.matches(text).count())
        .sum()
}

#[tokio::test]
async fn every_text_is_stored_once_wherever_it_is_shown() {
    let stand = stand().await;
    // A title of the head shows the beginning of a question.
    let query = format!("{} QUESTION", "word ".repeat(60));
    stand.models.orchestrator([
        sse([
            reasoning("THOUGHT"),
            text("ASIDE"),
            call("search", json!({"query": "ARGUMENT"})),
            reasoner("PROBLEM"),
            finish("tool_calls"),
            usage(10, 5),
        ]),
        calls([answer("answer-1")]),
    ]);
    stand
        .models
        .experts([says("REASONING"), says("CONCLUSION")]);
    let (told, _) = stand.run(&json!({"query": query})).await;
    let items = stand.service.table.items().await;
    let shown: String = told
        .frames
        .iter()
        .map(|frame| frame.data.to_string())
        .collect();
    for text in [
        "QUESTION",
        "THOUGHT",
        "ASIDE",
        "PROBLEM",
        "SNIPPET",
        "REASONING",
        "CONCLUSION",
    ] {
        assert_eq!(times(&items, text), 1, "{text}");
        assert!(shown.contains(text), "{text}");
    }
    assert_eq!(
        shown.matches("CONCLUSION").count(),
        5,
        "live, stored, result, answer, summary"
    );
    // A search tells what it was asked, as any tool may: that is its own text.
    assert_eq!(times(&items, "ARGUMENT"), 2);
}

#[tokio::test]
async fn a_long_answer_is_stored_in_chunks_between_characters() {
    let stand = stand().await;
    // No chunk's bound falls between two of these characters by itself.
    let long = format!("a{}", "🦀七é".repeat(5000));
    let pieces: Vec<String> = long
        .chars()
        .collect::<Vec<_>>()
        .chunks(97)
        .map(|it| it.iter().collect())
        .collect();
    for reply in [vec![&*long], pieces.iter().map(String::as_str).collect()] {
        let parts = reply.into_iter().map(text);
        stand
            .models
            .orchestrator([sse(parts.chain([finish("stop"), usage(10, 5)]))]);
        let (told, writes) = stand.run(&json!({"query": "How many?"})).await;
        assert_eq!(told.answer(), long);
        let events: Vec<Value> = writes
            .iter()
            .filter(|it| it.name == "PutItem")
            .flat_map(Operation::events)
            .collect();
        let chunks: Vec<_> = events.iter().filter(|it| it["event"] == "delta").collect();
        let text: String = chunks
            .iter()
            .map(|it| it["content"].as_str().unwrap())
            .collect();
        assert_eq!(text, long);
        for chunk in &chunks {
            assert!(
                chunk["content"].as_str().unwrap().len() <= CHUNK_BYTES,
                "{chunk}"
            );
        }
        assert!(chunks.len() >= 3, "45 KB in {} chunks", chunks.len());
    }
}

#[tokio::test]
async fn an_append_that_is_too_large_is_cut_between_events() {
    let stand = stand().await;
    let wide = (0..16).map(|n| call("telepathy", json!({"n": n, "to": "x".repeat(40 * 1024)})));
    stand.models.orchestrator([calls(wide), says("Seven.")]);
    let (told, writes) = stand.run(&json!({"query": "How many?"})).await;
    let sizes: Vec<usize> = writes
        .iter()
        .filter(|it| it.name == "PutItem")
        .map(|put| put.body["Item"]["events"]["S"].as_str().unwrap().len())
        .collect();
    assert!(
        sizes.iter().all(|bytes| *bytes <= ITEM_BYTES + OTHER_BYTES),
        "{sizes:?}"
    );
    assert!(sizes.len() >= 4, "640 KB in items of 200 KB: {sizes:?}");
    let replayed = stand
        .service
        .client
        .events(&told.run_id, 0)
        .await
        .told()
        .await;
    assert_eq!(replayed.frames, told.stored());
}

fn names(item: &Item) -> BTreeSet<&str> {
    item.keys().map(String::as_str).collect()
}

/// What calls of a model took in an hour.
fn check_hour(hour: &Item) {
    assert_eq!(hour["PK"], "LATENCY#qwen");
    let digits = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    let form: Vec<_> = hour["SK"].as_str().unwrap().bytes().map(digits).collect();
    assert_eq!(String::from_utf8(form).unwrap(), "0000-00-00T00");
    let kinds = names(hour).into_iter().map(|name| {
        let kind = name.split_once('#');
        kind.map_or(name, |(kind, _)| kind)
    });
    let kinds: BTreeSet<_> = kinds.collect();
    let always = [
        "PK",
        "SK",
        "calls",
        "expires_at",
        "first_token_ms",
        "schema",
    ];
    assert_eq!(kinds, BTreeSet::from(always));
    // Decisions: they have no whole time, and no speed.
    assert_eq!(hour["calls"], 2);
}

#[tokio::test]
async fn items_are_those_of_the_design() {
    let stand = stand().await;
    let query = "🦀".repeat(5000);
    stand.models.orchestrator([search(), says("Seven.")]);
    let (told, _) = stand.run(&json!({"query": query})).await;
    let mut items = stand.service.table.items().await;
    let (day, hour) = (items.remove(0), items.remove(0));
    check_hour(&hour);
    let created = told.of("start")[0]["created_at"].clone();
    assert_eq!(day["PK"], "DAY#anonymous");
    assert_eq!(day["SK"], created.as_str().unwrap()[..10]);
    let sums = [
        "PK",
        "SK",
        "committed_nano_usd",
        "cost_nano_usd",
        "expires_at",
        "input_tokens",
        "model#qwen#calls",
        "model#qwen#cost_nano_usd",
        "model#qwen#duration_ms",
        "model#qwen#input_tokens",
        "model#qwen#output_tokens",
        "output_tokens",
        "schema",
        "status#completed",
        "tool#search#calls",
        "tool#search#duration_ms",
    ];
    assert_eq!(names(&day), BTreeSet::from(sums));
    let key = format!("RUN#{}", told.run_id);
    let mut next = 1;
    for item in &items {
        assert_eq!(item["PK"], key);
        assert!(item["expires_at"].is_u64());
        if item["SK"] == "HEAD" {
            continue;
        }
        let expected = [
            "PK",
            "SK",
            "epoch",
            "events",
            "expires_at",
            "schema",
            "write_id",
            "writer",
            "written_at",
        ];
        assert_eq!(names(item), BTreeSet::from(expected));
        assert_eq!(item["SK"], format!("EV#{next:012}"));
        assert_eq!(item["epoch"], 1);
        let events: Vec<Value> = serde_json::from_str(item["events"].as_str().unwrap()).unwrap();
        next += events.len();
    }
    assert_eq!(next - 1, told.stored().len());
    let head = items.last().unwrap();
    let expected = [
        "PK",
        "SK",
        "cost_nano_usd",
        "created_at",
        "duration_ms",
        "epoch",
        "expires_at",
        "owner",
        "schema",
        "status",
        "title",
        "writer",
    ];
    assert_eq!(names(head), BTreeSet::from(expected));
    assert_eq!(
        (&head["SK"], &head["status"]),
        (&json!("HEAD"), &json!("completed"))
    );
    assert_eq!(
        (&head["schema"], &head["cost_nano_usd"]),
        (&json!(2), &json!(6000))
    );
    assert_eq!(head["title"].as_str().unwrap().chars().count(), 120);
    let bytes: usize = head
        .iter()
        .map(|(name, value)| name.len() + value.to_string().len())
        .sum();
    assert!(bytes < 1024, "a head of {bytes} bytes");
}

#[tokio::test]
async fn one_index_lists_a_run_while_it_is_open_and_one_keeps_its_history() {
    let stand = stand().await;
    let held = Gate::shut();
    stand.models.orchestrator([sse([
        gate(&held),
        text("Seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let events = stand
        .service
        .client
        .start(&json!({"query": "How many?"}))
        .await;
    let listed = async |index: &str| {
        let scan = stand
            .service
            .table
            .client
            .scan()
            .table_name(NAME)
            .index_name(index);
        let items = scan.send().await.unwrap().items.unwrap_or_default();
        let statuses = items
            .iter()
            .map(|item| item["status"].as_s().unwrap().clone());
        statuses.collect::<Vec<_>>()
    };
    held.reached().await;
    assert_eq!(listed("open").await, ["running"]);
    assert_eq!(listed("history").await, ["running"]);
    held.open();
    let told = events.told().await;
    stand.writes(&told.run_id).await;
    assert_eq!(listed("open").await, [] as [&str; 0]);
    assert_eq!(listed("history").await, ["completed"]);
}
