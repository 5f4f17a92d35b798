//! What has to be there before any stage: the emulator and the binaries, each made once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::pypi::{environment, finish, root};

/// The version whose gaps the tests know.
const CARGO_LAMBDA: &str = "cargo-lambda==1.9.2";

const FUNCTIONS: [&str; 5] = [
    "orchestrator",
    "driver",
    "search",
    "read_url",
    "code_interpreter",
];

#[derive(Debug)]
pub(super) struct Tools {
    pub(super) cargo_lambda: PathBuf,
    /// Binaries by name.
    pub(super) functions: BTreeMap<String, PathBuf>,
}

/// Made by the first test of a process that asks; every one is told why where that fails.
pub(super) fn tools() -> &'static Tools {
    static TOOLS: LazyLock<Result<Tools, String>> = LazyLock::new(|| {
        Ok(Tools {
            cargo_lambda: environment("emulator", &[CARGO_LAMBDA])?.join("bin/cargo-lambda"),
            functions: build()?,
        })
    });
    TOOLS.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
}

/// Builds the functions as they are now.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--locked"]);
    cargo.args(FUNCTIONS.map(|name| format!("--bin={name}")));
    cargo.arg("--message-format=json-render-diagnostics");
    let messages = finish(cargo.current_dir(root()))?;
    let messages = messages
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let binary = |message: Value| {
        let path = message["executable"].as_str()?;
        Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
    };
    Ok(messages.filter_map(binary).collect())
}
