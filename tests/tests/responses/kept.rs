//! What is kept of a response, and what is not.

use reqwest::Method;
use serde_json::{Map, Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{call, calls, gate, says, sse, text};
use tests::stack::{Setup, Stack};
use tests::table::Item;
use tests::wait::within;
use tool::{File, Response};

use crate::kit::{self, Frames, at, refused, request, stack, streamed, whole};

fn not_stored(mut body: Value) -> Value {
    body["store"] = false.into();
    body
}

async fn runs(stack: &Stack) -> Value {
    stack.client.json("/api/runs").await["runs"].clone()
}

/// Waits until no run is left.
async fn all_gone(stack: &Stack) {
    let gone = async {
        while runs(stack).await != json!([]) {
            tokio::task::yield_now().await;
        }
    };
    within("the run to be gone", gone).await;
}

#[tokio::test]
async fn what_is_not_to_be_stored_is_gone_once_it_was_told() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven."), says("Eight."), says("Nine.")]);
    let told = kit::response(request(&stack.client, &not_stored(whole("How many?")))).await;
    assert_eq!(
        (&told["store"], kit::text(&told)),
        (&json!(false), "Seven.")
    );
    assert_eq!(runs(&stack).await, json!([]));
    let frames = Frames::ask(&stack.client, &not_stored(streamed("How many?"))).await;
    let run_id = frames.run_id.clone();
    let seen = frames.rest().await;
    assert_eq!(kit::text(&seen.last().unwrap()["response"]), "Eight.");
    assert_eq!(runs(&stack).await, json!([]));
    assert_eq!(
        send(
            stack
                .client
                .request(Method::GET, &format!("/api/runs/{run_id}"))
        )
        .await
        .status(),
        404
    );
    // Some clients leave with the last frame.
    let mut frames = Frames::ask(&stack.client, &not_stored(streamed("How many?"))).await;
    frames.until("completed").await;
    drop(frames);
    all_gone(&stack).await;
}

/// Where the process dies before it has told the answer, nobody deletes them.
#[tokio::test]
async fn files_of_what_is_not_to_be_stored_expire_with_it() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    let drawn = calls([call("code_interpreter", json!({"code": "x"}))]);
    models.orchestrator([drawn, sse([gate(&held), text("Drawn.")])]);
    let draw = |_| Response::Ok {
        result: Map::new(),
        artifacts: vec![File {
            name: "a.png".to_owned(),
            media_type: "image/png".to_owned(),
            data: vec![7; 400 * 1024],
        }],
    };
    let setup = Setup::with_models(&models).tool("code_interpreter", draw);
    let stack = setup.start_counted().await;
    let frames = Frames::ask(&stack.client, &not_stored(streamed("Draw it."))).await;
    held.reached().await;
    let items = stack.table.items().await;
    let head = items.iter().find(|item| item["SK"] == "HEAD").unwrap();
    let of = |key: &str, prefix: &str| {
        let is_of = |item: &&Item| item[key].as_str().unwrap().starts_with(prefix);
        items.iter().filter(is_of).collect::<Vec<_>>()
    };
    let files = [of("SK", "ART#"), of("PK", "ART#")].concat();
    assert_eq!(files.len(), 1 + 2);
    for item in files {
        assert_eq!(item["expires_at"], head["expires_at"], "{item:?}");
    }
    held.open();
    frames.rest().await;
}

#[tokio::test]
async fn while_it_is_under_way_nobody_can_ask_for_it_but_who_sends_the_same_again() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let body = not_stored(streamed("How many?"));
    let first = Frames::ask(&stack.client, &body).await;
    let id = format!("resp_{}", first.run_id);
    assert_eq!(
        refused(at(&stack.client, Method::GET, &id)).await,
        (404, None)
    );
    assert_eq!(
        refused(at(&stack.client, Method::GET, &format!("{id}/input_items"))).await,
        (404, None)
    );
    let follow = json!({"model": "orchestrator", "input": "Why?", "previous_response_id": id});
    let param = Some("previous_response_id".to_owned());
    assert_eq!(refused(request(&stack.client, &follow)).await, (404, param));
    let again = Frames::ask(&stack.client, &body).await;
    assert_eq!(again.run_id, first.run_id);
    held.open();
    // Neither takes the end away from the other.
    let (first, again) = tokio::join!(first.rest(), again.rest());
    assert_eq!(first, again);
    all_gone(&stack).await;
}
