//! A response as one object.

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::script::{answer, call, calls, finish, gate, says, sse, text, usage};

use crate::kit::{self, request, response, stack, whole};

/// The members that Open Responses wants of each.
const MEMBERS: [&str; 31] = [
    "id",
    "object",
    "created_at",
    "completed_at",
    "status",
    "incomplete_details",
    "model",
    "previous_response_id",
    "instructions",
    "output",
    "error",
    "tools",
    "tool_choice",
    "truncation",
    "parallel_tool_calls",
    "text",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "top_logprobs",
    "temperature",
    "reasoning",
    "usage",
    "max_output_tokens",
    "max_tool_calls",
    "store",
    "background",
    "service_tier",
    "metadata",
    "safety_identifier",
    "prompt_cache_key",
];

#[tokio::test]
async fn an_answer_is_one_object_with_all_members_and_can_be_had_again() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("Seven."), finish("stop"), usage(20, 7)])]);
    let given = json!({
        "model": "orchestrator-quality", "input": [{"role": "user", "content": [{"type": "input_text", "text": "How many?"}]}],
        "instructions": "Be short.", "metadata": {"a": "b"}, "max_output_tokens": 99, "temperature": 0.2, "top_p": 0.5, "truncation": "auto",
        "parallel_tool_calls": false, "reasoning": {"effort": "low"}, "service_tier": "flex", "safety_identifier": "s", "prompt_cache_key": "k",
        "user": "u", "text": {"format": {"type": "text"}, "verbosity": "low"}, "tool_choice": "none",
        "tools": [{"type": "function", "name": "clock"}, {"type": "web_search"}], "nothing": 1, "stream": null,
    });
    let (status, headers, body) = kit::answer(request(&stack.client, &given)).await;
    assert_eq!(status, 200, "{body}");
    let run_id = headers["x-run-id"].to_str().unwrap();
    assert_eq!(headers["x-should-retry"], "false");
    assert_eq!(body["id"], format!("resp_{run_id}"));
    for member in MEMBERS {
        assert!(body.get(member).is_some(), "{member}");
    }
    for same in [
        "model",
        "instructions",
        "metadata",
        "max_output_tokens",
        "temperature",
        "top_p",
        "truncation",
        "parallel_tool_calls",
        "service_tier",
        "safety_identifier",
        "prompt_cache_key",
        "user",
        "text",
        "tool_choice",
    ] {
        assert_eq!(body[same], given[same], "{same}");
    }
    assert_eq!(body["reasoning"], json!({"effort": "low", "summary": null}));
    assert_eq!(
        body["tools"][0],
        json!({"type": "function", "name": "clock", "description": null, "parameters": null, "strict": null})
    );
    assert!(body["completed_at"].as_u64().unwrap() >= body["created_at"].as_u64().unwrap());
    assert_eq!(kit::text(&body), "Seven.");
    let path = format!("resp_{run_id}");
    let again = response(kit::at(&stack.client, reqwest::Method::GET, &path)).await;
    assert_eq!(again, body);
    let run = stack.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(run["request"]["max_tokens"], 99);
    let keys: Vec<_> = run["request"].as_object().unwrap().keys().collect();
    assert!(!keys.iter().any(|key| *key == "echo"), "{keys:?}");
}

/// Also what was started elsewhere can be seen as a response.
#[tokio::test]
async fn any_run_of_the_callers_is_a_response() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven.")]);
    let body = json!({"query": "How many?", "preferences": {"priority": "cost", "instructions": "Short."}});
    let run_id = stack.client.ask(&body).await.run_id;
    let path = format!("resp_{run_id}");
    let seen = response(kit::at(&stack.client, reqwest::Method::GET, &path)).await;
    assert_eq!(kit::text(&seen), "Seven.");
    assert_eq!(
        (&seen["model"], &seen["instructions"]),
        (&json!("orchestrator-cost"), &json!("Short."))
    );
    assert_eq!(seen["max_output_tokens"], 512);
}

#[tokio::test]
async fn what_takes_long_begins_with_blanks() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let mut answered = tests::client::send(request(&stack.client, &whole("How many?"))).await;
    assert_eq!(answered.status(), 200);
    let first = answered.chunk().await.unwrap().unwrap();
    assert_eq!(&first[..], b"\n");
    held.open();
    let body: Value = serde_json::from_str(&answered.text().await.unwrap()).unwrap();
    assert_eq!(kit::text(&body), "Seven.");
}

#[tokio::test]
async fn what_the_length_or_the_money_cut_is_incomplete() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("Sev"), finish("length"), usage(20, 7)])]);
    let cut = response(request(&stack.client, &whole("How many?"))).await;
    assert_eq!(
        (&cut["status"], kit::text(&cut)),
        (&json!("incomplete"), "Sev")
    );
    assert_eq!(
        cut["incomplete_details"],
        json!({"reason": "max_output_tokens"})
    );
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    models.orchestrator([sse([reasoner, finish("tool_calls"), usage(17_000, 100)])]);
    models.experts([says("As far as I know, seven.")]);
    let mut body = whole("How many, then?");
    body["max_cost_usd"] = 0.004.into();
    body["max_output_tokens"] = 512.into();
    let poor = response(request(&stack.client, &body)).await;
    assert_eq!(poor["status"], "incomplete");
    assert_eq!(kit::text(&poor), "As far as I know, seven.");
}
