//! `serverless-llm mcp`: the same over standard input and output.

use std::path::Path;
use std::process::Stdio;

use orchestrator::Access;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::Client;
use tests::gate::Gate;
use tests::loopback::ClosedPort;
use tests::model_server::{KEY, ModelServer};
use tests::process::command;
use tests::script::{gate, says, sse, text};
use tests::stack::Setup;
use tests::wait::within;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::kit::{call, message, watched};

/// The command, as a program that has started it speaks with it.
struct Bridge {
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    child: Child,
    home: TempDir,
}

impl Bridge {
    async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = command(home.path()).await;
        let stderr = std::fs::File::create(home.path().join("stderr")).unwrap();
        let mut child = command
            .arg("mcp")
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            home,
        }
    }

    /// On the stack of a data directory, with all models at one server.
    async fn here(data_dir: &Path, models: &ModelServer) -> Self {
        let data_dir = data_dir.to_str().unwrap();
        let mut variables = vec![("LEASE_SECONDS", "2")];
        for (address, key) in [
            ("QWEN_API_URL", "QWEN_API_KEY"),
            ("PHI_API_URL", "PHI_API_KEY"),
            ("LLAMA_API_URL", "LLAMA_API_KEY"),
        ] {
            variables.extend([(address, models.address()), (key, KEY)]);
        }
        Self::start(&["--data-dir", data_dir], &variables).await
    }

    async fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string()).await;
    }

    async fn send_line(&mut self, line: &str) {
        let line = format!("{line}\n");
        within("a line to be taken", self.input.write_all(line.as_bytes()))
            .await
            .unwrap();
    }

    /// The next message; nothing but messages is printed.
    async fn next(&mut self) -> Value {
        let line = within("a line", self.lines.next_line()).await.unwrap();
        let line = line.unwrap_or_else(|| panic!("{}", self.said()));
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0");
        message
    }

    async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.next().await
    }

    /// What a tool gives.
    async fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.ask(&call(tool, arguments)).await;
        answer["result"]["structuredContent"].clone()
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.home.path().join("stderr")).unwrap()
    }

    /// The end of its input, and its own, which must be a good one. What it still prints.
    async fn close(self) -> Vec<String> {
        let Self {
            input,
            mut lines,
            mut child,
            ..
        } = self;
        drop(input);
        let mut rest = Vec::new();
        while let Some(line) = within("the end", lines.next_line()).await.unwrap() {
            rest.push(line);
        }
        let status = within("a process to end", child.wait()).await.unwrap();
        assert!(status.success(), "{status}");
        rest
    }

    /// `kill -9`.
    async fn kill(mut self) {
        within("a process to die", self.child.kill()).await.unwrap();
    }
}

#[tokio::test]
async fn it_starts_a_stack_and_answers_what_is_asked_side_by_side() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let data_dir = tempfile::tempdir().unwrap();
    let mut bridge = Bridge::here(data_dir.path(), &models).await;
    let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
    let told = bridge.ask(&message("initialize", &hello)).await;
    assert_eq!(told["result"]["protocolVersion"], "2025-06-18");
    bridge
        .send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        .await;
    bridge.send_line("").await;
    let mut ask = watched("ask", &json!({"query": "How many?"}), &json!("t"));
    ask["id"] = json!("slow");
    bridge.send(&ask).await;
    held.reached().await;
    // A slow call holds up no other one; in between the progress is told.
    bridge.send(&message("ping", &json!({}))).await;
    let mut told = Vec::new();
    while told.last().is_none_or(|told: &Value| told["id"] != 1) {
        told.push(bridge.next().await);
    }
    held.open();
    while told.last().is_some_and(|told| told["id"] != "slow") {
        told.push(bridge.next().await);
    }
    let progress = told
        .iter()
        .filter(|told| told["params"]["progressToken"] == "t");
    assert!(progress.count() > 0, "{told:?}");
    assert_eq!(
        told.last().unwrap()["result"]["structuredContent"]["answer"],
        "Seven."
    );
    // Half of a character, as of a text that was cut in the middle of one.
    let half = r#"{"jsonrpc": "2.0", "id": "\ud83d", "method": "ping"}"#;
    bridge.send_line(half).await;
    assert_eq!(bridge.next().await["id"], "\u{fffd}");
    bridge.send_line("{").await;
    assert_eq!(bridge.next().await["error"]["code"], -32700);
    assert_eq!(bridge.close().await, [""; 0]);
}

