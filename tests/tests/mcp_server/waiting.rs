//! Calls that wait for a run, and what becomes of the run when they end.

use std::time::Duration;

use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::script::{answer as answer_by, calls, gate, says, sse, text};
use tests::stack::Stack;
use tests::wait::within;
use tokio::time::{Instant, timeout};

use crate::kit::{call, events, post, result, run, stack, watched};

async fn runs(stack: &Stack) -> usize {
    let list = stack.client.json("/api/runs").await;
    list["runs"].as_array().unwrap().len()
}

async fn joined(stack: &Stack) -> u64 {
    let stats = stack.client.json("/api/stats").await;
    stats["days"][0]["joined"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn the_progress_rises_with_the_events_and_says_what_goes_on() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([calls([answer_by("answer-1")])]);
    models.experts([sse([text("It is "), gate(&held), text("seven.")])]);
    for token in [json!("a token"), json!(7)] {
        let ask = watched("ask", &json!({"query": "How many?"}), &token);
        let asked = tokio::spawn(send(post(&stack.client, &ask)));
        held.reached().await;
        held.open();
        let told = events(within("a head", asked).await.unwrap()).await;
        let (last, before) = told.split_last().unwrap();
        assert_eq!(last["id"], 1);
        assert_eq!(
            last["result"]["structuredContent"]["answer"],
            "It is seven."
        );
        assert!(!before.is_empty());
        let mut number = 0.0;
        for told in before {
            assert_eq!(told["method"], "notifications/progress");
            let params = &told["params"];
            assert_eq!(params["progressToken"], token);
            assert!(params["progress"].as_f64().unwrap() > number, "{before:?}");
            number = params["progress"].as_f64().unwrap();
            let line = params["message"].as_str().unwrap();
            assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        }
        models.orchestrator([calls([answer_by("answer-1")])]);
        models.experts([sse([text("It is "), text("seven.")])]);
    }
}

/// Some clients take these for the end of a line.
#[tokio::test]
async fn a_message_is_one_line_for_every_reader_of_lines() {
    let (models, stack) = stack().await;
    let odd = "a\u{85}b\u{2028}c\u{2029}d";
    models.orchestrator([says(odd)]);
    let ask = watched("ask", &json!({"query": "How many?"}), &json!(0));
    let response = send(post(&stack.client, &ask)).await;
    let body = within("a body", response.text()).await.unwrap();
    assert!(!body.contains(['\u{85}', '\u{2028}', '\u{2029}']));
    let data = body.trim_end().rsplit("data: ").next().unwrap();
    let told: Value = serde_json::from_str(data).unwrap();
    assert_eq!(told["result"]["structuredContent"]["answer"], odd);
}

/// Proxies close connections in which nothing comes, and clients calls of which nothing is heard.
#[tokio::test]
async fn while_nothing_happens_there_is_a_sign_of_life_within_ten_seconds() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.always(sse([gate(&held), text("Seven.")]));
    let sign = async |message: Value| {
        let mut response = send(post(&stack.client, &message)).await;
        let mut read = String::new();
        let begun = Instant::now();
        // The first events come at once; the rest is silence.
        while begun.elapsed() < Duration::from_secs(7) {
            if let Ok(more) = timeout(Duration::from_secs(1), response.chunk()).await {
                read.push_str(str::from_utf8(&more.unwrap().unwrap()).unwrap());
            }
        }
        let quiet = read.len();
        let more = timeout(Duration::from_secs(10), response.chunk()).await;
        read.push_str(str::from_utf8(&more.unwrap().unwrap().unwrap()).unwrap());
        (read[..quiet].to_owned(), read[quiet..].to_owned())
    };
    let one = sign(call("ask", &json!({"query": "One?"})));
    let two = sign(watched("ask", &json!({"query": "Two?"}), &json!(2)));
    let (one, two) = tokio::join!(one, two);
    assert_eq!(one, (String::new(), "\n".to_owned()));
    let progress = |frames: &str| {
        let frame = frames.trim_end().rsplit("data: ").next().unwrap();
        let told: Value = serde_json::from_str(frame).unwrap();
        told["params"]["progress"].as_f64().unwrap()
    };
    assert!(progress(&two.1) > progress(&two.0), "{two:?}");
    held.open();
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_waiting_and_not_the_run() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let ask = watched("ask", &json!({"query": "How many?"}), &json!(1));
    let mut response = send(post(&stack.client, &ask)).await;
    within("the first progress", response.chunk())
        .await
        .unwrap();
    held.reached().await;
    drop(response);
    held.open();
    let list = stack.client.json("/api/runs").await;
    let named = json!({"run_id": list["runs"][0]["run_id"]});
    let told = run(&stack.client, "get_run", &named).await;
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("completed"), &json!("Seven."))
    );
}

