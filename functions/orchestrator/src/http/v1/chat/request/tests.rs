use run::ToolFilter;
use serde_json::json;

use super::*;

fn parsed(more: &Value) -> Result<ChatRequest, ApiError> {
    let mut body =
        json!({"model": "orchestrator", "messages": [{"role": "user", "content": "Why?"}]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let Value::Object(body) = body else {
        unreachable!()
    };
    parse(body, &HeaderMap::new())
}

fn run_of(more: &Value) -> Request {
    match parsed(more).unwrap().asked {
        Asked::Run { request, .. } => *request,
        Asked::Task(_) => panic!("{more} is a task"),
    }
}

#[test]
fn what_is_left_out_is_as_clients_expect() {
    let request = run_of(&json!({}));
    assert_eq!((request.max_tokens, request.max_rounds), (4096, 5));
    assert_eq!(request.preferences.priority, Priority::Balanced);
    assert_eq!(request.preferences.tools, ToolFilter::All);
    let form = parsed(&json!({})).unwrap().form;
    assert!(!form.is_streamed && !form.includes_usage);
}

#[test]
fn fields_are_taken_by_all_of_their_names() {
    for (more, tokens) in [
        (json!({"max_tokens": 7}), 7),
        (json!({"max_completion_tokens": 8}), 8),
        (json!({"max_tokens": 7, "max_completion_tokens": 8}), 8),
        (json!({"max_tokens": 1_000_000}), 32_768),
        (json!({"max_tokens": u64::MAX}), 32_768),
        (json!({"max_tokens": 100.0, "n": 1.0}), 100),
        (json!({"max_tokens": -1}), 4096),
    ] {
        assert_eq!(run_of(&more).max_tokens, tokens, "{more}");
    }
    for (model, priority) in [
        ("orchestrator-quality", Priority::Quality),
        ("orchestrator-cost", Priority::Cost),
        ("orchestrator-latency", Priority::Latency),
    ] {
        let request = run_of(&json!({"model": model}));
        assert_eq!(request.preferences.priority, priority);
    }
    let request = run_of(&json!({"max_rounds": 2, "max_cost_usd": 0.5, "temperature": 0}));
    assert_eq!(request.max_rounds, 2);
    assert_eq!(request.preferences.max_cost.map(run::Cost::usd), Some(0.5));
    assert!(request.temperature.abs() < f64::EPSILON);
}

/// As clients send them that set every field, and those that chat pages add.
#[test]
fn fields_that_change_nothing_are_passed_over() {
    let more = json!({
        "n": 1, "logprobs": false, "top_logprobs": null, "logit_bias": {}, "stop": null, "seed": 7, "store": true, "user": "u",
        "presence_penalty": 0.5, "frequency_penalty": 0.5, "top_p": 0.9, "service_tier": "auto", "reasoning_effort": "high",
        "response_format": {"type": "text"}, "modalities": ["text"], "parallel_tool_calls": true, "metadata": {"a": "b"},
        "tools": [{"type": "function", "function": {"name": "clock", "parameters": {}}}], "tool_choice": "auto",
        "functions": [], "function_call": "none", "stream_options": {"include_usage": true, "include_obfuscation": false},
        "chat_id": "c", "session_id": null, "anything": {"else": []},
    });
    assert!(parsed(&more).unwrap().form.includes_usage);
    for free in [
        json!("none"),
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}),
    ] {
        run_of(&json!({"tool_choice": free}));
    }
    run_of(&json!({"stop": []}));
}

#[test]
fn what_cannot_be_honoured_is_refused_by_its_name() {
    let named = json!({"type": "function", "function": {"name": "clock"}});
    for (name, value) in [
        ("n", json!(2)),
        ("n", json!("1")),
        ("logprobs", json!(true)),
        ("top_logprobs", json!(3)),
        ("logit_bias", json!({"50256": -100})),
        ("stop", json!("\n")),
        ("stop", json!(["a"])),
        ("audio", json!({"voice": "alloy", "format": "wav"})),
        ("modalities", json!(["text", "audio"])),
        ("tool_choice", json!("required")),
        ("tool_choice", named),
        (
            "tool_choice",
            json!({"type": "allowed_tools", "allowed_tools": {"mode": "required"}}),
        ),
        ("function_call", json!({"name": "clock"})),
        ("stream", json!("yes")),
        ("stream_options", json!(true)),
        ("max_tokens", json!(0)),
        ("max_tokens", json!("many")),
        ("max_completion_tokens", json!(-2)),
        ("max_tokens", json!(1.5)),
        ("temperature", json!(3)),
        ("max_rounds", json!(51)),
        ("max_cost_usd", json!(0)),
        ("model", json!("gpt-4o")),
        ("model", json!(7)),
        ("messages", json!("Why?")),
    ] {
        let refused = parsed(&json!({name: value})).err();
        let refused = refused.unwrap_or_else(|| panic!("{name}: {value} is taken"));
        assert_eq!(refused.field(), Some(name), "{}", refused.message());
    }
}
