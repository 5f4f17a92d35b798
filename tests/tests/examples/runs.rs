//! The examples as tools of a run, each by its own entry of the catalogue.

use std::fs;
use std::process::Stdio;

use axum::routing::post;
use axum::{Json, Router};
use catalog::Catalog;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};
use tests::stack::Setup;
use tests::wait::within;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::examples;

const TOKEN: &str = "Bearer 0123456789-of-the-test";
/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The shipped catalogue, and what an example's file says.
fn catalogue(file: &str) -> Value {
    catalogue_with(file, "", Value::Null)
}

/// The same with a field of the entry set, by its pointer.
fn catalogue_with(file: &str, pointer: &str, value: Value) -> Value {
    let shipped = include_str!("../../../tools_config.json");
    let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
    let mut entry: Value =
        serde_json::from_slice(&fs::read(examples().join(file)).unwrap()).unwrap();
    if let (false, Some(field)) = (pointer.is_empty(), entry.pointer_mut(pointer)) {
        *field = value;
    }
    match entry.get("mcp_servers") {
        Some(servers) => catalogue["mcp_servers"] = servers.clone(),
        None => catalogue["tools"].as_array_mut().unwrap().push(entry),
    }
    catalogue
}

/// Starts a program of an example that prints where it is served; gives that address.
async fn serve(mut python: Command) -> (Child, String) {
    python
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "*");
    python
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut process = python.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = within("an example to be served", lines.next_line())
        .await
        .unwrap()
        .unwrap();
    let (_, address) = line.split_once(" is served at ").unwrap();
    (process, address.to_owned())
}

#[test]
fn each_entry_is_one_that_a_catalogue_takes() {
    let files = [
        "calculator/calculator.json",
        "sales_query/sales_query.json",
        "image_generation/image_generation.json",
        "mcp_server/time.json",
        "mcp_server/shop.json",
    ];
    for file in files {
        let parsed = Catalog::parse(&catalogue(file).to_string());
        assert!(parsed.is_ok(), "{file}: {parsed:?}");
    }
}

#[tokio::test]
async fn sales_query_answers_a_run_and_tells_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["make_sales.py", "sales_query.py"] {
        fs::copy(
            examples().join("sales_query").join(name),
            folder.path().join(name),
        )
        .unwrap();
    }
    let is_new = Command::new("python3")
        .args(["-c", "import sys; sys.exit(sys.version_info < (3, 11))"])
        .status();
    if !is_new.await.unwrap().success() {
        // It says so by itself: the test in Python holds that.
        return;
    }
    let made = Command::new("python3")
        .arg("make_sales.py")
        .current_dir(folder.path())
        .status();
    assert!(made.await.unwrap().success());
    let mut python = Command::new("python3");
    python
        .arg(examples().join("invoke.py"))
        .args(["sales_query.handler", "0"])
        .current_dir(folder.path());
    let (_process, address) = serve(python).await;
    let entry = "sales_query/sales_query.json";
    let catalogue = catalogue_with(entry, "/target/endpoint", json!(address));
    let models = ModelServer::start().await;
    let stack = Setup::with_catalog(&catalogue)
        .models(&models)
        .start_counted()
        .await;
    let asks = |sql: &str| call("sales_query", json!({"sql": sql}));
    models.orchestrator([
        calls([
            asks("SELECT count(*) AS sales FROM sales"),
            asks("DROP TABLE sales"),
        ]),
        says("2000."),
    ]);
    let told = stack.client.question("How many sales were there?").await;
    let mut results = told.of("tool_result");
    results.sort_by_key(|result| result["call_id"].to_string());
    let expected = json!({"columns": [{"name": "sales", "type": "integer"}], "rows": [[2000]], "truncated": false});
    assert_eq!(results[0]["result"], expected);
    let refused = &results[1]["result"]["error"];
    assert_eq!(refused["code"], "query_failed");
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("may read the tables"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_picture_of_image_generation_is_a_file_of_the_run() {
    let images = post(async || Json(json!({"created": 1, "data": [{"b64_json": PNG}]})));
    let images = Served::start(Router::new().route("/v1/images/generations", images)).await;
    let mut python = Command::new("python3");
    python.arg(examples().join("image_generation/image_generation.py"));
    python
        .env("PORT", "0")
        .env("IMAGES_TOOL_TOKEN", TOKEN)
        .env("IMAGES_URL", format!("{}/v1", images.address));
    let (_process, address) = serve(python).await;
    let entry = "image_generation/image_generation.json";
    let catalogue = catalogue_with(entry, "/target/http/url", json!(address));
    let models = ModelServer::start().await;
    let setup = Setup::with_catalog(&catalogue).models(&models);
    let stack = setup
        .header_variables(&[("IMAGES_TOOL_TOKEN", TOKEN)])
        .start_counted()
        .await;
    models.orchestrator([
        calls([call("image_generation", json!({"prompt": "One pixel"}))]),
        says("Here it is."),
    ]);
    let told = stack.client.question("Draw one pixel.").await;
    let result = &told.of("tool_result")[0]["result"];
    let file = &result["artifacts"][0];
    assert_eq!(
        (&file["name"], &file["media_type"]),
        (&json!("picture-r1.1.png"), &json!("image/png")),
        "{result}"
    );
    let bytes = send(
        stack
            .client
            .request(Method::GET, file["url"].as_str().unwrap()),
    )
    .await;
    assert_eq!(bytes.headers()["content-type"], "image/png");
    assert!(bytes.bytes().await.unwrap().starts_with(b"\x89PNG\r\n"));
}
