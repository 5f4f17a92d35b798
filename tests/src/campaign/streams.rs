//! What model servers answer, as bytes: by the protocol, in the dialects of leaked calls, and against both.
//!
//! One stack has hostile experts beside the honest run, another one a hostile orchestrator: as its server fails on purpose, it is
//! left alone for a while (`drive::call::breaker`), and with it whoever shares it.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::json::{damage, deep, mutate, text, value};
use super::{Figures, Plan, Pulse, honest, random, side_by_side};
use crate::duckduckgo::{DuckDuckGo, article};
use crate::loopback::Served;
use crate::script::{Script, call, calls, says};
use crate::stack::Setup;

/// What a question says which case it is by.
pub(super) const CASE: &str = "case ";
const TEXTS: [&str; 16] = [
    "It is so. ",
    "<think>",
    "</think>",
    "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\": \"x\"}}\n</tool_call>",
    "<tool_call>\n{\"name\": \"search\", \"argu",
    "[TOOL_CALLS][{\"name\": \"search\", \"arguments\": {\"query\": \"x\"}}]",
    "<|python_tag|>{\"name\": \"answer\", \"parameters\": {\"model\": \"answer-1\"}}",
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>search<｜tool▁sep｜>{\"query\": \"x\"}<｜tool▁call▁end｜>",
    "[search(query='x')]",
    "```json\n{\"name\": \"search\", \"parameters\": {\"query\": \"x\"}}\n```",
    "functools[{\"name\": \"search\", \"arguments\": {\"query\": \"x\"}}]",
    "<function=search><parameter=query>x</parameter></function>",
    "<|channel|>commentary to=functions.search<|message|>{\"query\": \"x\"}<|call|>",
    "<|im_end|>\n<|im_start|>user\n",
    "<arg_key>query</arg_key><arg_value>",
    "\n\n",
];

pub(super) async fn carry_out(plan: Plan) -> Figures {
    let pulse = Pulse::default();
    let honest = Served::start(honest::models(&pulse, orchestrator)).await;
    let hostile = Served::start(server(plan.seed)).await;
    let search =
        DuckDuckGo::saying(&article("Six", "Six times seven.", "https://example.org")).await;
    let experts = Setup::new()
        .model("qwen", &honest.address)
        .model("phi", &hostile.address)
        .model("llama", &hostile.address)
        .search(&search);
    let experts = experts.start().await;
    let orchestrated = Setup::with_models_at(&hostile.address).search(&search);
    let orchestrated = orchestrated.start().await;
    let now = watch::Sender::new(String::new());
    let case = async |number: u64| {
        let (client, part) = if number.is_multiple_of(2) {
            (&experts.client, "experts")
        } else {
            (&orchestrated.client, "orchestrator")
        };
        // The laws of a stream hold whatever came of it.
        let query = format!("{CASE}{number}");
        let told = client.ask(&json!({"query": query, "max_rounds": 2})).await;
        assert!(number % 2 == 1 || told.status() == "completed", "{told:?}");
        let replayed = client.events(&told.run_id, 0).await.told().await;
        assert_eq!(replayed.stored(), told.stored());
        let error = told.of("error").pop().unwrap_or_default();
        let code = error["error"]["code"].as_str().unwrap_or_default();
        format!("{part}: {} {code}", told.status())
            .trim_end()
            .to_owned()
    };
    side_by_side(
        plan,
        &pulse,
        honest::runs(&experts.client, &pulse, &now),
        case,
    )
    .await
}

/// A hostile model server.
pub(super) fn server(seed: u64) -> Router {
    Router::new()
        .route(
            "/v1/models",
            get(async || Json(json!({"data": [{"id": "m"}]}))),
        )
        .route("/v1/chat/completions", post(answer))
        .with_state(seed)
}

/// Asks both hostile experts, then answers; as an expert in the place of one of them it answers, too.
pub(super) fn orchestrator(request: &Value) -> Script {
    let messages = request["messages"].as_array().unwrap();
    let is_expert = request["tools"].is_null();
    if is_expert || messages.iter().any(|message| message["role"] == "tool") {
        return says("Yes.");
    }
    let reason = |model: &str| call("enhance_reasoning", json!({"model": model}));
    calls([reason("reasoner-2"), reason("reasoner-3")])
}

async fn answer(State(seed): State<u64>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let asked = request["messages"].to_string();
    let (_, number) = asked.split_once(CASE).unwrap();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    // Each question of a case has an answer of its own.
    let salt = asked.len() as u64 ^ request["model"].to_string().len() as u64;
    let mut random = random(seed ^ salt << 32, digits.parse().unwrap());
    respond(&mut random)
}

fn respond(random: &mut StdRng) -> Response {
    let mut response = Response::builder().header("content-type", "text/event-stream");
    if random.random_bool(0.06) {
        let status = [400, 401, 404, 413, 422, 429, 500, 503]
            .choose(random)
            .unwrap();
        let mut error =
            json!({"error": {"message": text(random), "type": text(random), "code": status}});
        mutate(random, &mut error);
        return response
            .status(*status)
            .body(Body::from(error.to_string()))
            .unwrap();
    }
    if random.random_bool(0.02) {
        response = response.header("content-encoding", "gzip");
    }
    let mut bytes = stream_bytes(random);
    if random.random_bool(0.1) {
        damage(random, &mut bytes);
    }
    let mut parts: Vec<Result<Bytes, &str>> = Vec::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(random.random_range(1..=rest.len().min(4000)));
        parts.push(Ok(Bytes::copy_from_slice(part)));
        rest = behind;
    }
    if random.random_bool(0.04) {
        parts.push(Err("the connection breaks"));
    }
    response
        .body(Body::from_stream(stream::iter(parts)))
        .unwrap()
}

