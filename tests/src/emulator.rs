//! The Lambda binaries themselves, each in a process of its own, under the Lambda emulator `cargo lambda watch`.
//!
//! The emulator comes from `PyPI` into an environment of its own under `target/`, and the binaries are built, once each.
//! Functions see no variable of this environment but `PATH`. Differs from Lambda: deadlines lie in 1970, an `Event`
//! invocation is answered when it is done, a function's error is an HTTP 500, and what the client leaves is broken off.

mod tools;
mod watch;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::client::{Client, send};
use crate::duckduckgo::DuckDuckGo;
use crate::loopback::{ClosedPort, Served};
use crate::model_server::{KEY, ModelServer};
use crate::stack::PUBLIC_SEARCHES;
use crate::table;
use crate::wait::within;
use tools::tools;
use watch::Emulator;

/// What the functions are started with.
#[derive(Debug)]
pub struct Setup {
    variables: BTreeMap<&'static str, String>,
    catalog: Option<Value>,
}

/// The emulator with the functions that have joined it.
#[derive(Debug)]
pub struct Stage {
    /// Talks to the orchestrator through its function URL.
    pub client: Client,
    /// Talks to the emulator.
    lambda: Client,
    variables: BTreeMap<&'static str, String>,
    emulator: Emulator,
    _table: Served,
    _no_search: ClosedPort,
    folder: TempDir,
}

/// A process of a function; it ends with this value.
#[derive(Debug)]
pub struct Process(Child);

/// An invocation that the test itself works on, in the place of a function.
#[derive(Debug)]
pub struct Invocation {
    pub event: Value,
    /// When Lambda would stop the function, in milliseconds since 1970.
    pub deadline_ms: u64,
    runtime: Client,
    id: String,
}

/// The key to the service, and what the functions know of it.
const ACCESS_KEY: &str = "open sesame";
const ACCESS_KEY_SHA256: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

