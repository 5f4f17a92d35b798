//! Requests that come again, as the official clients send them when a connection breaks.

use serde_json::Value;
use tests::client::send;
use tests::gate::Gate;
use tests::script::{gate, plain, says, sse, text};
use tests::stack::Stack;

use crate::kit::{Chunks, request, stack, streamed, whole};

async fn joined(stack: &Stack) -> Value {
    let stats = stack.client.json("/api/stats").await;
    stats
        .pointer("/days/0/joined")
        .cloned()
        .unwrap_or_else(|| 0.into())
}

async fn runs(stack: &Stack) -> usize {
    let list = stack.client.json("/api/runs").await;
    list["runs"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_equal_request_joins_the_run_while_it_is_under_way() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")]), says("Eight.")]);
    let first = Chunks::ask(&stack.client, &streamed("How many?")).await;
    let again = Chunks::ask(&stack.client, &streamed("How many?")).await;
    assert_eq!(again.run_id, first.run_id);
    let other = Chunks::ask(&stack.client, &streamed("How many, then?")).await;
    assert_ne!(other.run_id, first.run_id);
    held.open();
    let (first, again) = (first.rest().await, again.rest().await);
    assert_eq!(
        first.frames,
        again
            .frames
            .iter()
            .filter(
                |frame| frame["choices"][0]["delta"] != serde_json::json!({})
                    || frame["choices"][0]["finish_reason"] != Value::Null
            )
            .cloned()
            .collect::<Vec<_>>()
    );
    assert_eq!(other.rest().await.content, "Eight.");
    assert_eq!((runs(&stack).await, joined(&stack).await), (2, 1.into()));
}

/// A person who asks the same again wants another answer.
#[tokio::test]
async fn an_equal_request_after_the_end_is_another_run() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven."), says("Eight."), says("Nine.")]);
    for expected in ["Seven.", "Eight.", "Nine."] {
        let said = Chunks::ask(&stack.client, &streamed("How many?"))
            .await
            .rest()
            .await;
        assert_eq!(said.content, expected);
    }
    assert_eq!((runs(&stack).await, joined(&stack).await), (3, 0.into()));
}

#[tokio::test]
async fn a_client_that_sends_again_what_it_lost_gets_the_answer_of_the_run_that_has_ended() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven."), says("Eight.")]);
    let first = Chunks::ask(&stack.client, &streamed("How many?")).await;
    let run_id = first.run_id.clone();
    first.rest().await;
    for (count, is_same) in [("1", true), ("2", true), ("0", false)] {
        let again = request(&stack.client, &streamed("How many?"));
        let again = again.header("x-stainless-retry-count", count);
        let again = Chunks::of(send(again).await);
        assert_eq!(again.run_id == run_id, is_same, "{count}");
        again.rest().await;
    }
}

#[tokio::test]
async fn a_key_of_the_caller_stands_for_one_run() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven.")]);
    let ask =
        |question: &str| request(&stack.client, &streamed(question)).header("idempotency-key", "k");
    let first = Chunks::of(send(ask("How many?")).await);
    let run_id = first.run_id.clone();
    first.rest().await;
    let again = Chunks::of(send(ask("How many?")).await);
    assert_eq!(again.run_id, run_id);
    assert_eq!(again.rest().await.content, "Seven.");
    assert_eq!(send(ask("How few?")).await.status(), 409);
}

/// Some clients send again whatever failed, and say nothing of it.
#[tokio::test]
async fn a_failure_is_told_again_for_a_while() {
    let (models, stack) = stack().await;
    models.always(plain(401, "text/plain", "no such key"));
    let mut seen = Vec::new();
    for body in [
        streamed("How many?"),
        streamed("How many?"),
        streamed("Why?"),
    ] {
        let chunks = Chunks::ask(&stack.client, &body).await;
        let run_id = chunks.run_id.clone();
        let said = chunks.rest().await;
        seen.push((run_id, said.error.unwrap()["code"].clone()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0].0, seen[2].0);
    assert_eq!((runs(&stack).await, joined(&stack).await), (2, 1.into()));
}

/// However many start at once, and whatever has ended before, one of them starts the run.
#[tokio::test]
async fn of_equal_requests_at_once_one_starts_a_run() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([says("Before."), sse([gate(&held), text("Seven.")])]);
    Chunks::ask(&stack.client, &streamed("How many?"))
        .await
        .rest()
        .await;
    let body = streamed("How many?");
    let asked = (0..8).map(|_| Chunks::ask(&stack.client, &body));
    let asked = futures_util::future::join_all(asked).await;
    held.open();
    let mut ids: Vec<_> = asked.iter().map(|chunks| chunks.run_id.clone()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    for chunks in asked {
        assert_eq!(chunks.rest().await.content, "Seven.");
    }
    assert_eq!((runs(&stack).await, joined(&stack).await), (2, 7.into()));
    models.assert_spent();
}

/// A client that does not stream joins one that does not, and its answer is whole.
#[tokio::test]
async fn a_whole_answer_is_joined_too() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let body = whole("How many?");
    let ask = || async {
        let (_, headers, body) = crate::kit::answer(request(&stack.client, &body)).await;
        let run_id = headers["x-run-id"].to_str().unwrap().to_owned();
        (run_id, body["choices"][0]["message"]["content"].clone())
    };
    let open = async {
        models.received(1).await;
        held.open();
    };
    let (first, again, ()) = tokio::join!(ask(), ask(), open);
    assert_eq!(first, again);
    assert_eq!(first.1, "Seven.");
}
