//! The run of this world: who says what, and the tools that are called.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response as HttpResponse;
use axum::response::Response;
use axum::routing::post;
use futures_util::stream;
use local::invoke::Functions;
use serde_json::{Value, json};

use super::{Cast, Fuse};
use crate::script::{Part, Script, Step, answer, call, calls, finish, sse, text, usage};

/// The question of every run of this world.
pub const QUERY: &str = "How many?";
/// Text that fills more than one stored chunk, of characters of every length.
const PIECE: &str = "Sieben 🦀 七 é. ";
const PIECES: usize = 4;
const REPEATS: usize = 500;

/// How the orchestrator is asked for its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// As the catalogue says.
    ByTools,
    BySchema,
}

/// The shipped catalogue with a tool that may not be called twice.
pub(crate) fn catalog(calls: Calls) -> Value {
    let mut catalog: Value =
        serde_json::from_str(include_str!("../../../tools_config.json")).unwrap();
    if calls == Calls::BySchema {
        catalog["orchestrator"]["calls"] = "schema".into();
    }
    let parameters = json!({"type": "object", "properties": {"to": {"type": "string"}}});
    let letter = json!({
        "type": "function",
        "function": {"name": "letter", "description": "Sends a letter.", "parameters": parameters},
        "target": {"lambda": "letter"}, "timeout_ms": 15000, "retry": "never", "max_result_bytes": 65536,
    });
    catalog["tools"].as_array_mut().unwrap().push(letter);
    catalog
}

/// The calls of the story: by whom the model was asked, and under which id.
pub(super) const CALLS: [(&str, &str); 6] = [
    ("decision 1", "r1.orchestrator"),
    ("decision 2", "r2.orchestrator"),
    ("decision 3", "r3.orchestrator"),
    ("Part one", "r1.2"),
    ("Part two", "r2.1"),
    ("answer", "r3.1"),
];

/// The text of the answer.
pub fn whole_answer() -> String {
    PIECE.repeat(PIECES * REPEATS)
}

fn reasoner(problem: &str) -> Part {
    call(
        "enhance_reasoning",
        json!({"model": "reasoner-2", "problem": problem}),
    )
}

fn search(query: &str) -> Part {
    call("search", json!({"query": query}))
}

/// Three rounds: text beside three parallel calls, one of which may not be repeated; two calls; the answer, in chunks.
fn line(who: &str) -> Script {
    let end = |reason| [finish(reason), usage(10, 5)];
    match who {
        "decision 1" => sse([
            text("Let me look."),
            search("seven"),
            reasoner("Part one"),
            call("letter", json!({"to": "Ann"})),
        ]
        .into_iter()
        .chain(end("tool_calls"))),
        "decision 2" => calls([reasoner("Part two"), search("eight")]),
        "decision 3" => calls([answer("answer-1")]),
        "answer" => {
            let pieces = (0..PIECES).map(|_| text(&PIECE.repeat(REPEATS)));
            sse(pieces.chain(end("stop")))
        }
        part => sse([text(part), text(" is done.")]
            .into_iter()
            .chain(end("stop"))),
    }
}

/// The same story in decisions by a schema, of one call each: the call that may not be repeated, one that may, the answer. In pieces that
/// end in the middle of the reason and of the arguments.
fn decision(who: &str) -> Script {
    let (name, arguments) = match who {
        "decision 1" => ("letter", json!({"to": "Ann"})),
        "decision 2" => (
            "enhance_reasoning",
            json!({"model": "reasoner-2", "problem": "Part two", "reasoning_focus": null}),
        ),
        _ => ("answer", json!({"model": "answer-1", "problem": null})),
    };
    let call = json!({"name": name, "arguments": arguments});
    let whole = json!({"reason": "Let me look, as 🦀 do.", "call": call}).to_string();
    let characters: Vec<char> = whole.chars().collect();
    let pieces = characters.chunks(characters.len().div_ceil(PIECES));
    let pieces = pieces.map(|piece| text(&String::from_iter(piece)));
    sse(pieces.chain([finish("stop"), usage(10, 5)]))
}

/// Who is asked: the orchestrator in a round, or an expert with its part.
fn addressee(request: &Value) -> &'static str {
    let messages = request["messages"].as_array().unwrap();
    if request.get("tools").is_some() || is_by_schema(request) {
        let decided = messages.iter().filter(|it| it["role"] == "assistant");
        return ["decision 1", "decision 2", "decision 3"][decided.count()];
    }
    let content = messages[1]["content"].as_str().unwrap();
    ["Part one", "Part two"]
        .into_iter()
        .find(|part| content.starts_with(&format!("Problem:\n{part}")))
        .unwrap_or("answer")
}

fn is_by_schema(request: &Value) -> bool {
    request.get("response_format").is_some()
}

/// The models' server.
pub(super) fn models(desk: (Fuse, Cast)) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .with_state(desk)
}

async fn chat(State((fuse, cast)): State<(Fuse, Cast)>, body: String) -> Response {
    let request = serde_json::from_str(&body).unwrap();
    let who = addressee(&request);
    cast.ask(who, body);
    fuse.pass(format!("{who}, asked")).await;
    let script = if is_by_schema(&request) {
        decision(who)
    } else {
        line(who)
    };
    let Script::Stream(steps) = script else {
        unreachable!("every line is a stream");
    };
    let steps = steps.into_iter().enumerate();
    let bytes = stream::unfold((steps, fuse, who), async |(mut steps, fuse, who)| {
        let (place, step) = steps.next()?;
        fuse.pass(format!("{who}, step {place}")).await;
        let Step::Bytes(bytes) = step else {
            unreachable!("a line holds nothing but bytes");
        };
        Some((Ok::<_, Infallible>(bytes), (steps, fuse, who)))
    });
    HttpResponse::builder()
        .header("content-type", "text/event-stream")
        .body(Body::from_stream(bytes))
        .unwrap()
}

/// The tools, before they are given to a router.
pub(super) fn functions(desk: &(Fuse, Cast)) -> Functions {
    ["search", "letter"]
        .into_iter()
        .fold(Functions::default(), |functions, name| {
            let (fuse, cast) = desk.clone();
            functions.with(name, move |request: Value| {
                let (fuse, cast) = (fuse.clone(), cast.clone());
                async move {
                    let key = request["idempotency_key"].as_str().unwrap().to_owned();
                    let call = request["call_id"].as_str().unwrap().to_owned();
                    fuse.pass(format!("{call}, before")).await;
                    cast.invoke(name, key);
                    fuse.pass(format!("{call}, after")).await;
                    let results = json!([{"title": "Seven", "snippet": "There are seven.", "url": "https://example.org/7"}]);
                    let found = json!({"query": "seven", "num_results": 1, "results": results, "provider": "test"});
                    let result = if name == "search" { found } else { json!({"sent": true}) };
                    Ok(json!({"ok": true, "result": result}))
                }
            })
        })
}