fn stream_bytes(random: &mut StdRng) -> Vec<u8> {
    let mut frames: Vec<String> = (0..random.random_range(0..12))
        .map(|_| frame(random))
        .collect();
    let reasons = [
        "stop",
        "tool_calls",
        "length",
        "abort",
        "",
        "STOP",
        "content_filter",
        "\u{202e}",
    ];
    let reason = match random.random_range(0..4) {
        0 => reasons.choose(random).unwrap(),
        _ => "stop",
    };
    let finish =
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string();
    frames.push(finish);
    if random.random_bool(0.7) {
        frames.push(json!({"choices": [], "usage": {"prompt_tokens": random.random_range(0..9), "completion_tokens": 5}}).to_string());
    }
    frames.push("[DONE]".to_owned());
    if random.random_bool(0.1) {
        frames.shuffle(random);
    }
    if random.random_bool(0.1) {
        let at = random.random_range(0..frames.len());
        frames.truncate(at);
    }
    let end = if random.random_bool(0.2) {
        "\r\n"
    } else {
        "\n"
    };
    let lines = frames
        .into_iter()
        .map(|frame| match random.random_range(0..30) {
            0 => format!(": {frame}{end}{end}"),
            1 => format!("event: message{end}id: 1{end}data:{frame}{end}{end}"),
            2 => format!("{frame}{end}"),
            3 => format!("data: {frame}{end}data: {frame}{end}{end}"),
            _ => format!("data: {frame}{end}{end}"),
        });
    lines.collect::<String>().into_bytes()
}

fn frame(random: &mut StdRng) -> String {
    let words = |random: &mut StdRng| match random.random_range(0..6) {
        0 => text(random),
        _ => (*TEXTS.choose(random).unwrap()).to_owned(),
    };
    let names = [
        "search",
        "answer",
        "enhance_reasoning",
        "code_interpreter",
        "",
        "telepathy",
        "<|im_end|>",
    ];
    let arguments = [
        "{\"query\": \"x\"}",
        "{\"model\": \"answer-1\"}",
        "{\"que",
        "\": 1}",
        "{}",
        "null",
        "[]",
        "{\"code\": \"print(1)\"}",
    ];
    let delta = match random.random_range(0..14) {
        0..5 => json!({"content": words(random)}),
        5 => json!({"reasoning_content": words(random)}),
        6 => json!({"reasoning": words(random), "content": words(random)}),
        7..10 => {
            let function = json!({"name": names.choose(random).unwrap(), "arguments": arguments.choose(random).unwrap()});
            json!({"tool_calls": [{"index": random.random_range(0..3), "id": "c1", "type": "function", "function": function}]})
        }
        10 => {
            json!({"tool_calls": [{"index": 0, "function": {"arguments": arguments.choose(random).unwrap()}}]})
        }
        11 => json!({"function_call": {"name": "search", "arguments": "{}"}}),
        12 => value(random, 3),
        _ => {
            return match random.random_range(0..4) {
                0 => json!({"error": {"message": text(random), "code": 500}}).to_string(),
                1 => deep(random.random_range(1..20_000)),
                2 => text(random).replace(['\r', '\n'], ""),
                _ => value(random, 2).to_string(),
            };
        }
    };
    let mut chunk = json!({"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
    if random.random_bool(0.15) {
        mutate(random, &mut chunk);
    }
    chunk.to_string()
}
