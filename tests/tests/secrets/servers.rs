//! Servers of models, tools, searches and secrets that repeat what they are sent, in every place that something is read of.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tests::loopback::Served;
use tests::model_server::perform;
use tests::script::{Script, call, calls, says};

use crate::planted::{base64, value};

/// What stands in a question before the ways in which servers are to answer.
pub const WAY: &str = "way:";

/// How a server repeats what it was sent.
pub const FORMS: [usize; 6] = [0, 2, 1, 3, 4, 5];
/// Where a server repeats it.
pub const PLACES: [&str; 9] = [
    "result", "failure", "refusal", "words", "detail", "page", "redirect", "rubbish", "cut",
];

/// A request as a server got it.
pub struct Received {
    /// The first part of the path: which server.
    pub server: String,
    pub text: String,
}

#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<Received>>>);

/// All of them behind one port.
pub struct Servers {
    served: Served,
    desk: Desk,
}

impl Servers {
    pub async fn start() -> Self {
        let desk = Desk::default();
        let router = Router::new().fallback(answer).with_state(desk.clone());
        Self {
            served: Served::start(router).await,
            desk,
        }
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        self.served.address.trim_start_matches("http://")
    }

    pub fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.desk.0.lock().unwrap())
    }
}

async fn answer(
    State(desk): State<Desk>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let head = head(&method, &uri, &headers);
    let mut path = uri.path().trim_start_matches('/').splitn(2, '/');
    let (server, rest) = (
        path.next().unwrap().to_owned(),
        path.next().unwrap_or_default(),
    );
    // Asked for a way to another server, as proxies are.
    let server = if method == Method::CONNECT {
        "proxy".to_owned()
    } else {
        server
    };
    let body = String::from_utf8_lossy(&body).into_owned();
    let text = format!("{head}\n{body}");
    desk.0.lock().unwrap().push(Received {
        server: server.clone(),
        text,
    });
    let request: Value = serde_json::from_str(&body).unwrap_or_default();
    match (&*server, rest) {
        ("proxy", _) => respond(407, "text/plain", head),
        ("aws", _) => secret(&headers, &request),
        ("qwen" | "phi" | "llama", "v1/chat/completions") => chat(&server, &head, &request).await,
        ("qwen" | "phi" | "llama", _) => json_of(200, &json!({"data": [{"id": "m"}]})),
        ("tool", _) => tool(&head, &request["arguments"]).await,
        ("mcp", _) => mcp(&head, &request),
        // Every search fails, each in another way.
        ("tavily", _) => json_of(401, &json!({"detail": {"error": head}})),
        ("searxng", _) => respond(500, "text/html", format!("<html>{head}</html>")),
        ("brave", _) => json_of(422, &json!({"error": {"detail": head, "code": head}})),
        ("serper", _) => respond(
            200,
            "application/json",
            format!("{{\"organic\": \"{head}\""),
        ),
        (other, path) => panic!("{other} is asked for {path}"),
    }
}

/// The request without its body.
fn head(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let lines = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("{name}: {value}")
    });
    let lines: Vec<_> = lines.collect();
    format!("{method} {uri} | {}", lines.join(" | "))
}

/// What secrets hold.
fn secret(headers: &HeaderMap, request: &Value) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    if target.starts_with("secretsmanager") {
        assert_eq!(request["SecretId"], "models");
        let held = json!({"QWEN": value("key of qwen in Secrets Manager")});
        return json_of(200, &json!({"SecretString": held.to_string()}));
    }
    assert_eq!(request["Name"], "/phi");
    json_of(
        200,
        &json!({"Parameter": {"Value": value("key of phi in SSM")}}),
    )
}

/// The ways that a request names, as `way:place.form`.
fn way(text: &str) -> (String, usize) {
    let named = text.rsplit_once(WAY).map_or("", |(_, rest)| rest);
    let named: String = named
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '.')
        .collect();
    let (place, form) = named.split_once('.').unwrap_or((&named, "0"));
    (place.to_owned(), form.parse().unwrap_or(0))
}

/// What a server repeats.
fn repeated(head: &str, form: usize) -> String {
    let digits = |sign: &str| {
        head.bytes()
            .map(|byte| format!("{sign}{byte:02x}"))
            .collect()
    };
    match form {
        0 => head.to_owned(),
        1 => digits("%"),
        2 => base64(head.as_bytes()),
        3 => base64(head.as_bytes()).replace('+', "-").replace('/', "_"),
        4 => digits(""),
        _ => head.replace('/', "\\/"),
    }
}