impl Setup {
    /// No models, and no search.
    pub fn new() -> Self {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("TABLE_NAME", table::NAME),
            ("ACCESS_KEY_SHA256", ACCESS_KEY_SHA256),
        ];
        let mut variables = BTreeMap::from(variables.map(|(name, value)| (name, value.to_owned())));
        variables.insert("PATH", std::env::var("PATH").unwrap());
        Self {
            variables,
            catalog: None,
        }
    }

    /// All models at one scripted server.
    pub fn with_models(server: &ModelServer) -> Self {
        let addresses = ["QWEN_API_URL", "PHI_API_URL", "LLAMA_API_URL"];
        let keys = ["QWEN_API_KEY", "PHI_API_KEY", "LLAMA_API_KEY"];
        let setup = Self::new();
        let setup = addresses
            .into_iter()
            .fold(setup, |setup, name| setup.set(name, server.address()));
        keys.into_iter()
            .fold(setup, |setup, name| setup.set(name, KEY))
    }

    #[must_use]
    pub fn search(self, service: &DuckDuckGo) -> Self {
        self.set("DUCKDUCKGO_URL", service.address())
            .set("SEARCH_PROVIDERS", "duckduckgo")
    }

    /// A variable of every function.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    /// Changes an entry of the catalogue's tools.
    #[must_use]
    pub fn tool(mut self, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let shipped = include_str!("../../tools_config.json");
        let catalog = self
            .catalog
            .get_or_insert_with(|| serde_json::from_str(shipped).unwrap());
        let tools = catalog["tools"].as_array_mut().unwrap();
        let tool = tools
            .iter_mut()
            .find(|tool| tool["function"]["name"] == name);
        change(tool.unwrap());
        self
    }

    /// Starts the emulator, and no function.
    pub async fn start(self) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let emulator = Emulator::start().await;
        let table = start_table(folder.path()).await;
        let no_search = ClosedPort::take();
        let mut variables = self.variables;
        for (name, value) in [
            ("AWS_ENDPOINT_URL_DYNAMODB", &table.address),
            ("AWS_ENDPOINT_URL_LAMBDA", &emulator.address),
        ] {
            variables.entry(name).or_insert_with(|| value.clone());
        }
        for name in PUBLIC_SEARCHES {
            variables
                .entry(name)
                .or_insert_with(|| no_search.address.clone());
        }
        if let Some(catalog) = self.catalog {
            let path = folder.path().join("tools_config.json");
            fs::write(&path, catalog.to_string()).unwrap();
            variables.insert("TOOLS_CONFIG", path.to_str().unwrap().to_owned());
        }
        Stage {
            client: Client::new(&format!("{}/lambda-url/orchestrator", emulator.address))
                .with_key(ACCESS_KEY),
            lambda: Client::new(&emulator.address),
            variables,
            emulator,
            _table: table,
            _no_search: no_search,
            folder,
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Stage {
    /// Starts one process of a function. It serves one request at a time; requests wait until a process is free.
    pub fn run(&self, function: &str) -> Process {
        self.run_with(function, &[])
    }

    /// The same with variables of its own.
    pub fn run_with(&self, function: &str, variables: &[(&str, &str)]) -> Process {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log(function));
        let log = log.unwrap();
        let process = Command::new(&tools().functions[function])
            .env_clear()
            .envs(&self.variables)
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_RUNTIME_API", self.runtime_api(function))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        Process(process.unwrap())
    }

    /// What the processes of a function have logged: each line must be JSON, as in Lambda.
    pub fn logged(&self, function: &str) -> Vec<Value> {
        let lines = fs::read_to_string(self.log(function)).unwrap();
        let lines = lines.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    }

    /// Where functions are invoked by name.
    pub fn endpoint(&self) -> &str {
        &self.emulator.address
    }

    /// Invokes a function and waits for what comes of it.
    pub async fn invoke(&self, function: &str, payload: &Value) -> (u16, Value) {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let request = self
            .lambda
            .request(Method::POST, &path)
            .body(payload.to_string());
        let response = send(request).await;
        let status = response.status().as_u16();
        let body = within("the answer of a function", response.json()).await;
        (status, body.unwrap())
    }

    /// Takes the next invocation of a function, as a process of it would.
    pub async fn take(&self, function: &str) -> Invocation {
        let runtime = Client::new(&self.runtime_api(function));
        let response = runtime.get("/2018-06-01/runtime/invocation/next").await;
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let (id, deadline) = (
            header("lambda-runtime-aws-request-id"),
            header("lambda-runtime-deadline-ms"),
        );
        Invocation {
            runtime,
            id,
            deadline_ms: deadline.parse().unwrap(),
            event: response.json().await.unwrap(),
        }
    }

    fn log(&self, function: &str) -> PathBuf {
        self.folder.path().join(format!("{function}.log"))
    }

    /// Where processes of a function ask for work.
    fn runtime_api(&self, function: &str) -> String {
        format!("{}/.rt/{function}", self.emulator.address)
    }
}

impl Drop for Stage {
    /// Shows what the functions of a failed test have logged.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "log") {
                eprintln!(
                    "{}:\n{}",
                    path.display(),
                    fs::read_to_string(&path).unwrap()
                );
            }
        }
    }
}

impl Process {
    /// Ends it at once, as a machine that breaks down does.
    pub async fn kill(mut self) {
        self.0.kill().await.unwrap();
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Invocation {
    /// Answers it; the caller may have gone.
    pub async fn respond(self, result: &Value) {
        let path = format!("/2018-06-01/runtime/invocation/{}/response", self.id);
        send(
            self.runtime
                .request(Method::POST, &path)
                .body(result.to_string()),
        )
        .await;
    }
}

/// The embedded table on a port, with the project's table in it.
async fn start_table(folder: &Path) -> Served {
    let database = local::table::open(&folder.join("table.sqlite")).unwrap();
    let served = Served::start(local::table::router(database)).await;
    let client = table::client_at(&served.address);
    store::create_table(&client, table::NAME).await.unwrap();
    served
}
