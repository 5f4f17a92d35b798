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

#[tokio::test]
async fn a_function_is_invoked_as_lambda_would_and_what_is_no_invocation_is_refused() {
    let served = serve().await;
    let client = Client::new(&served.address);
    let path = "/2015-03-31/functions/postage/invocations";
    let echo = |event: &Value, late: bool| json!({"name": "postage", "event": event, "late": late});
    let deep = "[".repeat(100_000);
    let far = json!({"deadline_ms": 99_999_999_999_999_u64, "é": ["七", "\u{1f980}"]});
    type Case<'a> = (
        &'a str,
        &'a str,
        Vec<(&'a str, &'a str)>,
        String,
        u16,
        Value,
    );
    let cases: Vec<Case<'_>> = vec![
        (
            "POST",
            path,
            vec![],
            far.to_string(),
            200,
            echo(&far, false),
        ),
        (
            "POST",
            path,
            vec![],
            json!({}).to_string(),
            200,
            echo(&json!({}), true),
        ),
        (
            "POST",
            path,
            vec![],
            String::new(),
            200,
            echo(&json!({}), true),
        ),
        (
            "POST",
            "/2015-03-31/functions/postage/invocations?Qualifier=live",
            vec![],
            "{}".to_owned(),
            200,
            echo(&json!({}), true),
        ),
        (
            "POST",
            path,
            vec![("x-amz-invocation-type", "DryRun")],
            "{}".to_owned(),
            204,
            Value::Null,
        ),
        (
            "POST",
            path,
            vec![],
            json!({"raise": "é"}).to_string(),
            200,
            json!({"errorType": "ValueError", "errorMessage": "no such thing: é"}),
        ),
        (
            "POST",
            path,
            vec![],
            json!({"unwritable": true}).to_string(),
            200,
            json!({"errorType": "TypeError", "errorMessage": "Object of type object is not JSON serializable"}),
        ),
        (
            "POST",
            path,
            vec![],
            "7".to_owned(),
            200,
            json!({"errorType": "AttributeError", "errorMessage": "'int' object has no attribute 'get'"}),
        ),
        ("POST", path, vec![], "{".to_owned(), 400, json!(UNREADABLE)),
        ("POST", path, vec![], deep, 400, json!(UNREADABLE)),
        (
            "POST",
            path,
            vec![],
            "x".repeat(7_000_000),
            413,
            json!("Request must be smaller than 6291456 bytes."),
        ),
        // No page of a browser gets at it.
        (
            "POST",
            path,
            vec![("origin", "https://example.org")],
            "{}".to_owned(),
            404,
            json!(ELSEWHERE),
        ),
        (
            "POST",
            path,
            vec![("origin", "null"), ("content-type", "text/plain")],
            "{}".to_owned(),
            404,
            json!(ELSEWHERE),
        ),
        ("POST", "/", vec![], "{}".to_owned(), 404, json!(ELSEWHERE)),
        (
            "POST",
            "/2015-03-31/functions/postage/invocations/x",
            vec![],
            "{}".to_owned(),
            404,
            json!(ELSEWHERE),
        ),
        ("GET", path, vec![], String::new(), 501, Value::Null),
        ("OPTIONS", path, vec![], String::new(), 501, Value::Null),
    ];
    for (method, path, headers, body, status, expected) in cases {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client.request(method.clone(), path).body(body.clone());
        let request = headers.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let case = format!(
            "{method} {path} {}",
            body.chars().take(60).collect::<String>()
        );
        let Ok(response) = within(&case, request.send()).await else {
            // It has answered and closed before all of a body that is too large had been sent.
            assert_eq!(status, 413, "{case}");
            continue;
        };
        assert_eq!(response.status().as_u16(), status, "{case}");
        let failed = response.headers().get("x-amz-function-error").is_some();
        let text = response.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        match expected {
            Value::Null => assert_eq!(answer, Value::Null, "{case}"),
            Value::String(words) => assert!(text.contains(&words), "{case}: {text}"),
            expected => {
                assert_eq!(answer, expected, "{case}");
                assert_eq!(failed, expected.get("errorType").is_some(), "{case}");
            }
        }
    }
}