#[tokio::test]
async fn a_call_ends_with_its_time_and_get_run_waits_on() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let begun = Instant::now();
    let ask = json!({"query": "How many?", "wait_seconds": 1});
    let told = run(&stack.client, "ask", &ask).await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(told["status"], "running");
    let look = json!({"run_id": told["run_id"], "wait_seconds": 0});
    assert_eq!(run(&stack.client, "get_run", &look).await, told);
    let wait = json!({"run_id": told["run_id"]});
    let opened = async { held.open() };
    let (told, ()) = tokio::join!(run(&stack.client, "get_run", &wait), opened);
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("completed"), &json!("Seven."))
    );
}

#[tokio::test]
async fn the_same_question_joins_its_run_while_that_is_under_way_however_long_it_waits() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([
        sse([gate(&held), text("Seven.")]),
        says("Eight."),
        says("Nine."),
    ]);
    let client = &stack.client;
    let first = run(
        client,
        "ask",
        &json!({"query": "How many?", "wait_seconds": 0}),
    )
    .await;
    held.reached().await;
    let asked = [json!(0), json!(0.5), json!(45)]
        .map(|wait| json!({"wait_seconds": wait, "query": "How many?"}));
    let (one, two) = tokio::join!(run(client, "ask", &asked[0]), run(client, "ask", &asked[1]));
    let other = run(
        client,
        "ask",
        &json!({"query": "How many?", "max_rounds": 2}),
    )
    .await;
    assert_eq!(other["answer"], "Eight.");
    let all_have_joined = async {
        while joined(&stack).await != 3 {
            tokio::task::yield_now().await;
        }
        held.open();
    };
    let (three, ()) = tokio::join!(
        run(client, "ask", &asked[2]),
        within("a call to join", all_have_joined)
    );
    for joined in [&one, &two, &three] {
        assert_eq!(joined["run_id"], first["run_id"]);
    }
    assert_eq!(three["answer"], "Seven.");
    assert_eq!(runs(&stack).await, 2);
    assert_eq!(joined(&stack).await, 3);
    // Who asks again what was answered wants another answer.
    let again = run(client, "ask", &json!({"query": "How many?"})).await;
    assert_eq!(again["answer"], "Nine.");
}

#[tokio::test]
async fn what_follows_a_run_that_was_deleted_meanwhile_is_joined_and_not_begun() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([says("Hello, Ada."), sse([gate(&held), text("Ada.")])]);
    let first = run(&stack.client, "ask", &json!({"query": "My name is Ada."})).await;
    let follow = |query: &str| json!({"query": query, "wait_seconds": 0, "previous_run_id": first["run_id"]});
    let begun = run(&stack.client, "ask", &follow("Who am I?")).await;
    let path = format!("/api/runs/{}", first["run_id"].as_str().unwrap());
    let deleted = send(stack.client.request(reqwest::Method::DELETE, &path)).await;
    assert_eq!(deleted.status(), 204);
    let again = run(&stack.client, "ask", &follow("Who am I?")).await;
    assert_eq!(again["run_id"], begun["run_id"]);
    let other = result(&stack.client, "ask", &follow("Why?")).await;
    assert_eq!(other["isError"], true, "{other}");
    held.open();
    let named = json!({"run_id": begun["run_id"]});
    assert_eq!(
        run(&stack.client, "get_run", &named).await["answer"],
        "Ada."
    );
}
