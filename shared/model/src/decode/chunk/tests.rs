//! What frames come to.

use super::*;

fn frames(kind: Kind, data: &str) -> Vec<String> {
    let mut told = Vec::new();
    let read = read::<()>(kind, data.as_bytes(), |frame| {
        told.push(match frame {
            Frame::Chunk(_) => "chunk".to_owned(),
            Frame::Error(error) => format!("error: {}", error.message),
            Frame::Done => "done".to_owned(),
        });
        Ok(())
    });
    assert_eq!(read == Ok(0), told.is_empty(), "{data}");
    told
}

#[test]
fn an_error_is_seen_in_every_form_before_anything_else() {
    let errors = [
        (r#"{"error": "model crashed"}"#, "model crashed"),
        (
            r#"{"error": {"message": "no memory", "code": 500}, "choices": []}"#,
            "no memory",
        ),
        (r#"{"error": {"message": "odd"}, "choices": 7}"#, "odd"),
        (
            r#"{"object": "error", "message": "bad template", "code": 400}"#,
            "bad template",
        ),
        (r#"{"error": {"type": "odd"}}"#, r#"{"type":"odd"}"#),
        (r#"{"detail": "Model not loaded"}"#, "Model not loaded"),
        (
            r#"{"detail": [{"loc": ["body"], "msg": "field required"}]}"#,
            r#"[{"loc":["body"],"msg":"field required"}]"#,
        ),
        (
            r#"{"message": "Too many tokens", "code": 400}"#,
            "Too many tokens",
        ),
        (
            r#"{"message": "gone", "type": "invalid_request_error"}"#,
            "gone",
        ),
        (
            r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
            "Overloaded",
        ),
        (r#"{"type": "error", "message": "odd"}"#, "odd"),
        (
            r#"{"success": false, "errors": [{"code": 7000, "message": "No route"}]}"#,
            "No route",
        ),
        (
            r#"{"modelStreamErrorException": {"message": "Unexpected end"}}"#,
            "Unexpected end",
        ),
        (r#"[{"error": {"code": 429, "message": "slow"}}]"#, "slow"),
        (r#"{"error": {"message": "NaN", "eta": NaN}}"#, "NaN"),
        (
            r#"{"object": "error", "message": {"detail": [{"msg": "too long"}]}}"#,
            r#"[{"msg":"too long"}]"#,
        ),
        (
            r#"{"choices": null, "error_type": "BadRequestError", "error_message": "too long"}"#,
            "too long",
        ),
        (
            r#"{"choices": null, "base_resp": {"status_code": 1008, "status_msg": "no money"}}"#,
            "no money",
        ),
        (
            r#"{"error": {"message": "Provider returned error", "metadata": {"raw": "{\"error\": \"no such tool\"}"}}}"#,
            "no such tool",
        ),
        (
            r#"{"error": {"message": "Provider returned error", "metadata": {"raw": "gone"}}}"#,
            "gone",
        ),
    ];
    for (data, words) in errors {
        assert_eq!(
            frames(Kind::Data, data),
            [format!("error: {words}")],
            "{data}"
        );
    }
    for data in [
        r#"{"message": "gone"}"#,
        r#"{"error": "gone"}"#,
        "gone",
        r#""gone""#,
    ] {
        assert_eq!(frames(Kind::Error, data), ["error: gone"], "{data}");
    }
}

#[test]
fn unknown_shapes_are_no_chunks() {
    for data in [
        "",
        "nonsense",
        "[1]",
        "{\"choices\": [",
        "{\"choices\": [] x}",
        "{1: 2}}",
    ] {
        assert_eq!(frames(Kind::Data, data), [] as [&str; 0], "{data}");
    }
}

#[test]
fn what_servers_leave_out_or_fill_with_nothing_is_no_fault() {
    for data in [
        "{}",
        r#"{"error": null, "choices": null, "usage": null}"#,
        r#"{"error": false, "choices": []}"#,
        r#"{"error": "", "choices": {}, "usage": ""}"#,
        r#"{"error": {}, "choices": "", "usage": []}"#,
        r#"{"error": [], "choices": [], "usage": {}}"#,
        r#"{"error": {"code": null, "message": ""}, "choices": [{}]}"#,
        r#"{"choices": [{}]}"#,
        r#"{"choices": [null, "", [], 7]}"#,
        r#"{"choices": 7}"#,
        r#"{"choices": [{"delta": null, "finish_reason": null}]}"#,
        r#"{"choices": [{"delta": "", "message": [], "finish_reason": {}}]}"#,
        r#"{"choices": [{"delta": {"content": 1, "tool_calls": null}, "index": "0"}]}"#,
        r#"{"choices": [{"delta": {"content": {}, "tool_calls": {}, "function_call": ""}}]}"#,
        r#"{"choices": [{"delta": {"content": [], "tool_calls": "", "function_call": []}}]}"#,
        r#"{"choices": [{"delta": {"tool_calls": [null, "", {"function": ""}]}}]}"#,
        r#"{"choices": [{"delta": {"tool_calls": [{"index": -1, "id": 7, "function": null}]}}]}"#,
        r#"{"choices": [{"delta": {"tool_calls": [{"index": {}, "id": [], "function": {"name": {}, "arguments": []}}]}}]}"#,
        r#"{"choices": [{"delta": {}}], "usage": {"prompt_tokens": 1.0, "completion_tokens": {}}}"#,
        r#"{"type": "ping"}"#,
        r#"{"base_resp": {"status_code": 0, "status_msg": ""}}"#,
        r#"{"type": "status", "message": "queued"}"#,
        r#"{"message": "warming up"}"#,
    ] {
        assert_eq!(frames(Kind::Data, data), ["chunk"], "{data}");
    }
}

#[test]
fn json_is_read_as_it_comes() {
    for data in [
        r#"{"choices": [], "choices": [{"delta": {}}]}"#,
        r#"{"choices": [{"delta": {"content": "a"}}], "created": NaN, "eta": -Infinity}"#,
        r#"{"choices": [{"delta": {"content": "\ud83d"}}]}"#,
        "{\"choices\": [{\"delta\": {\"content\": \"a\u{1}\tb\"}}]}",
        "{'choices': [{'delta': {'content': None}}]}",
        r#"{"choices": [{"delta": {}}], "created": 1e999}"#,
    ] {
        assert_eq!(frames(Kind::Data, data), ["chunk"], "{data}");
    }
    let two = r#"{"choices": []} {"choices": [{"delta": {"content": NaN}}]}"#;
    assert_eq!(
        frames(Kind::Bare, r#"{"choices": []}{"usage": {}}"#),
        ["chunk"; 2]
    );
    assert_eq!(frames(Kind::Data, two), [] as [&str; 0]);
    let glued = r#"{"choices": []}data: [DONE]"#;
    assert_eq!(frames(Kind::Bare, glued), ["chunk", "done"]);
    assert_eq!(frames(Kind::Data, " [DONE] "), ["done"]);
    assert_eq!(frames(Kind::Data, "\"[DONE]\""), ["done"]);
}
