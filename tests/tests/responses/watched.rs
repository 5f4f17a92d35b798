//! Those who follow a response, where no process is told that a client has gone.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{gate, sse, text};
use tests::stack::{Setup, Stack};

use crate::kit::{Frames, at, kinds, refused, request, streamed};

const WATCHERS: usize = 20;

/// A stack in which the run of a response waits in the middle of its answer. As long as its streams are held, nobody is told that their clients
/// have gone.
struct Stand {
    stack: Stack,
    asker: Frames,
    half: Gate,
    _models: ModelServer,
}

async fn stand() -> Stand {
    let models = ModelServer::start().await;
    let setup = Setup::with_models(&models);
    let stack = setup.model_idle(Duration::from_mins(10)).start().await;
    let half = Gate::shut();
    models.orchestrator([sse([text("It is "), gate(&half), text("seven.")])]);
    let mut asker = Frames::ask(&stack.client, &streamed("How many?")).await;
    asker.until("in_progress").await;
    Stand {
        stack,
        asker,
        half,
        _models: models,
    }
}

/// By its id or by the same request, as often as it likes.
#[tokio::test]
async fn a_client_that_comes_back_is_told_the_response_each_time() {
    for (sends_again, times) in [(false, 30), (true, WATCHERS + 2)] {
        let stand = stand().await;
        let (client, run_id) = (&stand.stack.client, &stand.asker.run_id);
        let mut left = Vec::new();
        for _ in 0..times {
            let mut frames = if sends_again {
                Frames::ask(client, &streamed("How many?")).await
            } else {
                Frames::after(client, run_id, None).await
            };
            assert_eq!(frames.run_id, *run_id);
            frames.until("in_progress").await;
            left.push(frames);
        }
        // The last ones are left. Whether it has lost its place each stream looks once a second.
        for frames in left.drain(..times - WATCHERS) {
            assert_eq!(frames.interrupted().await, "run_continues");
        }
        stand.half.open();
        let told = stand.asker.rest().await;
        assert_eq!(kinds(&told).last(), Some(&"completed"));
        for frames in left {
            assert_eq!(frames.rest().await, told);
        }
    }
}

#[tokio::test]
async fn a_client_that_says_its_name_ends_what_it_left_and_nothing_of_another() {
    let stand = stand().await;
    let follow = async |name: &str| {
        let path = format!("resp_{}?stream=true", stand.asker.run_id);
        let request = at(&stand.stack.client, Method::GET, &path);
        let mut frames = Frames::of(send(request.header("x-watcher", name)).await);
        frames.until("in_progress").await;
        frames
    };
    let other = follow("other").await;
    let first = follow("same").await;
    let second = follow("same").await;
    assert_eq!(first.interrupted().await, "run_continues");
    stand.half.open();
    let told = stand.asker.rest().await;
    assert_eq!(other.rest().await, told);
    assert_eq!(second.rest().await, told);
}

#[tokio::test]
async fn a_response_that_is_watched_by_as_many_as_can_be_is_cancelled_all_the_same() {
    let stand = stand().await;
    let (client, run_id) = (&stand.stack.client, &stand.asker.run_id);
    let mut watchers = Vec::new();
    for _ in 0..WATCHERS {
        watchers.push(client.events(run_id, 0).await);
    }
    // They came first, and stay.
    let path = format!("resp_{run_id}?stream=true");
    let late = send(at(client, Method::GET, &path)).await;
    let status = late.status();
    assert_eq!(
        status,
        StatusCode::TOO_MANY_REQUESTS,
        "{:?}",
        late.text().await
    );
    let cancel = at(client, Method::POST, &format!("resp_{run_id}/cancel"));
    let response = send(cancel).await;
    assert_eq!(response.status(), 200);
    let cancelled: Value = response.json().await.unwrap();
    assert_eq!(cancelled["status"], "cancelled");
    for mut watcher in watchers {
        watcher.until(|frame| frame.event() == "complete").await;
    }
}

#[tokio::test]
async fn a_name_that_could_be_anything_is_refused() {
    let stand = stand().await;
    let client = &stand.stack.client;
    let path = format!("resp_{}?stream=true", stand.asker.run_id);
    let chat = client.request(Method::POST, "/v1/chat/completions");
    let message = json!([{"role": "user", "content": "How many?"}]);
    for asked in [
        at(client, Method::GET, &path),
        request(client, &streamed("How many?")),
        chat.json(&json!({"model": "orchestrator", "messages": message})),
    ] {
        let got = refused(asked.header("x-watcher", "a b")).await;
        assert_eq!(got, (400, Some("x-watcher".to_owned())));
    }
    stand.half.open();
}