/// A program that has crashed may leave its end of standard input open with somebody else.
#[tokio::test]
async fn it_ends_where_nobody_reads_what_it_prints() {
    let models = ModelServer::start().await;
    let data_dir = tempfile::tempdir().unwrap();
    let mut bridge = Bridge::here(data_dir.path(), &models).await;
    bridge.ask(&message("ping", &json!({}))).await;
    bridge.send(&message("ping", &json!({}))).await;
    let Bridge {
        input,
        lines,
        mut child,
        ..
    } = bridge;
    drop(lines);
    let mut input = input;
    // The first answer that cannot be written tells it.
    let line = format!("{}\n", message("ping", &json!({})));
    within("a line to be taken", input.write_all(line.as_bytes()))
        .await
        .unwrap();
    let status = within("a process to end", child.wait()).await.unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn what_is_no_longer_waited_for_gets_no_answer_and_its_run_goes_on() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let data_dir = tempfile::tempdir().unwrap();
    let mut bridge = Bridge::here(data_dir.path(), &models).await;
    let mut ask = call("ask", &json!({"query": "How many?"}));
    ask["id"] = json!("left");
    bridge.send(&ask).await;
    held.reached().await;
    bridge.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "left"}})).await;
    held.open();
    // The next answer is not that of the one that was left; the same question joins its run, or finds another answer spent.
    let told = bridge.ask(&message("ping", &json!({}))).await;
    assert_eq!(told["id"], 1);
    let list = Client::new(&address(data_dir.path()))
        .json("/api/runs")
        .await;
    let named = json!({"run_id": list["runs"][0]["run_id"]});
    let told = bridge.call("get_run", &named).await;
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("completed"), &json!("Seven."))
    );
    bridge.close().await;
}

/// What the lock of a data directory says of its holder.
fn address(data_dir: &Path) -> String {
    std::fs::read_to_string(data_dir.join("lock")).unwrap()
}

#[tokio::test]
async fn the_end_of_input_ends_the_waiting_and_the_next_stack_goes_on_with_the_run() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held)]), says("Seven.")]);
    let data_dir = tempfile::tempdir().unwrap();
    let mut bridge = Bridge::here(data_dir.path(), &models).await;
    bridge
        .send(&call("ask", &json!({"query": "How many?"})))
        .await;
    held.reached().await;
    let list = Client::new(&address(data_dir.path()))
        .json("/api/runs")
        .await;
    assert_eq!(bridge.close().await, [""; 0]);
    let mut bridge = Bridge::here(data_dir.path(), &models).await;
    let named = json!({"run_id": list["runs"][0]["run_id"]});
    let told = bridge.call("get_run", &named).await;
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("completed"), &json!("Seven."))
    );
    bridge.close().await;
}

/// Several programs start it on one data directory, and the one that has the stack may be the first to end.
#[tokio::test]
async fn one_stack_serves_all_and_another_one_takes_its_place_when_it_is_killed() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([sse([text("It is "), gate(&held)]), says("Seven.")]);
    let data_dir = tempfile::tempdir().unwrap();
    let mut first = Bridge::here(data_dir.path(), &models).await;
    first.ask(&message("ping", &json!({}))).await;
    let mut second = Bridge::here(data_dir.path(), &models).await;
    let mut ask = call("ask", &json!({"query": "How many?"}));
    ask["id"] = json!("all along");
    second.send(&ask).await;
    held.reached().await;
    assert!(
        !second.said().contains("the page is at"),
        "{}",
        second.said()
    );
    first.kill().await;
    held.open();
    let told = second.next().await;
    assert_eq!(told["id"], "all along");
    let told = &told["result"]["structuredContent"];
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("completed"), &json!("Seven."))
    );
    assert!(
        second.said().contains("the page is at"),
        "{}",
        second.said()
    );
    second.close().await;
}

#[tokio::test]
async fn a_deployment_is_asked_with_its_key_and_what_is_wrong_with_it_is_told() {
    let models = ModelServer::start().await;
    models.orchestrator([says("Seven.")]);
    let digest = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
    let setup =
        Setup::with_models(&models).access(&[("ACCESS_KEY_SHA256", digest)], Access::CLOSED);
    let stack = setup.start().await;
    let address = &stack.client.address;
    for named in [
        address.clone(),
        format!("{address}/"),
        format!("{address}/mcp"),
        format!("{address}/orchestrator"),
    ] {
        let mut bridge = Bridge::start(&["--url", &named], &[("ACCESS_KEY", "token")]).await;
        let told = bridge.ask(&message("ping", &json!({}))).await;
        assert_eq!(told["result"], json!({}), "{named}");
        bridge.close().await;
    }
    let mut bridge = Bridge::start(&["--url", address, "--key", "token"], &[]).await;
    let told = bridge.call("ask", &json!({"query": "How many?"})).await;
    assert_eq!(told["answer"], "Seven.");
    // In the version without a handshake the head says what the body says.
    let meta = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}});
    let told = bridge.ask(&message("server/discover", &meta)).await;
    assert_eq!(told["result"]["supportedVersions"][0], "2026-07-28");
    bridge.close().await;
    let mut bridge = Bridge::start(&["--url", address], &[("ACCESS_KEY", "another")]).await;
    let told = bridge.ask(&message("ping", &json!({}))).await;
    let said = told["error"]["message"].as_str().unwrap();
    assert!(
        said.starts_with("401: ") && said.contains("ACCESS_KEY"),
        "{said}"
    );
    assert!(!said.contains("another"), "{said}");
    bridge.close().await;
    let nowhere = ClosedPort::take();
    let mut bridge = Bridge::start(&["--url", &nowhere.address], &[]).await;
    let told = bridge.ask(&message("ping", &json!({}))).await;
    let said = told["error"]["message"].as_str().unwrap();
    assert!(
        said.contains(&nowhere.address) && said.contains("--url"),
        "{said}"
    );
    bridge.close().await;
}
