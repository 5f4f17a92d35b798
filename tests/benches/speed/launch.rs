//! One cold start of a function: its binary, its process, and what it did when.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::timeout;

use crate::fake_lambda::{ACCESS_KEY_SHA256, Did, FakeLambda};
use crate::stand::{START, Stand, TABLE};

/// A function that does nothing for so long has failed.
const LONGEST: Duration = Duration::from_secs(30);
const HELLO: &str = env!("CARGO_BIN_EXE_hello_streaming");

/// A binary and what its process is told beside what all are.
pub struct Launch {
    pub binary: PathBuf,
    /// In place of the stand's own, which is reached without TLS.
    pub table: Option<String>,
    pub variables: Vec<(&'static str, String)>,
}

/// What one process did, and when.
pub struct Begun {
    /// From its start to its first poll.
    pub poll: Duration,
    /// From the request to the start transaction, where there is one.
    pub table: Option<Duration>,
    /// From there, or from the request, to the first event.
    pub answer: Duration,
    /// From its start to the first event, without what passed between its first poll and the request.
    pub total: Duration,
    /// Processor time of all its threads from the request to the first event.
    pub worked: Duration,
    /// In MB, at the first event.
    pub resident: f64,
}

impl Launch {
    pub const fn new(binary: PathBuf) -> Self {
        Self {
            binary,
            table: None,
            variables: Vec::new(),
        }
    }

    /// Starts a process and gives it a request when it asks for one; `before_request` comes between.
    pub async fn begin(&self, stand: &Stand, before_request: impl FnOnce(&Child)) -> Begun {
        let body = json!({"query": "How many are there?"});
        let mut lambda = FakeLambda::start(START, &body).await;
        stand.table.record.take();
        let began = Instant::now();
        let child = self.spawn(&lambda, stand);
        let Did::Poll { at: polled, give } = next(&mut lambda).await else {
            panic!("a function asks for a request first");
        };
        before_request(&child);
        let worked_before = worked(&child);
        let given = Instant::now();
        give.send(()).unwrap();
        let Did::Answer(answered) = next(&mut lambda).await else {
            panic!("a function answers its request");
        };
        let worked = worked(&child).saturating_sub(worked_before);
        let resident = resident_mb(&child);
        assert!(matches!(next(&mut lambda).await, Did::End));
        end(child);
        let seen = stand.table.record.take();
        let transaction = seen
            .iter()
            .find(|seen| seen.operation == "TransactWriteItems");
        let stored = transaction.map(|seen| seen.at);
        Begun {
            poll: polled - began,
            table: stored.map(|at| at - given),
            answer: answered - stored.unwrap_or(given),
            total: (polled - began) + (answered - given),
            worked,
            resident,
        }
    }

    fn spawn(&self, lambda: &FakeLambda, stand: &Stand) -> Child {
        let table = self.table.as_ref().unwrap_or(&stand.table.address);
        Command::new(&self.binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &lambda.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "bench")
            .env("AWS_SECRET_ACCESS_KEY", "bench")
            .env("AWS_ENDPOINT_URL_DYNAMODB", table)
            .env("AWS_ENDPOINT_URL_LAMBDA", &stand.tools.address)
            .env("QWEN_API_URL", &stand.models.address)
            .env("TABLE_NAME", TABLE)
            .env("ACCESS_KEY_SHA256", ACCESS_KEY_SHA256)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            // Its log would stand among the tables.
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }
}

async fn next(lambda: &mut FakeLambda) -> Did {
    timeout(LONGEST, lambda.did.recv()).await.unwrap().unwrap()
}

/// Builds a binary with the release profile; gives its path.
pub fn build(package: &str, binary: &str) -> PathBuf {
    let folder = Path::new(HELLO).parent().unwrap();
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--quiet",
            "--package",
            package,
            "--bin",
            binary,
        ])
        .arg("--target-dir")
        .arg(folder.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success(), "{binary} could not be built");
    // What is built next may replace it.
    let kept = folder.join(format!("{binary}.cold_start"));
    fs::copy(folder.join(binary), &kept).unwrap();
    kept
}

fn resident_mb(child: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<f64>().unwrap() / 1024.0
}

/// Processor time of all threads of a process so far; of those that have ended, none.
pub fn worked(child: &Child) -> Duration {
    let threads = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let worked = threads.filter_map(|thread| {
        let said = fs::read_to_string(thread.unwrap().path().join("schedstat")).ok()?;
        let nanos = said.split(' ').next()?.parse().ok()?;
        Some(Duration::from_nanos(nanos))
    });
    worked.sum()
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}
