//! What goes wrong.

use reqwest::Method;
use serde_json::{Value, json};
use tests::script::{plain, says};

use crate::kit::{self, Frames, at, refused, request, stack, streamed, whole};

const NO_RUN: &str = "resp_01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[tokio::test]
async fn a_run_that_fails_is_a_failed_response_and_not_to_be_sent_again() {
    let (models, stack) = stack().await;
    models.always(plain(401, "text/plain", "no such key"));
    let (status, headers, body) = kit::answer(request(&stack.client, &whole("How many?"))).await;
    assert_eq!(status, 500);
    assert_eq!(headers["x-should-retry"], "false");
    assert_eq!(
        (&body["status"], &body["error"]["code"]),
        (&json!("failed"), &json!("server_error"))
    );
    assert!(
        body["error"]["message"].as_str().unwrap().contains("401"),
        "{body}"
    );
    let seen = Frames::ask(&stack.client, &streamed("How many?")).await;
    let seen = seen.rest().await;
    let [.., error, failed] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(error["type"], "error");
    assert!(error["error"]["code"].is_string() && error["error"]["param"].is_null());
    assert_eq!(failed["type"], "response.failed");
    assert_eq!(failed["response"]["error"], body["error"]);
    let id = body["id"].as_str().unwrap();
    let again = kit::response(at(&stack.client, Method::GET, id)).await;
    assert_eq!(again, body);
}

/// What is wrong, the status, and the field that is named.
fn cases() -> Vec<(Value, u16, &'static str)> {
    vec![
        (json!({"input": "Why?"}), 400, "model"),
        (json!({"model": "gpt-4o"}), 404, "model"),
        (json!({"model": "orchestrator-task"}), 400, "model"),
        (json!({"input": null}), 400, "input"),
        (json!({"input": []}), 400, "input"),
        (json!({"input": 7}), 400, "input"),
        (json!({"input": [7]}), 400, "input[0]"),
        (json!({"input": " "}), 400, "input"),
        (json!({"input": "x".repeat(32_001)}), 400, "input"),
        (
            json!({"input": [{"role": "user", "content": " "}]}),
            400,
            "input[0].content",
        ),
        (
            json!({"input": [{"role": "assistant", "content": "Seven."}]}),
            400,
            "input",
        ),
        (
            json!({"input": [{"role": "critic", "content": "Seven."}]}),
            400,
            "input[0].role",
        ),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "What?"}, {"type": "input_image", "image_url": "data:"}]}]}),
            400,
            "input[0].content[1]",
        ),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}),
            400,
            "input[0].content[0]",
        ),
        (json!({"instructions": ["a"]}), 400, "instructions"),
        (
            json!({"text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}}),
            400,
            "text.format.schema",
        ),
        (
            json!({"text": {"format": {"type": "xml"}}}),
            400,
            "text.format.type",
        ),
        (json!({"tool_choice": "required"}), 400, "tool_choice"),
        (
            json!({"tool_choice": {"type": "function", "name": "a"}}),
            400,
            "tool_choice",
        ),
        (json!({"top_logprobs": 2}), 400, "top_logprobs"),
        (json!({"max_tool_calls": 2}), 400, "max_tool_calls"),
        (json!({"conversation": "c"}), 400, "conversation"),
        (json!({"prompt": {"id": "p"}}), 400, "prompt"),
        (
            json!({"background": true, "store": false}),
            400,
            "background",
        ),
        (json!({"max_output_tokens": 0}), 400, "max_output_tokens"),
        (json!({"max_output_tokens": "9"}), 400, "max_output_tokens"),
        (json!({"temperature": 3}), 400, "temperature"),
        (json!({"top_p": 2}), 400, "top_p"),
        (json!({"metadata": {"a": 1}}), 400, "metadata"),
        (json!({"metadata": {"a": "x".repeat(513)}}), 400, "metadata"),
        (json!({"user": "x".repeat(16 * 1024)}), 400, "user"),
        (json!({"store": "no"}), 400, "store"),
        (json!({"stream": "yes"}), 400, "stream"),
        (
            json!({"previous_response_id": "chatcmpl-1"}),
            404,
            "previous_response_id",
        ),
        (
            json!({"previous_response_id": NO_RUN}),
            404,
            "previous_response_id",
        ),
        (
            json!({"previous_response_id": 1}),
            400,
            "previous_response_id",
        ),
    ]
}

