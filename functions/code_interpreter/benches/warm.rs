//! How long a call takes end to end through the handler, warm, beside a cold `python3` that runs the same program.
//!
//! `cargo bench -p code_interpreter`. Prints Markdown. Product and baseline take turns in one process, with a pause before each; numpy, pandas and
//! matplotlib come from `PyPI` into the target folder, once.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "../tests/kit/mod.rs"]
mod kit;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use code_interpreter::Config;
use futures_util::future::join_all;
use kit::{Bench, packages};
use serde_json::json;
use tokio::time::sleep;

const PAIRS: usize = 30;
const AT_ONCE: usize = 50;
/// Before each: the next process gets ready, and the last one is taken apart, beside neither.
const PAUSE: Duration = Duration::from_millis(100);
const PROGRAMS: [(&str, &str); 4] = [
    ("print(1)", "print(1)"),
    ("numpy", "import numpy as np\nprint(np.arange(1000).sum())"),
    (
        "pandas",
        "import pandas as pd\nprint(pd.DataFrame({'a': [1, 2, 3]}).a.sum())",
    ),
    (
        "a figure",
        "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.savefig('figure.png')",
    ),
];

#[tokio::main]
async fn main() {
    let python = packages::python().await;
    let bench = Bench::with_config(Config {
        python: python.clone(),
        ..Config::from_env().unwrap()
    });
    let level = bench.interpreter.isolation().await.unwrap();
    bench.interpreter.warm_up().await.unwrap();
    println!("### Interpreter: ms, {PAIRS} pairs, isolation {level}\n");
    println!("| program | min | median | max | cold python3: median | ratio of the medians |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, code) in PROGRAMS {
        compare(&bench, &python, name, code).await;
    }
    without_a_pause(&bench).await;
    at_once(&bench).await;
}

async fn compare(bench: &Bench, python: &std::path::Path, name: &str, code: &str) {
    let cold_directory = tempfile::tempdir().unwrap();
    let (mut warm, mut cold) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        sleep(PAUSE).await;
        warm.push(call(bench, code).await);
        sleep(PAUSE).await;
        let begun = Instant::now();
        let status = Command::new(python)
            .args(["-c", code])
            .current_dir(cold_directory.path())
            .stdout(Stdio::null())
            .status();
        cold.push(begun.elapsed());
        assert!(status.unwrap().success());
    }
    warm.sort();
    cold.sort();
    let (middle, cold_middle) = (ms(warm[PAIRS / 2]), ms(cold[PAIRS / 2]));
    println!(
        "| {name} | {:.1} | {middle:.1} | {:.1} | {cold_middle:.1} | {:.0} |",
        ms(warm[0]),
        ms(warm[PAIRS - 1]),
        cold_middle / middle
    );
}

async fn call(bench: &Bench, code: &str) -> Duration {
    let begun = Instant::now();
    let response = bench.respond(json!({"code": code}), 60_000).await;
    let time = begun.elapsed();
    assert_eq!(response["result"]["success"], true, "{response}");
    time
}

/// Each finds the process that was asked for when the answer before it went.
async fn without_a_pause(bench: &Bench) {
    println!("\n### Interpreter: ms, {PAIRS} calls one after the other, without a pause\n");
    println!("| program | min | median | max |");
    println!("|---|---:|---:|---:|");
    for (name, code) in PROGRAMS {
        let mut times = Vec::new();
        for _ in 0..PAIRS {
            times.push(call(bench, code).await);
        }
        times.sort();
        let [min, median, max] = [0, PAIRS / 2, PAIRS - 1].map(|at| ms(times[at]));
        println!("| {name} | {min:.1} | {median:.1} | {max:.1} |");
    }
}

async fn at_once(bench: &Bench) {
    println!("\n### Interpreter: {AT_ONCE} calls at once\n");
    println!("| program | succeeded | s until the last |");
    println!("|---|---:|---:|");
    for (name, code) in PROGRAMS {
        let begun = Instant::now();
        let calls =
            (0..AT_ONCE).map(|_| bench.respond(json!({"code": code, "timeout": 30}), 120_000));
        let responses = join_all(calls).await;
        let succeeded = responses
            .iter()
            .filter(|it| it["result"]["success"] == true);
        println!(
            "| {name} | {} | {:.2} |",
            succeeded.count(),
            begun.elapsed().as_secs_f64()
        );
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
