//! The guides of `docs/tools.md` are run word for word, each in an empty folder: files are written as they stand there, commands are run
//! as they stand there, those that serve something in a terminal of their own. Then a run calls the tool.
//!
//! Two things stand in for what is the reader's own: the folder of the checkout, and ports, of which free ones are taken.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod guide;
mod terminal;

use std::path::Path;

use guide::{Block, Guide};
use serde_json::Value;
use terminal::Desk;
use tests::client::Client;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};

/// Reads a guide, does what it says, and has a run call its tool.
async fn follow(heading: &str) {
    let guide = Guide::read(heading);
    let models = ModelServer::start().await;
    let desk = Desk::new(&guide, models.address()).await;
    let mut servers = Vec::new();
    let mut printed = String::new();
    // A guide tries its tool before the stack is started.
    let mut tried = None;
    for block in &guide.blocks {
        match block {
            Block::File { name, text } => desk.write(name, text),
            Block::Command(text) => {
                tried = tool_called(text).or(tried);
                printed = desk.run(text).await;
            }
            Block::Server(text) => {
                let server = desk.start(text);
                desk.until_served(&server).await;
                servers.push(server);
            }
            Block::Output(expected) => {
                let said = serde_json::from_str(&printed)
                    .unwrap_or_else(|fault| panic!("{fault}: {printed}"));
                assert!(
                    is_like(&said, expected),
                    "printed {said}, the guide says {expected}"
                );
            }
            Block::Stack(text) => {
                let (tool, arguments) = tried.clone().unwrap();
                models.orchestrator([calls([call(&tool, arguments)]), says("Done.")]);
                let (stack, address) = desk.start_stack(text).await;
                let told = Client::new(&address)
                    .question("What does the tool say?")
                    .await;
                let results = told.of("tool_result");
                assert_eq!(
                    (told.status(), results.len()),
                    ("completed", 1),
                    "{told:#?}"
                );
                assert_eq!(
                    (&results[0]["tool"], &results[0]["ok"]),
                    (&Value::from(tool), &Value::from(true)),
                    "{results:#?}"
                );
                let expected = guide.output();
                assert!(
                    is_like(&results[0]["result"], &expected["result"]),
                    "{results:#?}"
                );
                models.assert_spent();
                servers.push(stack);
            }
        }
    }
    assert!(
        guide
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Stack(_))),
        "{heading} ends with a stack"
    );
}

/// The tool and its arguments, of a line that tries one.
fn tool_called(command: &str) -> Option<(String, Value)> {
    let rest = command.trim().strip_prefix("serverless-llm tools call ")?;
    let (name, arguments) = rest.split_once(' ')?;
    let arguments = arguments.trim_matches('\'');
    Some((name.to_owned(), serde_json::from_str(arguments).unwrap()))
}

/// Whether a value is what a guide shows: the same, where it shows `…` any text, and of an object what it shows of it.
fn is_like(value: &Value, shown: &Value) -> bool {
    match (value, shown) {
        (Value::String(_), Value::String(text)) if text == "…" => true,
        (Value::Object(value), Value::Object(shown)) => shown
            .iter()
            .all(|(name, shown)| value.get(name).is_some_and(|value| is_like(value, shown))),
        (Value::Array(value), Value::Array(shown)) => {
            value.len() == shown.len()
                && value
                    .iter()
                    .zip(shown)
                    .all(|(value, shown)| is_like(value, shown))
        }
        (value, shown) => value == shown,
    }
}

#[tokio::test]
async fn a_function_in_python_is_a_tool_in_five_steps() {
    follow("In Python, as a Lambda function").await;
}

#[tokio::test]
async fn fifteen_lines_over_http_are_a_tool_in_five_steps() {
    let guide = Guide::read("In 15 lines of Python over HTTP");
    let lines = guide
        .file("stock.py")
        .lines()
        .filter(|line| !line.trim().is_empty())
        .count();
    assert!(lines <= 15, "{lines} lines");
    follow("In 15 lines of Python over HTTP").await;
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI and crates: cargo test --workspace --test tools_guide -- --ignored"]
async fn a_function_in_rust_is_a_tool_in_five_steps() {
    follow("In Rust, as a Lambda function").await;
}

#[tokio::test]
#[ignore = "needs an MCP server from PyPI: cargo test --workspace --test tools_guide -- --ignored"]
async fn a_ready_mcp_server_is_tools_in_five_steps() {
    follow("A ready MCP server").await;
}

#[test]
fn every_block_of_every_guide_is_one_that_is_run() {
    let page = guide::page();
    let headings: Vec<_> = guide::headings(&page, "A tool in five minutes");
    assert_eq!(headings.len(), 4, "{headings:?}");
    for heading in headings {
        let guide = Guide::read(heading);
        assert!(
            guide.blocks.len() >= 6,
            "{heading} has {} blocks",
            guide.blocks.len()
        );
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (from, text) in [
        ("docs/tools.md", page.as_str()),
        ("README.md", include_str!("../../../README.md")),
    ] {
        for link in guide::links(text) {
            let folder = root.join(from);
            let path = folder
                .parent()
                .unwrap()
                .join(link.split('#').next().unwrap());
            assert!(path.exists(), "{from} links to {link}");
        }
    }
}
