//! The protocol: frames, and what is refused.

use super::*;

/// The objects of a stream, which must end with `[DONE]`.
fn events(text: &str) -> Vec<Value> {
    let mut frames: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(frames.pop(), Some(""));
    assert_eq!(frames.pop(), Some("data: [DONE]"));
    let event = |frame: &str| {
        let data = frame.strip_prefix("data: ").unwrap();
        assert!(!data.contains('\n'));
        serde_json::from_str(data).unwrap()
    };
    frames.into_iter().map(event).collect()
}

#[tokio::test]
async fn a_stream_of_text_adds_up_to_the_whole_answer() {
    let mut body = json!({"messages": [{"role": "user", "content": "hello"}]});
    let whole = ask(&body).await;
    body["stream"] = true.into();
    body["stream_options"] = json!({"include_usage": true});
    let (_, text) = post_text(body.to_string(), "application/json; charset=utf-8").await;
    let mut events = events(&text);
    let usage = events.pop().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(
        usage["usage"]["completion_tokens"],
        whole["usage"]["completion_tokens"]
    );
    let finish = events.pop().unwrap()["choices"][0].take();
    assert_eq!(
        finish,
        json!({"finish_reason": "stop", "index": 0, "delta": {}})
    );
    let role = events.remove(0)["choices"][0].take();
    assert_eq!(role["delta"], json!({"role": "assistant", "content": null}));
    let deltas = events
        .iter()
        .map(|event| event["choices"][0]["delta"]["content"].as_str().unwrap());
    let said: String = deltas.collect();
    assert_eq!(whole["choices"][0]["message"]["content"], said);
    assert!(events.len() > 10);
}

#[tokio::test]
async fn a_streamed_call_names_its_tool_once_and_then_sends_fragments() {
    let question = "What is 17 * 23 + 4?";
    let body = json!({"stream": true, "tools": offer(&TOOLS), "messages": [{"role": "user", "content": [{"type": "text", "text": question}]}]});
    let (_, text) = post_text(body.to_string(), "application/json").await;
    let events = events(&text);
    let deltas: Vec<&Value> = events
        .iter()
        .map(|event| &event["choices"][0]["delta"])
        .collect();
    assert!(
        deltas[1]["reasoning_content"]
            .as_str()
            .unwrap()
            .contains("code_interpreter")
    );
    let open = &deltas[2]["tool_calls"][0];
    assert_eq!(open["id"].as_str().unwrap().len(), 32);
    assert_eq!(
        open["function"],
        json!({"name": "code_interpreter", "arguments": ""})
    );
    let fragments = &deltas[3..deltas.len() - 1];
    let arguments: String = fragments
        .iter()
        .map(|delta| {
            let call = &delta["tool_calls"][0];
            assert!(call.get("id").is_none() && call["function"].get("name").is_none());
            call["function"]["arguments"].as_str().unwrap()
        })
        .collect();
    let arguments: Value = serde_json::from_str(&arguments).unwrap();
    assert_eq!(
        python(arguments["code"].as_str().unwrap()).unwrap(),
        "17 * 23 + 4 = 395\n"
    );
    assert_eq!(
        events.last().unwrap()["choices"][0]["finish_reason"],
        "tool_calls"
    );
}

#[tokio::test]
async fn malformed_requests_are_refused_with_what_to_mend() {
    let user = json!([{"role": "user", "content": "p"}]);
    for (body, kind, says) in [
        ("{".to_owned(), "application/json", "EOF"),
        (json!({}).to_string(), "application/json", "messages"),
        (
            json!({"messages": []}).to_string(),
            "application/json",
            "messages",
        ),
        (
            json!({"messages": [{"role": "robot", "content": "x"}]}).to_string(),
            "application/json",
            "robot",
        ),
        (
            json!({"messages": [{"role": "user"}]}).to_string(),
            "application/json",
            "content",
        ),
        (
            json!({"messages": user, "max_tokens": -1}).to_string(),
            "application/json",
            "-1",
        ),
        (
            json!({"messages": user, "tools": [{}]}).to_string(),
            "application/json",
            "function",
        ),
        (
            json!({"messages": [{"role": "tool", "tool_call_id": "t1", "content": "{}"}]})
                .to_string(),
            "application/json",
            "t1",
        ),
        (
            json!({"messages": user}).to_string(),
            "text/plain",
            "content type",
        ),
    ] {
        let (status, text) = post_text(body, kind).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let error: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(error["error"]["code"], 400);
        assert_eq!(error["error"]["type"], "invalid_request_error");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
}

#[tokio::test]
async fn the_server_has_one_model_and_it_is_called_rehearsal() {
    let request = HttpRequest::get("/v1/models").body(Body::empty()).unwrap();
    let response = server().oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), 4096).await.unwrap();
    let models: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(models["data"].as_array().unwrap().len(), 1);
    assert_eq!(models["data"][0]["id"], "rehearsal");
}
