//! Real processes of the local stack, with real signals: the binary that `cargo run` starts, over the table, the models and
//! the tools of a [`World`], or over a table of its own.

use std::path::Path;
use std::process::Stdio;
use std::sync::LazyLock;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::crash::{World, catalog};
use crate::model_server::KEY;
use crate::table::NAME;
use crate::wait::within;

const BINARY_NAME: &str = "serverless-llm";
/// Where a process writes its notes.
const STDERR: &str = "stderr";

/// The stack's binary, built now where it is not up to date: with the features of the whole workspace and its tests, so that
/// after `cargo test --workspace` nothing but the binary itself is left to build.
static BINARY: LazyLock<String> = LazyLock::new(|| {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    // What `cargo test` says of the package under test would make build scripts that look at it run again.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|it| name.starts_with(it))
        {
            cargo.env_remove(&*name);
        }
    }
    let built = cargo
        .args([
            "build",
            "--workspace",
            "--locked",
            "--message-format",
            "json",
        ])
        .args(["--bin", BINARY_NAME, "--test", "processes"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success());
    let messages = String::from_utf8(built.stdout).unwrap();
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).unwrap();
        let is_it = message["target"]["name"] == BINARY_NAME;
        let path = message["executable"].as_str().filter(|_| is_it)?;
        Some(path.to_owned())
    });
    executables.next_back().unwrap()
});

/// A process of the stack; killed at the latest when this is dropped.
#[derive(Debug)]
pub struct StackProcess {
    pub client: Client,
    child: Child,
    home: TempDir,
}

/// Where the stack's binary is.
pub async fn binary() -> String {
    let built = tokio::task::spawn_blocking(|| BINARY.clone());
    built.await.unwrap()
}

/// The binary with an environment of its own.
pub async fn command(home: &Path) -> Command {
    let mut command = Command::new(binary().await);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Has a process read this catalogue, from a file in its home.
fn set_catalog(command: &mut Command, home: &Path, catalog: &Value) {
    let file = home.join("tools.json");
    std::fs::write(&file, catalog.to_string()).unwrap();
    command.env("TOOLS_CONFIG", file);
}

/// Sends a signal to a process that has not been waited for.
pub(crate) fn send_signal(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

impl StackProcess {
    /// Starts one, with a lease of so many seconds.
    pub async fn start(world: &World, lease_seconds: u64) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = command(home.path()).await;
        set_catalog(&mut command, home.path(), &catalog(world.calls));
        command
            .env("TABLE_NAME", NAME)
            .env("LEASE_SECONDS", lease_seconds.to_string())
            .env("AWS_ENDPOINT_URL_DYNAMODB", &world.table.address)
            .env("AWS_ENDPOINT_URL_LAMBDA", &world.functions.address)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "local");
        let data_dir = home.path().join("data");
        Self::spawn(command, home, &data_dir, &world.models).await
    }

    /// Starts one with its own table in this folder, and all models at one server; with the shipped catalogue where none is given.
    pub async fn start_embedded(data_dir: &Path, models: &str, catalog: Option<Value>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = command(home.path()).await;
        if let Some(catalog) = catalog {
            set_catalog(&mut command, home.path(), &catalog);
        }
        command.env("TABLE_NAME", NAME);
        for id in ["QWEN", "PHI", "LLAMA"] {
            command.env(format!("{id}_API_KEY"), KEY);
        }
        Self::spawn(command, home, data_dir, models).await
    }

    /// Starts one with its own table in this folder, a catalogue, and these variables alone.
    pub async fn start_with(
        data_dir: &Path,
        catalog: &Value,
        variables: &[(String, String)],
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = command(home.path()).await;
        set_catalog(&mut command, home.path(), catalog);
        command
            .env("TABLE_NAME", NAME)
            .envs(variables.iter().cloned());
        Self::begin(command, home, data_dir).await
    }

    async fn spawn(mut command: Command, home: TempDir, data_dir: &Path, models: &str) -> Self {
        command
            .env("QWEN_API_URL", models)
            .env("PHI_API_URL", models)
            .env("LLAMA_API_URL", models);
        Self::begin(command, home, data_dir).await
    }

    async fn begin(mut command: Command, home: TempDir, data_dir: &Path) -> Self {
        let mut child = command
            .args(["--port", "0", "--data-dir"])
            .arg(data_dir)
            .stderr(std::fs::File::create(home.path().join(STDERR)).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = within("the stack to be ready", lines.next_line()).await;
        let ready = ready.unwrap().unwrap_or_default();
        let address = ready
            .strip_prefix("serverless-llm is ready: ")
            .and_then(|it| it.strip_suffix("/orchestrator"))
            .unwrap_or_else(|| panic!("not the line of a stack that is ready: {ready:?}"));
        Self {
            client: Client::new(address),
            child,
            home,
        }
    }

    /// All that it has written on standard error.
    pub fn notes(&self) -> String {
        std::fs::read_to_string(self.home.path().join(STDERR)).unwrap()
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.signal(Signal::KILL);
        within("a killed process to end", self.child.wait())
            .await
            .unwrap();
    }

    /// SIGTERM, and the end that must follow. Says whether the process had the time to leave its runs in good order.
    pub async fn terminate(mut self) -> bool {
        self.signal(Signal::TERM);
        let ended = within("a terminated process to end", self.child.wait()).await;
        assert!(ended.unwrap().success());
        let said = std::fs::read_to_string(self.home.path().join(STDERR)).unwrap();
        !said.contains("could not be left in good order")
    }

    /// Stops it where it stands, as Lambda freezes a function.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// The most that it has held in memory so far, in bytes.
    pub fn peak_resident_bytes(&self) -> u64 {
        self.status("VmHWM") * 1024
    }

    /// What it holds in memory now, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        self.status("VmRSS") * 1024
    }

    pub fn threads(&self) -> u64 {
        self.status("Threads")
    }

    /// Open files and connections.
    pub fn descriptors(&self) -> u64 {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap();
        open.count() as u64
    }

    /// A number of its status, in the kernel's unit.
    fn status(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status
            .lines()
            .find_map(|it| it.strip_prefix(field)?.strip_prefix(':'));
        let number = line.unwrap().trim().trim_end_matches(" kB");
        number.parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        send_signal(&self.child, signal);
    }
}
