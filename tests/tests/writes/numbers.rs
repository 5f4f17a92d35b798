//! How many writes runs of several shapes take, and how many bytes.

use std::time::Duration;

use serde_json::json;
use tests::gate::Gate;
use tests::script::{answer, call, calls, finish, gate, plain, reasoning, says, sse, text, usage};
use tests::table::Operation;

use crate::stand::{reasoner, search, stand, stand_with};

#[tokio::test]
async fn a_direct_answer_is_two_transactions_and_a_put() {
    let stand = stand().await;
    stand.models.orchestrator([says("Seven.")]);
    let (_, writes) = stand.run(&json!({"query": "How many?"})).await;
    assert_eq!(
        puts(&writes),
        [["round_decided", "final_answer", "complete"]]
    );
    assert_eq!(count(&writes, "TransactWriteItems"), 2);
    assert_eq!(count(&writes, "UpdateItem"), 0);
    let first = &writes[0].body["TransactItems"];
    assert_eq!(
        first.as_array().unwrap().len(),
        2,
        "head and first batch, and no key"
    );
    let order: Vec<_> = writes.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        (order[0], order[order.len() - 1]),
        ("TransactWriteItems", "TransactWriteItems")
    );
    let last = &writes[writes.len() - 1].body["TransactItems"];
    assert_eq!(last.as_array().unwrap().len(), 2, "head and day");
}

#[tokio::test]
async fn a_round_of_one_call_is_two_puts() {
    let stand = stand().await;
    stand
        .models
        .orchestrator([search(), search(), calls([answer("answer-1")])]);
    stand.models.experts([says("Seven.")]);
    let (_, writes) = stand.run(&json!({"query": "How many?"})).await;
    let round: [&[&str]; 2] = [
        &["round_decided", "tool_call"],
        &["tool_result", "round_start"],
    ];
    let last: [&[&str]; 2] = [
        &["round_decided", "tool_call"],
        &["tool_result", "final_answer", "complete"],
    ];
    assert_eq!(puts(&writes), [round, round, last].concat());
    assert_eq!(
        (
            count(&writes, "TransactWriteItems"),
            count(&writes, "UpdateItem")
        ),
        (2, 0)
    );
}

#[tokio::test]
async fn each_further_parallel_call_that_ends_by_itself_is_one_put_more() {
    let stand = stand().await;
    let parts = ["Part one", "Part two", "Part three"];
    let gates = parts.map(|_| Gate::shut());
    stand
        .models
        .orchestrator([calls(parts.map(reasoner)), says("Seven.")]);
    for (part, held) in parts.iter().zip(&gates) {
        let reply = [gate(held), text(part), finish("stop"), usage(10, 5)];
        stand
            .models
            .expert(&format!("Problem:\\n{part}"), sse(reply));
    }
    let mut events = stand
        .service
        .client
        .start(&json!({"query": "How many?"}))
        .await;
    let mut seen = Vec::new();
    for held in &gates {
        held.open();
        seen.extend(events.until(|frame| frame.event() == "tool_result").await);
    }
    let told = events.told_after(seen).await;
    let writes = stand.writes(&told.run_id).await;
    let expected: [&[&str]; 5] = [
        &["round_decided", "tool_call", "tool_call", "tool_call"],
        &["tool_result"],
        &["tool_result"],
        &["tool_result", "round_start"],
        &["round_decided", "final_answer", "complete"],
    ];
    assert_eq!(puts(&writes), expected);
    assert_eq!(
        (
            count(&writes, "TransactWriteItems"),
            count(&writes, "UpdateItem")
        ),
        (2, 0)
    );
}

#[tokio::test]
async fn refused_calls_and_thinking_take_no_put_of_their_own() {
    let stand = stand().await;
    let refused = [
        reasoning("Hm."),
        text("Let me try."),
        call("telepathy", json!({})),
        call("search", json!({})),
        finish("tool_calls"),
        usage(10, 5),
    ];
    stand.models.orchestrator([sse(refused), says("Seven.")]);
    let (_, writes) = stand.run(&json!({"query": "How many?"})).await;
    let names = &puts(&writes)[0];
    let thinking = [
        "orchestrator_thinking",
        "orchestrator_thinking",
        "round_decided",
    ];
    let pairs = [
        "tool_call",
        "tool_call",
        "tool_result",
        "tool_result",
        "round_start",
    ];
    assert_eq!(*names, [&thinking[..], &pairs].concat());
    assert_eq!(puts(&writes).len(), 2);
}

#[tokio::test]
async fn a_failed_run_is_one_put_after_its_start() {
    let stand = stand().await;
    stand.models.orchestrator([plain(500, "text/plain", "no")]);
    let (_, writes) = stand.run(&json!({"query": "How many?"})).await;
    assert_eq!(puts(&writes), [["error", "complete"]]);
    assert_eq!(
        (
            count(&writes, "TransactWriteItems"),
            count(&writes, "UpdateItem")
        ),
        (2, 0)
    );
}

#[tokio::test]
async fn the_head_is_written_again_only_to_renew_the_lease() {
    let stand = stand_with(|setup| setup.lease(Duration::from_secs(3))).await;
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
    stand
        .service
        .table
        .until(|operation| operation.name == "UpdateItem")
        .await;
    held.open();
    let told = events.told().await;
    let writes = stand.writes(&told.run_id).await;
    assert_eq!(
        puts(&writes).len(),
        1,
        "waiting writes nothing into the log"
    );
    let renewals: Vec<_> = writes.iter().filter(|it| it.name == "UpdateItem").collect();
    assert!(writes[writes.len() - 1].ends_run() && !renewals.is_empty());
    for renewal in renewals {
        assert_eq!(renewal.body["Key"]["SK"]["S"], "HEAD");
        assert_eq!(
            renewal.body["UpdateExpression"],
            "SET #lease_until = :lease_until"
        );
    }
}

#[tokio::test]
async fn stored_bytes_grow_in_a_line_with_the_rounds() {
    let stand = stand().await;
    let mut bytes = Vec::new();
    for rounds in [8, 16, 32] {
        stand.models.orchestrator((1..rounds).map(|_| search()));
        stand.models.orchestrator([says("Seven.")]);
        let (_, writes) = stand
            .run(&json!({"query": "How many?", "max_rounds": rounds}))
            .await;
        assert_eq!(puts(&writes).len(), 2 * (rounds - 1) + 1);
        bytes.push(writes.iter().map(|write| write.bytes).sum::<usize>());
    }
    let (eight_more, sixteen_more) = (bytes[1] - bytes[0], bytes[2] - bytes[1]);
    let percent = sixteen_more * 100 / (2 * eight_more);
    assert!((98..=102).contains(&percent), "{bytes:?}");
}

/// Names of the events of each put, in order. How text is cut into chunks depends on the speed of the machine: it is left
/// out, with the puts that hold nothing else.
fn puts(writes: &[Operation]) -> Vec<Vec<String>> {
    let puts = writes.iter().filter(|it| it.name == "PutItem").map(|put| {
        let events = put.events().into_iter();
        let names = events.map(|event| event["event"].as_str().unwrap().to_owned());
        names.filter(|name| name != "delta").collect::<Vec<_>>()
    });
    puts.filter(|names| !names.is_empty()).collect()
}

fn count(writes: &[Operation], name: &str) -> usize {
    writes.iter().filter(|it| it.name == name).count()
}
