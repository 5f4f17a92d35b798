//! What tool functions answer, as bytes of the Invoke API: by the contract, and against it.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use futures_util::stream;
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::json::{TEXTS, damage, deep, fields, mutate, text, value};
use super::{Figures, Plan, Pulse, honest, random, side_by_side};
use crate::client::{Client, send};
use crate::loopback::Served;
use crate::script::{Script, call, calls, says};
use crate::stack::Setup;

/// What a question says which case it is by.
const CASE: &str = "case ";
const TOOLS: [&str; 2] = ["search", "code_interpreter"];

pub(super) async fn carry_out(plan: Plan) -> Figures {
    let pulse = Pulse::default();
    let models = Served::start(honest::models(&pulse, orchestrator)).await;
    let stack = Setup::with_models_at(&models.address).functions(server(plan.seed));
    let stack = stack.start_counted().await;
    let now = watch::Sender::new(String::new());
    let case = async |number: u64| try_case(&stack.client, number).await;
    side_by_side(
        plan,
        &pulse,
        honest::runs(&stack.client, &pulse, &now),
        case,
    )
    .await
}

/// Hostile tools, behind an Invoke API.
pub(super) fn server(seed: u64) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(answer))
        .with_state(seed)
}

/// Calls every tool, then answers. Refuses a prompt in which a tool has put a control token of a chat template.
pub(super) fn orchestrator(request: &Value) -> Script {
    let messages = request["messages"].as_array().unwrap();
    let results = messages.iter().filter(|message| message["role"] == "tool");
    let contents: Vec<_> = results.map(|it| it["content"].as_str().unwrap()).collect();
    if contents.is_empty() {
        let question = messages.last().unwrap()["content"].as_str().unwrap();
        return calls([
            call("search", json!({"query": question})),
            call("code_interpreter", json!({"code": question})),
        ]);
    }
    let lines = contents.iter().flat_map(|content| content.lines());
    let forged = lines.filter(|line| line.starts_with("[service]")).count();
    let is_plain = !contents
        .iter()
        .any(|it| it.contains('<') || it.contains("[INST]"));
    says(if is_plain && forged == 0 {
        "Yes."
    } else {
        "A tool wrote into the prompt."
    })
}

async fn try_case(client: &Client, number: u64) -> String {
    let told = client.question(&format!("{CASE}{number}")).await;
    assert_eq!((told.status(), told.answer()), ("completed", "Yes."));
    let results = told.of("tool_result");
    assert_eq!(results.len(), TOOLS.len());
    for result in &results {
        for file in result["result"]["artifacts"]
            .as_array()
            .into_iter()
            .flatten()
        {
            try_file(client, file).await;
        }
    }
    let path = format!("/api/runs/{}", told.run_id);
    let snapshot = client.json(&path).await;
    assert_eq!(
        snapshot["rounds"][0]["calls"][0]["result"],
        of(&results, "r1.1")["result"]
    );
    let deleted = send(client.request(Method::DELETE, &path)).await;
    assert_eq!(deleted.status(), 204);
    let code = |result: &Value| {
        let code = result["result"]["error"]["code"].as_str();
        let known = [
            "bad_response",
            "function_error",
            "tool_busy",
            "tool_not_deployed",
            "tool_unreachable",
            "result_too_large",
            "outcome_unknown",
        ];
        match code {
            _ if result["ok"] == true => "ok",
            Some(code) if known.contains(&code) => {
                known.into_iter().find(|it| *it == code).unwrap_or_default()
            }
            _ => "the tool's own failure",
        }
    };
    format!("search: {}", code(of(&results, "r1.1")))
}

fn of<'a>(results: &'a [Value], call: &str) -> &'a Value {
    results.iter().find(|it| it["call_id"] == call).unwrap()
}

/// A file that is listed is named plainly, and served to run nothing.
async fn try_file(client: &Client, file: &Value) {
    // What the tool itself has put under this name may be anything.
    let (Some(name), Some(url)) = (file["name"].as_str(), file["url"].as_str()) else {
        return;
    };
    if !url.starts_with("/api/runs/") {
        return;
    }
    assert!(tool::is_plain_name(name), "{file}");
    let served = client.get(url).await;
    if served.status() == 200 {
        assert_eq!(served.headers()["x-content-type-options"], "nosniff");
        assert!(
            served.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("sandbox")
        );
    }
}

