//! Runs that go on without whoever asked.

use reqwest::Method;
use serde_json::Value;
use tests::client::send;
use tests::gate::Gate;
use tests::script::{gate, says, sse, text};

use crate::kit::{self, Frames, at, kinds, request, response, stack, streamed, whole};

fn in_background(mut body: Value) -> Value {
    body["background"] = true.into();
    body
}

fn id(response: &Value) -> &str {
    response["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_response_in_the_background_is_answered_at_once_and_goes_on_by_itself() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let begun = response(request(&stack.client, &in_background(whole("How many?")))).await;
    let status = begun["status"].as_str().unwrap();
    assert!(matches!(status, "queued" | "in_progress"), "{status}");
    assert_eq!(begun["background"], true);
    // Whoever sends it again is told of the same one.
    let again = response(request(&stack.client, &in_background(whole("How many?")))).await;
    assert_eq!(id(&again), id(&begun));
    models.received(1).await;
    held.open();
    let frames = Frames::after(&stack.client, &id(&begun)["resp_".len()..], Some(0)).await;
    let seen = frames.rest().await;
    assert_eq!(kinds(&seen)[..2], ["queued", "in_progress"]);
    let statuses = [&seen[0], &seen[1]].map(|frame| &frame["response"]["status"]);
    assert_eq!(statuses, ["queued", "in_progress"]);
    let ended = response(at(&stack.client, Method::GET, id(&begun))).await;
    assert_eq!(ended["status"], "completed");
    assert_eq!(kit::text(&ended), "Seven.");
    assert_eq!(ended, seen.last().unwrap()["response"]);
    assert_eq!(
        kit::lines(&ended),
        [""; 0],
        "that it was handed over is no step of it"
    );
}

#[tokio::test]
async fn in_a_stream_it_can_be_left_and_come_back_to() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let mut frames = Frames::ask(&stack.client, &in_background(streamed("How many?"))).await;
    frames.until("in_progress").await;
    let last = frames.seen.last().unwrap()["sequence_number"].as_u64();
    let (run_id, seen) = (frames.run_id.clone(), frames.seen.clone());
    drop(frames);
    held.open();
    let rest = Frames::after(&stack.client, &run_id, last)
        .await
        .rest()
        .await;
    assert_eq!(rest.last().unwrap()["type"], "response.completed");
    let whole = Frames::after(&stack.client, &run_id, None)
        .await
        .rest()
        .await;
    assert_eq!(whole, [seen, rest].concat());
}

#[tokio::test]
async fn it_can_be_cancelled() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let begun = response(request(&stack.client, &in_background(whole("How many?")))).await;
    models.received(1).await;
    let cancel = at(
        &stack.client,
        Method::POST,
        &format!("{}/cancel", id(&begun)),
    );
    let cancelled = response(cancel).await;
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["completed_at"], Value::Null);
    let seen = response(at(&stack.client, Method::GET, id(&begun))).await;
    assert_eq!(seen, cancelled);
    held.open();
}

#[tokio::test]
async fn one_that_is_deleted_is_gone_and_one_that_goes_on_is_kept() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")]), says("Eight.")]);
    let begun = response(request(&stack.client, &in_background(whole("How many?")))).await;
    models.received(1).await;
    let delete = || at(&stack.client, Method::DELETE, id(&begun));
    assert_eq!(send(delete()).await.status(), 409);
    held.open();
    let frames = Frames::after(&stack.client, &id(&begun)["resp_".len()..], None).await;
    frames.rest().await;
    let (status, _, body) = kit::answer(delete()).await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        serde_json::json!({"id": id(&begun), "object": "response", "deleted": true})
    );
    assert_eq!(send(delete()).await.status(), 404);
    assert_eq!(
        send(at(&stack.client, Method::GET, id(&begun)))
            .await
            .status(),
        404
    );
}