#[tokio::test]
async fn what_cannot_be_honoured_is_refused_by_its_name_and_what_is_wrong_by_its_path() {
    let (_models, stack) = stack().await;
    for (wrong, status, param) in cases() {
        let mut body = if wrong.get("model").is_none() && param == "model" {
            json!({})
        } else {
            whole("Why?")
        };
        body.as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());
        let got = refused(request(&stack.client, &body)).await;
        assert_eq!(got, (status, Some(param.to_owned())), "{wrong}");
    }
    let list = stack.client.json("/api/runs").await;
    assert_eq!(list["runs"], json!([]), "nothing was started");
}

/// What clients send beside the question, and what changes nothing.
#[tokio::test]
async fn what_changes_nothing_is_passed_over() {
    let (models, stack) = stack().await;
    for (at, harmless) in [
        json!({"text": null, "tools": null, "metadata": null, "previous_response_id": null, "max_output_tokens": null}),
        json!({"text": {"format": null}, "top_logprobs": 0, "tool_choice": "auto", "tools": []}),
        json!({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}),
        json!({"tools": [{"type": "function", "name": "a", "parameters": {"text": "x".repeat(20_000)}}]}),
        json!({"include": ["reasoning.encrypted_content", "web_search_call.action.sources"], "stream_options": {"include_obfuscation": false}}),
        json!({"user": {"name": "Ada"}, "reasoning": "low", "parallel_tool_calls": true, "truncation": 1, "prompt_cache_key": 7, "tools": {}}),
        json!({"previous_response_id": "", "instructions": "", "max_output_tokens": -1, "include": null}),
        json!({"context_management": [{"type": "compaction"}], "truncation": "auto", "service_tier": "tomorrow's", "max_output_tokens": 64.0}),
        json!({"input": [{"role": "user", "content": "Why?", "type": "message", "id": "m", "status": "completed"}, {"type": "reasoning", "summary": []}, {"type": "item_reference", "id": "x"}, {"type": "web_search_call", "id": "w", "status": "completed", "action": {}}]}),
    ]
    .iter()
    .enumerate()
    {
        models.orchestrator([says("Seven.")]);
        let mut body = whole(&format!("Why {at}?"));
        body.as_object_mut().unwrap().extend(harmless.as_object().unwrap().clone());
        let got = kit::response(request(&stack.client, &body)).await;
        assert_eq!(kit::text(&got), "Seven.", "{harmless}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (_models, stack) = stack().await;
    for id in [NO_RUN, "resp_none", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "resp_"] {
        for (method, path) in [
            (Method::GET, id.to_owned()),
            (Method::GET, format!("{id}?stream=true")),
            (Method::DELETE, id.to_owned()),
            (Method::POST, format!("{id}/cancel")),
            (Method::GET, format!("{id}/input_items")),
        ] {
            let got = refused(at(&stack.client, method.clone(), &path)).await;
            assert_eq!(got, (404, None), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_refused_by_their_names() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven.")]);
    let response = kit::response(request(&stack.client, &whole("How many?"))).await;
    let id = response["id"].as_str().unwrap();
    for (path, param) in [
        ("?stream=maybe", "stream"),
        ("?stream=true&starting_after=-1", "starting_after"),
        ("?stream=true&starting_after=x", "starting_after"),
        ("/input_items?limit=0", "limit"),
        ("/input_items?limit=101", "limit"),
        ("/input_items?order=up", "order"),
        ("/input_items?after=none", "after"),
    ] {
        let got = refused(at(&stack.client, Method::GET, &format!("{id}{path}"))).await;
        assert_eq!(got, (400, Some(param.to_owned())), "{path}");
    }
    // Behind the last frame nothing is left.
    let rest = Frames::after(&stack.client, &id["resp_".len()..], Some(999)).await;
    assert_eq!(rest.rest().await, Vec::<Value>::new());
}
