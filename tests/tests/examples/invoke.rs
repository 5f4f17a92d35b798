//! `invoke.py` stands in for Lambda's Invoke API.

use std::fs;
use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::Client;
use tests::wait::within;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::examples;

const FUNCTION: &str = r#"
def handler(event, context):
    if event.get("raise"):
        raise ValueError("no such thing: " + event["raise"])
    if event.get("unwritable"):
        return {"when": object()}
    left = context.get_remaining_time_in_millis()
    return {"name": context.function_name, "event": event, "late": left == 0}
"#;

const UNREADABLE: &str = "Could not parse request body into json";
const ELSEWHERE: &str = "This serves POST";

/// A function that is served; it ends with this value.
struct Served {
    address: String,
    _process: Child,
    _folder: TempDir,
}

async fn serve() -> Served {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("function.py"), FUNCTION).unwrap();
    let mut python = Command::new("python3");
    python
        .arg(examples().join("invoke.py"))
        .args(["function.handler", "0"]);
    python
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = python.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = within("the function to be served", lines.next_line())
        .await
        .unwrap()
        .unwrap();
    let address = line
        .strip_prefix("function.handler is served at ")
        .unwrap()
        .to_owned();
    Served {
        address,
        _process: process,
        _folder: folder,
    }
}

const INVOKE: &str = "/2015-03-31/functions/postage/invocations";

/// A request, and what comes of it: null for nothing, a text for words of it.
struct Case {
    method: Method,
    path: &'static str,
    header: Option<(&'static str, &'static str)>,
    body: String,
    status: u16,
    expected: Value,
}

fn post(body: impl Into<String>, status: u16, expected: Value) -> Case {
    Case {
        method: Method::POST,
        path: INVOKE,
        header: None,
        body: body.into(),
        status,
        expected,
    }
}

/// What the function is called with, and what comes of it.
fn invocations() -> Vec<Case> {
    let echo = |event: &Value, late: bool| json!({"name": "postage", "event": event, "late": late});
    let far = json!({"deadline_ms": 99_999_999_999_999_u64, "é": ["七", "\u{1f980}"]});
    let failed = |kind: &str, words: &str| json!({"errorType": kind, "errorMessage": words});
    let mut qualified = post("{}", 200, echo(&json!({}), true));
    qualified.path = "/2015-03-31/functions/postage/invocations?Qualifier=live";
    let mut dry = post("{}", 204, Value::Null);
    dry.header = Some(("x-amz-invocation-type", "DryRun"));
    vec![
        post(far.to_string(), 200, echo(&far, false)),
        post("{}", 200, echo(&json!({}), true)),
        post("", 200, echo(&json!({}), true)),
        qualified,
        dry,
        post(
            json!({"raise": "é"}).to_string(),
            200,
            failed("ValueError", "no such thing: é"),
        ),
        post(
            json!({"unwritable": true}).to_string(),
            200,
            failed(
                "TypeError",
                "Object of type object is not JSON serializable",
            ),
        ),
        post(
            "7",
            200,
            failed("AttributeError", "'int' object has no attribute 'get'"),
        ),
    ]
}

/// What is no invocation.
fn refusals() -> Vec<Case> {
    let at = |path: &'static str| Case {
        path,
        ..post("{}", 404, json!(ELSEWHERE))
    };
    let by = |method: Method| Case {
        method,
        ..post("", 501, Value::Null)
    };
    // No page of a browser gets at it.
    let of_page = |origin: &'static str| Case {
        header: Some(("origin", origin)),
        ..post("{}", 404, json!(ELSEWHERE))
    };
    vec![
        post("{", 400, json!(UNREADABLE)),
        post("[".repeat(100_000), 400, json!(UNREADABLE)),
        post(
            "x".repeat(7_000_000),
            413,
            json!("Request must be smaller than 6291456 bytes."),
        ),
        of_page("https://example.org"),
        of_page("null"),
        at("/"),
        at("/2015-03-31/functions/postage/invocations/x"),
        by(Method::GET),
        by(Method::OPTIONS),
    ]
}

#[tokio::test]
async fn a_function_is_invoked_as_lambda_would_and_what_is_no_invocation_is_refused() {
    let served = serve().await;
    let client = Client::new(&served.address);
    for case in invocations().into_iter().chain(refusals()) {
        let name: String = case.body.chars().take(60).collect();
        let name = format!("{} {} {name}", case.method, case.path);
        let request = client.request(case.method, case.path).body(case.body);
        let request = case
            .header
            .into_iter()
            .fold(request, |request, (name, value)| {
                request.header(name, value)
            });
        let Ok(response) = within(&name, request.send()).await else {
            // It has answered and closed before all of a body that is too large had been sent.
            assert_eq!(case.status, 413, "{name}");
            continue;
        };
        assert_eq!(response.status().as_u16(), case.status, "{name}");
        let failed = response.headers().get("x-amz-function-error").is_some();
        let text = response.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        match case.expected {
            Value::Null => assert_eq!(answer, Value::Null, "{name}"),
            Value::String(words) => assert!(text.contains(&words), "{name}: {text}"),
            expected => {
                assert_eq!(answer, expected, "{name}");
                assert_eq!(failed, expected.get("errorType").is_some(), "{name}");
            }
        }
    }
}
