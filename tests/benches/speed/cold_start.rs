//! From the start of the process to its first poll of the Runtime API, and to the first event of its first request.
//!
//! The baseline is a function of the same crates that only says hello. Both binaries are built with the release profile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::timeout;

use crate::fake_lambda::{ACCESS_KEY_SHA256, Did, FakeLambda};
use crate::parts;
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{START, Stand, TABLE, TOOL};

const WARM_UPS: usize = 3;
const PAIRS: usize = 30;
/// A function that does nothing for so long has failed.
const LONGEST: Duration = Duration::from_secs(30);
/// What the product may take to its first poll, against the baseline.
const MOST: f64 = 2.0;
const HELLO: &str = env!("CARGO_BIN_EXE_hello_streaming");

pub async fn cold_start() {
    let product = build("orchestrator", "orchestrator");
    let hello = build("tests", "hello_streaming");
    let models = parts::model_server(parts::calling(TOOL, &json!({}), 0)).await;
    let stand = Stand::start(models).await;
    let mut lambda = FakeLambda::start().await;
    let mut mine = Measured::default();
    let mut other = Measured::default();
    let mut ratio = Samples::default();
    for pair in 0..WARM_UPS + PAIRS {
        let first = begin(&product, &mut lambda, &stand).await;
        let second = begin(&hello, &mut lambda, &stand).await;
        if pair >= WARM_UPS {
            ratio.add(ms(first.poll) / ms(second.poll));
            mine.add(&first);
            other.add(&second);
        }
    }
    let rows = [
        mine.poll.row("product: process start to first poll", 2),
        other.poll.row("hello: process start to first poll", 2),
        ratio.row("ratio of each pair", 2),
        mine.table.row(
            "product: request given to start transaction at the table",
            2,
        ),
        mine.answer.row("product: from there to the first event", 2),
        other.answer.row("hello: request given to first event", 2),
        mine.total.row("product: process start to first event", 2),
        other.total.row("hello: process start to first event", 2),
        mine.resident
            .row("product: MB resident at the first event", 1),
        other
            .resident
            .row("hello: MB resident at the first event", 1),
    ];
    let title = format!("Cold start: ms, {PAIRS} pairs");
    report::table(&title, &SPREAD, &rows);
    println!(
        "Size: orchestrator {}, hello {}.",
        size(&product),
        size(&hello)
    );
    let ratio = ratio.median();
    let what = format!("the first poll within {MOST} × the hello function's");
    report::goal(&what, ratio <= MOST, &format!("median ratio {ratio:.2}"));
}

/// Builds a binary with the release profile; gives its path.
fn build(package: &str, binary: &str) -> PathBuf {
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

fn size(binary: &Path) -> String {
    format!("{} KB", fs::metadata(binary).unwrap().len() / 1024)
}

struct Begun {
    poll: Duration,
    /// From the request to the start transaction, where there is one.
    table: Option<Duration>,
    /// From there, or from the request, to the first event.
    answer: Duration,
    total: Duration,
    resident: f64,
}

async fn begin(binary: &Path, lambda: &mut FakeLambda, stand: &Stand) -> Begun {
    let body = json!({"query": "How many are there?"});
    lambda.offer(START, &body);
    stand.table.record.take();
    let began = Instant::now();
    let child = spawn(binary, lambda, stand);
    let (mut polled, mut answered, mut resident) = (began, began, 0.0);
    loop {
        let did = timeout(LONGEST, lambda.did.recv()).await;
        match did.unwrap().unwrap() {
            Did::Poll(at) => polled = at,
            Did::Answer(at) => {
                answered = at;
                resident = resident_mb(&child);
            }
            Did::End => break,
        }
    }
    end(child);
    let seen = stand.table.record.take();
    let transaction = seen
        .iter()
        .find(|seen| seen.operation == "TransactWriteItems");
    let stored = transaction.map(|seen| seen.at);
    Begun {
        poll: polled - began,
        table: stored.map(|at| at - polled),
        answer: answered - stored.unwrap_or(polled),
        total: answered - began,
        resident,
    }
}

fn spawn(binary: &Path, lambda: &FakeLambda, stand: &Stand) -> Child {
    Command::new(binary)
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
        .env("AWS_ENDPOINT_URL_DYNAMODB", &stand.table.address)
        .env("AWS_ENDPOINT_URL_LAMBDA", &stand.tools.address)
        .env("QWEN_API_URL", &stand.models.address)
        .env("TABLE_NAME", TABLE)
        .env("ACCESS_KEY_SHA256", ACCESS_KEY_SHA256)
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
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

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[derive(Default)]
struct Measured {
    poll: Samples,
    table: Samples,
    answer: Samples,
    total: Samples,
    resident: Samples,
}

impl Measured {
    fn add(&mut self, begun: &Begun) {
        self.poll.add(ms(begun.poll));
        if let Some(table) = begun.table {
            self.table.add(ms(table));
        }
        self.answer.add(ms(begun.answer));
        self.total.add(ms(begun.total));
        self.resident.add(begun.resident);
    }
}
