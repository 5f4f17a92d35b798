//! What the tools do, and what they say of what they cannot do.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::script::{answer, call, calls, finish, gate, plain, says, sse, text};

use crate::kit::{result, run, stack};

const NO_RUN: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[tokio::test]
async fn a_question_is_a_run_and_its_answer_comes_with_all_that_belongs_to_it() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([says("Seven.")]);
    let told = run(&stack.client, "ask", &json!({"query": "How many?"})).await;
    let run_id = told["run_id"].as_str().unwrap();
    let snapshot = stack.client.json(&format!("/api/runs/{run_id}")).await;
    let expected = json!({
        "run_id": run_id, "status": "completed", "answer": "Seven.", "sources": [],
        "cost_usd": snapshot["summary"]["cost_usd"], "next": null,
    });
    assert_eq!(told, expected);
    assert_eq!(snapshot["request"]["query"], "How many?");
    assert_eq!(
        run(&stack.client, "get_run", &json!({"run_id": run_id})).await,
        expected
    );
}

#[tokio::test]
async fn a_run_that_fails_is_an_error_that_says_what_to_do() {
    let (models, stack) = stack().await;
    models.always(plain(401, "text/plain", "no such key"));
    let told = result(&stack.client, "ask", &json!({"query": "How many?"})).await;
    assert_eq!(told["isError"], true);
    let told = &told["structuredContent"];
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("failed"), &Value::Null)
    );
    let snapshot = stack
        .client
        .json(&format!("/api/runs/{}", told["run_id"].as_str().unwrap()))
        .await;
    let mut events = stack
        .client
        .events(told["run_id"].as_str().unwrap(), 0)
        .await;
    let frames = events.until(|frame| frame.event() == "error").await;
    let error = &frames.last().unwrap().data["error"];
    assert_eq!(snapshot["status"], "failed");
    let next = told["next"].as_str().unwrap();
    for part in ["code", "message", "remedy"] {
        assert!(next.contains(error[part].as_str().unwrap()), "{next}");
    }
}

#[tokio::test]
async fn a_run_without_rounds_or_an_answer_is_an_error_too() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([call("nothing", json!({}))])]);
    models.always(sse([finish("stop")]));
    let told = result(
        &stack.client,
        "ask",
        &json!({"query": "How many?", "max_rounds": 1}),
    )
    .await;
    assert_eq!(told["isError"], true);
    assert_eq!(told["structuredContent"]["status"], "out_of_rounds");
}

#[tokio::test]
async fn a_follow_up_knows_the_run_before() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven."), says("Since there are days.")]);
    let first = run(&stack.client, "ask", &json!({"query": "How many?"})).await;
    let follow_up = json!({"query": "Why?", "previous_run_id": first["run_id"]});
    let second = run(&stack.client, "ask", &follow_up).await;
    assert_eq!(second["answer"], "Since there are days.");
    let asked = models.asked_of_orchestrator()[1]["messages"].to_string();
    assert!(
        asked.contains("How many?") && asked.contains("Seven."),
        "{asked}"
    );
}

#[tokio::test]
async fn a_cancelled_run_keeps_what_it_has() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([text("It is "), gate(&held), text("seven.")])]);
    let ask = json!({"query": "How many?", "wait_seconds": 0});
    let started = run(&stack.client, "ask", &ask).await;
    assert_eq!(
        (&started["status"], &started["answer"]),
        (&json!("running"), &Value::Null)
    );
    assert_eq!(
        started["next"],
        "The run goes on: call get_run with this run_id."
    );
    let named = json!({"run_id": started["run_id"]});
    held.reached().await;
    for _ in 0..2 {
        let cancelled = run(&stack.client, "cancel_run", &named).await;
        assert_eq!(
            (&cancelled["status"], &cancelled["next"]),
            (&json!("cancelled"), &Value::Null)
        );
    }
    assert_eq!(
        run(&stack.client, "get_run", &named).await["status"],
        "cancelled"
    );
    held.open();
}

/// Calls, and the code and the words that each is refused with.
fn refused(running: &str) -> [(&'static str, Value, &'static str, &'static str); 21] {
    let ask = |arguments: Value, says| ("ask", arguments, "invalid_request", says);
    let query = |name: &str, value: Value| json!({"query": "a", name: value});
    [
        ask(json!({}), "query is required"),
        ask(json!({"query": null}), "query is required"),
        ask(json!({"query": "  "}), "query must not be empty"),
        ask(json!({"query": 7}), "query must be a text of 1 to 32000"),
        ask(json!({"query": "x".repeat(32_001)}), "query must be"),
        ask(
            query("wait_seconds", json!(46)),
            "wait_seconds must be a number between 0 and 45",
        ),
        ask(query("wait_seconds", json!(-1)), "wait_seconds must be"),
        ask(query("wait_seconds", json!("soon")), "wait_seconds must be"),
        ask(
            query("max_rounds", json!(51)),
            "max_rounds must be between 1 and 50",
        ),
        ask(
            query("max_cost_usd", json!(0)),
            "max_cost_usd must be a number above 0",
        ),
        ask(query("question", json!("b")), "question is no field"),
        (
            "ask",
            query("previous_run_id", json!(NO_RUN)),
            "not_found",
            "no such run",
        ),
        (
            "ask",
            query("previous_run_id", json!("none")),
            "not_found",
            "no such run",
        ),
        (
            "ask",
            query("previous_run_id", json!(running)),
            "conflict",
            "still going on",
        ),
        (
            "get_run",
            json!({}),
            "invalid_request",
            "run_id is required",
        ),
        (
            "get_run",
            json!({"run_id": 7}),
            "invalid_request",
            "run_id must be",
        ),
        (
            "get_run",
            json!({"run_id": "none"}),
            "not_found",
            "no such run",
        ),
        (
            "get_run",
            json!({"run_id": NO_RUN}),
            "not_found",
            "no such run",
        ),
        (
            "get_run",
            json!({"run_id": NO_RUN, "wait": 7}),
            "invalid_request",
            "wait is no field",
        ),
        (
            "cancel_run",
            json!({"run_id": NO_RUN}),
            "not_found",
            "no such run",
        ),
        (
            "cancel_run",
            json!({"run_id": running, "reason": "a"}),
            "invalid_request",
            "reason is no field",
        ),
    ]
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_named_with_what_is_expected() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held)])]);
    let client = &stack.client;
    let running = run(client, "ask", &json!({"query": "Wait?", "wait_seconds": 0})).await;
    let running = running["run_id"].as_str().unwrap();
    for (tool, arguments, code, says) in refused(running) {
        let told = result(client, tool, &arguments).await;
        let text = told["content"][0]["text"].as_str().unwrap();
        assert_eq!(told["isError"], true, "{tool} {text}");
        assert!(
            text.starts_with(&format!("{code}: ")) && text.contains(says),
            "{tool}: {text}"
        );
        assert!(told.get("structuredContent").is_none());
    }
    // What models write for what they leave out is left out.
    let empty =
        json!({"query": "Wait?", "previous_run_id": "", "max_rounds": null, "wait_seconds": 0.0});
    assert_eq!(run(client, "ask", &empty).await["run_id"], running);
    let as_text = json!({"query": "Wait?", "wait_seconds": " 0 "});
    assert_eq!(run(client, "ask", &as_text).await["run_id"], running);
    let cancel = client.request(Method::POST, &format!("/api/runs/{running}/cancel"));
    send(cancel).await;
    held.open();
    let list = client.json("/api/runs").await;
    assert_eq!(list["runs"].as_array().unwrap().len(), 1, "{list}");
}