/// A refusal of the kinds that there are.
fn refuses(place: &str, told: &str) -> Response {
    match place {
        "refusal" => json_of(
            401,
            &json!({"error": {"message": told, "type": told, "code": told}}),
        ),
        "words" => respond(403, "text/plain", format!("bad headers: {told}")),
        "detail" => json_of(
            400,
            &json!({"detail": {"headers": {"Authorization": told}}}),
        ),
        "page" => respond(502, "text/html", format!("<html><pre>{told}</pre></html>")),
        "redirect" => {
            let path: String = told.chars().filter(char::is_ascii_graphic).collect();
            let to = format!("https://example.org/{path}?{path}#{path}");
            (
                [("location", to)],
                Response::builder().status(302).body(Body::empty()).unwrap(),
            )
                .into_response()
        }
        "rubbish" => respond(200, "application/json", format!("{{\"ok\": \"{told}\"}}")),
        // Longer than what is shown, wherever that ends.
        "cut" => respond(422, "text/plain", told.repeat(40)),
        _ => respond(400, "text/plain", told.to_owned()),
    }
}

async fn chat(server: &str, head: &str, request: &Value) -> Response {
    let messages = request["messages"].to_string();
    let (place, form) = way(&messages);
    if request.get("tools").is_some() {
        if place == "own" {
            return refuses(PLACES[2 + form], head);
        }
        let has_result = messages.contains(r#""role":"tool""#);
        return perform(if has_result {
            says("Done.")
        } else {
            decides(&messages)
        })
        .await;
    }
    if server == "qwen" || !PLACES[2..].contains(&&*place) {
        return perform(says("It is so.")).await;
    }
    let told = repeated(head, form);
    if place == "detail" {
        // An error in a stream that began well.
        let error = json!({"error": {"message": told, "code": 400}});
        return respond(200, "text/event-stream", format!("data: {error}\n\n"));
    }
    refuses(&place, &told)
}

/// The calls that a question names.
fn decides(messages: &str) -> Script {
    let asked = |tool: &str| messages.contains(&format!("{tool},"));
    let (place, form) = way(messages);
    let named = format!("{WAY}{place}.{form}");
    let mut wanted = Vec::new();
    for tool in ["echo", "basic", "over_tls", "raw", "hurried", "files_walk"] {
        if asked(tool) {
            wanted.push(call(tool, json!({"way": named})));
        }
    }
    for (name, model) in [("phi", "reasoner-2"), ("llama", "reasoner-3")] {
        if asked(name) {
            wanted.push(call(
                "enhance_reasoning",
                json!({"model": model, "problem": named}),
            ));
        }
    }
    if asked("search") {
        wanted.push(call("search", json!({"query": "what is known"})));
    }
    if asked("program") {
        let code = include_str!("environment.py");
        wanted.push(call("code_interpreter", json!({"code": code})));
    }
    calls(wanted)
}

async fn tool(head: &str, arguments: &Value) -> Response {
    let (place, form) = way(&arguments.to_string());
    let told = repeated(head, form);
    match &*place {
        "result" => {
            let file = json!({"name": "sent.txt", "media_type": "text/plain", "data": base64(told.as_bytes())});
            json_of(
                200,
                &json!({"ok": true, "result": {"sent": [{"to": told}]}, "artifacts": [file]}),
            )
        }
        "failure" => json_of(
            200,
            &json!({"ok": false, "error": {"code": told, "message": told, "retryable": false}}),
        ),
        "hang" => std::future::pending().await,
        place => refuses(place, &told),
    }
}

fn mcp(head: &str, request: &Value) -> Response {
    let result = |result: Value| {
        json_of(
            200,
            &json!({"jsonrpc": "2.0", "id": request["id"], "result": result}),
        )
    };
    match request["method"].as_str().unwrap_or_default() {
        "initialize" => result(json!({
            "protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"},
        })),
        "tools/list" => {
            let tool =
                json!({"name": "walk", "description": "Walks.", "inputSchema": {"type": "object"}});
            result(json!({"tools": [tool]}))
        }
        "tools/call" => {
            let (place, form) = way(&request["params"]["arguments"].to_string());
            let told = repeated(head, form);
            match &*place {
                "result" | "failure" => result(json!({
                    "content": [{"type": "text", "text": told}], "structuredContent": {"sent": told},
                    "isError": place == "failure",
                })),
                "detail" => json_of(
                    200,
                    &json!({
                        "jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": told.repeat(20)},
                    }),
                ),
                place => refuses(place, &told),
            }
        }
        "" => respond(405, "text/plain", String::new()),
        method if method.starts_with("notifications/") => respond(202, "text/plain", String::new()),
        _ => json_of(
            404,
            &json!({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "No."}}),
        ),
    }
}

fn json_of(status: u16, value: &Value) -> Response {
    respond(status, "application/json", value.to_string())
}

fn respond(status: u16, media_type: &'static str, body: String) -> Response {
    let response = Response::builder()
        .status(status)
        .header("content-type", media_type);
    response.body(Body::from(body)).unwrap()
}
