//! llama.cpp's own HTTP server, with a tiny model file that says what the test has written down.
//!
//! Both come from `PyPI`, into an environment of their own under `target/`; `tests/llama` makes the model and starts the server.
//! What the model writes goes through the server's own template, sampler, grammar and parser. A question names its replies by
//! a tag: `[name]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use catalog::Calls;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::client::{Client, send};
use crate::model_server::KEY;
use crate::pypi::{environment, root};
use crate::wait::within;

/// The versions whose behaviour the tests know.
const PACKAGES: [&str; 2] = ["xllamacpp==2026.10.11549", "gguf==0.19.0"];

/// What the server says when it listens.
const LISTENING: &str = "listening on ";

/// What the model's template says that it was trained to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trained {
    /// Plain text: the server takes whatever comes for text.
    Text,
    /// Calls in Hermes' tags: the server reads them, and holds them to the tools by a grammar.
    ToolCalls,
    /// The same, and thinking in tags, which the server tells apart.
    Thinking,
}

impl Trained {
    /// How calls are asked for, so that the model's own text is read: where the template knows no tools, a schema would take its place.
    pub const fn calls(self) -> Calls {
        match self {
            Self::Text => Calls::Text,
            Self::ToolCalls | Self::Thinking => Calls::Auto,
        }
    }
}

/// What a server is started with.
#[derive(Debug)]
pub struct Llama {
    trained: Trained,
    context_tokens: u32,
    slots: u32,
    replies: BTreeMap<String, Value>,
}

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct LlamaServer {
    pub address: String,
    _process: Child,
    _folder: TempDir,
}

impl Llama {
    /// Room for two requests at once, each with as much context as the catalogue promises of its models.
    pub fn trained_for(trained: Trained) -> Self {
        Self {
            trained,
            context_tokens: 32_768,
            slots: 2,
            replies: BTreeMap::new(),
        }
    }

    /// What the orchestrator says to a question, round for round.
    #[must_use]
    pub fn says<'a>(mut self, tag: &str, rounds: impl IntoIterator<Item = &'a str>) -> Self {
        for (round, text) in rounds.into_iter().enumerate() {
            self.add(format!("{tag}.{round}"), text, false);
        }
        self
    }

    /// What an expert says to a problem when so many results are known.
    #[must_use]
    pub fn expert(mut self, tag: &str, results: usize, text: &str) -> Self {
        self.add(format!("{tag}.expert.{results}"), text, false);
        self
    }

    /// An expert that says the same over and over, until it is stopped.
    #[must_use]
    pub fn endless_expert(mut self, tag: &str, text: &str) -> Self {
        self.add(format!("{tag}.expert.0"), text, true);
        self
    }

    /// Tokens that one request may take, its reply included.
    #[must_use]
    pub const fn context(mut self, tokens: u32) -> Self {
        self.context_tokens = tokens;
        self
    }

    /// Requests that are worked on at once.
    #[must_use]
    pub const fn slots(mut self, slots: u32) -> Self {
        self.slots = slots;
        self
    }

    pub async fn start(self) -> LlamaServer {
        let python = python().await;
        let folder = tempfile::tempdir().unwrap();
        let setup = folder.path().join("model.json");
        std::fs::write(&setup, self.json().to_string()).unwrap();
        let mut process = Command::new(python)
            .arg(root().join("tests/llama/serve.py"))
            .arg(setup)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = within("the model server to listen", async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(address) = line.strip_prefix(LISTENING) {
                    return address.to_owned();
                }
            }
            panic!("the model server ended before it listened");
        })
        .await;
        LlamaServer {
            address,
            _process: process,
            _folder: folder,
        }
    }

    fn add(&mut self, name: String, text: &str, endless: bool) {
        let reply = json!({"text": text, "endless": endless});
        assert_eq!(self.replies.insert(name, reply), None);
    }

    fn json(&self) -> Value {
        json!({
            "tool_calls": self.trained != Trained::Text,
            "thinking": self.trained == Trained::Thinking,
            "context_tokens": self.context_tokens,
            "slots": self.slots,
            "key": KEY,
            "replies": self.replies,
        })
    }
}

impl LlamaServer {
    /// Waits until no request is worked on; gives the tokens, read and written, that each slot holds.
    pub async fn idle(&self) -> Vec<u64> {
        let client = Client::new(&self.address);
        within("the model server to be idle", async {
            loop {
                let request = client.request(reqwest::Method::GET, "/slots");
                let slots: Vec<Value> = send(request.bearer_auth(KEY)).await.json().await.unwrap();
                if slots.iter().all(|slot| slot["is_processing"] == false) {
                    let tokens = |slot: &Value| slot["n_prompt_tokens"].as_u64().unwrap_or(0);
                    return slots.iter().map(tokens).collect();
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }
}

/// A call in Hermes' tags.
pub fn hermes(tool: &str, arguments: Value) -> String {
    format!("<tool_call>\n{{\"name\": \"{tool}\", \"arguments\": {arguments}}}\n</tool_call>")
}

/// The Python that has the packages; installed by the first test of a process that asks, every one is told why where that
/// fails.
async fn python() -> &'static Path {
    static PYTHON: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| Ok(environment("llama", &PACKAGES)?.join("bin/python")));
    let installed = tokio::task::spawn_blocking(|| PYTHON.as_ref()).await;
    installed.unwrap().unwrap_or_else(|fault| panic!("{fault}"))
}
