//! Events as the contract has them, in the form in which [`crate::story`] tells a run.
//!
//! Every call of a model takes 10 tokens in and 5 out, as [`crate::script::says`] and [`crate::script::calls`] have it.

use serde_json::{Value, json};

use crate::laws::NOT_CALLED;

pub fn start(query: &str, max_rounds: u32) -> Value {
    json!({"event": "start", "run_id": "RUN", "query": query, "max_rounds": max_rounds, "created_at": "TIME"})
}

pub fn round_start(round: u32) -> Value {
    json!({"event": "round_start", "round": round})
}

/// The decision of a reply that took 10 tokens in and 5 out.
pub fn decided(round: u32, finish_reason: &str) -> Value {
    json!({
        "event": "round_decided", "round": round, "model": "qwen", "finish_reason": finish_reason,
        "usage": {"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "estimated": false}, "cost_usd": 0.000_003, "duration_ms": 0,
    })
}

pub fn delta(call_id: &str, content: &str) -> Value {
    json!({"event": "delta", "call_id": call_id, "attempt": 1, "offset": 0, "content": content})
}

pub fn thinking(round: u32, content: &str) -> Value {
    json!({"event": "orchestrator_thinking", "round": round, "content": content})
}

pub fn tool_call(
    round: u32,
    call_id: &str,
    tool: &str,
    arguments: Value,
    model: Option<&str>,
) -> Value {
    let mut event = json!({
        "event": "tool_call", "round": round, "call_id": call_id, "tool": tool, "arguments": arguments,
    });
    if let Some(model) = model {
        event["model"] = json!(model);
    }
    event
}

/// The result of a tool that counts no tokens.
pub fn tool_result(round: u32, call_id: &str, tool: &str, ok: bool, result: Value) -> Value {
    let code = result["error"]["code"].as_str();
    let called = code.is_none_or(|code| !NOT_CALLED.contains(&code));
    json!({
        "event": "tool_result", "round": round, "call_id": call_id, "tool": tool, "called": called, "ok": ok, "result": result,
        "duration_ms": 0, "usage": null, "cost_usd": null,
    })
}

pub fn failed(round: u32, call_id: &str, tool: &str, code: &str, message: &str) -> Value {
    let error = json!({"code": code, "message": message, "retryable": false});
    tool_result(round, call_id, tool, false, json!({"error": error}))
}

/// The result of a model of the catalogue that took 10 tokens in and 5 out.
pub fn written(round: u32, call_id: &str, tool: &str, model: &str, content: &str) -> Value {
    let (name, cost_usd) = match model {
        "qwen" => ("Qwen 2.5-7B", 0.000_003),
        "phi" => ("Phi-4-mini", 0.000_001_5),
        other => panic!("{other} has no part in these tests"),
    };
    json!({
        "event": "tool_result", "round": round, "call_id": call_id, "tool": tool, "called": true, "ok": true,
        "result": {
            "content": content, "model_name": name, "model_id": model, "tokens_used": 15, "finish_reason": "stop",
        },
        "duration_ms": 0, "usage": {"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "estimated": false}, "cost_usd": cost_usd,
    })
}

pub fn final_answer(call_id: &str, content: &str, model: &str, sources: Value) -> Value {
    json!({
        "event": "final_answer", "call_id": call_id, "content": content, "model": model, "sources": sources,
    })
}

/// What `calls` calls of 10 tokens in and 5 out come to, at a price in dollars for each.
pub fn tally(calls: u32, cost_usd: f64) -> Value {
    json!({
        "calls": calls, "usage": {"input_tokens": 10 * calls, "output_tokens": 5 * calls, "cached_input_tokens": 0, "estimated": false}, "cost_usd": cost_usd,
        "duration_ms": 0,
    })
}

/// Of calls of a tool that counts no tokens.
pub fn untold(calls: u32) -> Value {
    json!({
        "calls": calls, "usage": {"input_tokens": 0, "output_tokens": 0, "cached_input_tokens": 0, "estimated": false}, "cost_usd": 0.0, "duration_ms": 0,
    })
}

/// The end of a run in which `paid` calls took 10 tokens in and 5 out each.
pub fn complete(
    end: (&str, Option<&str>),
    rounds: u32,
    paid: u32,
    cost_usd: f64,
    by: [Value; 2],
    tools: &[&str],
) -> Value {
    let (status, final_answer) = end;
    let [by_model, by_tool] = by;
    json!({"event": "complete", "summary": {
        "status": status, "total_rounds": rounds, "tools_used": tools, "final_answer": final_answer,
        "duration_ms": 0, "usage": {"input_tokens": 10 * paid, "output_tokens": 5 * paid, "cached_input_tokens": 0, "estimated": false}, "cost_usd": cost_usd,
        "by_model": by_model, "by_tool": by_tool, "resumed": 0,
    }})
}