async fn answer(State(seed): State<u64>, Path(name): Path<String>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let arguments = request["arguments"].to_string();
    if arguments.contains(honest::ARGUMENT) {
        let result = json!({"stdout": "42\n", "success": true, "results": []});
        return Response::new(Body::from(
            json!({"ok": true, "result": result}).to_string(),
        ));
    }
    let (_, number) = arguments.split_once(CASE).unwrap();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    let case: u64 = digits.parse().unwrap();
    // Not the choices of the other tool.
    respond(&mut random(seed ^ name.len() as u64, case))
}

fn respond(random: &mut impl Rng) -> Response {
    let mut response = Response::builder();
    let mut bytes = payload(random);
    match random.random_range(0..40) {
        0..4 => {
            let kind = ["Unhandled", "Handled", "", "x"].choose(random).unwrap();
            response = response.header("x-amz-function-error", *kind);
            bytes = json!({"errorMessage": value(random, 1), "errorType": text(random)})
                .to_string()
                .into_bytes();
        }
        4 => {
            let status = [400, 403, 404, 413, 429, 500, 502].choose(random).unwrap();
            response = response.status(*status);
        }
        5 => response = response.header("content-encoding", "gzip"),
        6 => {
            // It breaks off.
            let half = bytes.split_off(bytes.len() / 2);
            let parts = [Ok(Bytes::from(half)), Err("the connection breaks")];
            return response
                .body(Body::from_stream(stream::iter(parts)))
                .unwrap();
        }
        _ => {}
    }
    response.body(Body::from(bytes)).unwrap()
}

fn payload(random: &mut impl Rng) -> Vec<u8> {
    let mut contract = json!({"ok": true, "result": fields(random, 4), "artifacts": []});
    match random.random_range(0..20) {
        0..8 => {
            contract["artifacts"] = (0..random.random_range(0..4))
                .map(|_| file(random))
                .collect();
        }
        8..10 => {
            contract = json!({"ok": false, "error": {"code": text(random), "message": text(random), "retryable": false}});
        }
        10..13 => mutate(random, &mut contract),
        13 => contract = value(random, 4),
        14 => return deep(random.random_range(1..50_000)).into_bytes(),
        15 => {
            let result = deep(random.random_range(100..140));
            return format!("{{\"ok\":true,\"result\":{{\"a\":{result}}}}}").into_bytes();
        }
        16 => contract["result"] = json!({"text": "<".repeat(random.random_range(0..100_000))}),
        17 => {
            contract["artifacts"] = (0..random.random_range(30..200))
                .map(|_| file(random))
                .collect();
        }
        18 => return vec![random.random(); random.random_range(0..1000)],
        _ => contract["result"] = json!({ TEXTS.concat(): TEXTS[..] }),
    }
    let mut bytes = contract.to_string().into_bytes();
    if random.random_bool(0.1) {
        damage(random, &mut bytes);
    }
    bytes
}

fn file(random: &mut impl Rng) -> Value {
    let name = if random.random_bool(0.3) {
        "a.png".to_owned()
    } else {
        text(random)
    };
    let types = [
        "image/png",
        "text/html",
        "image/svg+xml",
        "",
        "a/b; c=d",
        "text/plain\r\nx-evil: 1",
        "\u{202e}",
    ];
    let media_type = match random.random_range(0..6) {
        0 => text(random),
        _ => (*types.choose(random).unwrap()).to_owned(),
    };
    let broken = ["=", "A", "!!!", "AAE"];
    let data = match random.random_range(0..20) {
        0 => *broken.choose(random).unwrap(),
        _ => *["", "AAE=", "PHNjcmlwdD4="].choose(random).unwrap(),
    };
    let mut file = json!({"name": name, "media_type": media_type, "data": data});
    if random.random_bool(0.03) {
        mutate(random, &mut file);
    }
    file
}
