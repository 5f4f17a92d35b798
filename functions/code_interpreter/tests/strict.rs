//! The hostile programs where the kernel holds them.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod kit;

use std::time::{Duration, Instant};

use code_interpreter::{Config, Interpreter, Limits};
use futures_util::StreamExt as _;
use futures_util::stream;
use hostile::{PROGRAMS, Program, faults};
use kit::{Bench, parent_of, request};
use serde_json::json;

/// Programs at once: more than cores, so that they are in each other's way.
const AT_ONCE: usize = 4;
/// What the machine may take beyond a program's own time, with others beside it.
const WATCHDOG: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_program_ends_as_it_must_and_spoils_nothing() {
    // So few that a busy disk is fast enough to pass them.
    let limits = Limits {
        files: 1_000,
        ..Limits::default()
    };
    let bench = Bench::with_limits(limits);
    let failed: Vec<String> = stream::iter(PROGRAMS)
        .map(|program| run(&bench, program))
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(bench.left(), 0);
    // A launcher, a zygote and what waits for the next program, and as many again where numpy, or more, is installed.
    assert!(bench.processes().len() <= 9, "{:?}", bench.processes());
}

const SLEEP: &str =
    "import os, time\nos.fork()\nopen('begun-%d' % os.getpid(), 'w').close()\ntime.sleep(600)";

/// Waits for what must come; on a busy machine that takes its time.
async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_end_with_the_zygote_and_the_next_one_gets_another() {
    let bench = Bench::new();
    let arguments = json!({"code": SLEEP, "timeout": 30});
    let kill = async {
        until(|| bench.count("work/begun-") == 2).await;
        // The tool has started the launcher, and that one the zygote.
        let started_by = |parent| {
            let processes = bench.processes();
            processes.into_iter().find(|pid| parent_of(*pid) == parent)
        };
        let launcher = started_by(std::process::id().cast_signed()).unwrap();
        let zygote = started_by(launcher).unwrap();
        let zygote = rustix::process::Pid::from_raw(zygote).unwrap();
        rustix::process::kill_process(zygote, rustix::process::Signal::KILL).unwrap();
    };
    let (response, ()) = tokio::join!(bench.respond(arguments, 60_000), kill);
    assert_eq!(response["result"]["error"], "killed", "{response}");
    assert_eq!(bench.run("1").await["value"], "1");
    // A launcher, a zygote and what waits for the next program.
    until(|| bench.processes().len() == 3).await;
}

/// Where the tool of the next test keeps its programs' directories.
const TOOL_ROOT: &str = "CODE_INTERPRETER_TOOL_ROOT";

#[tokio::test(flavor = "multi_thread")]
async fn programs_end_with_the_tool() {
    let bench = Bench::new();
    let mut tool = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tool_with_a_program", "--ignored"])
        .env(TOOL_ROOT, bench.root.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until(|| bench.count("work/begun-") == 2).await;
    tool.kill().unwrap();
    tool.wait().unwrap();
    until(|| bench.processes().is_empty()).await;
}

/// Not a test: what the test above starts and kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by another test"]
async fn tool_with_a_program() {
    let Some(root) = std::env::var_os(TOOL_ROOT) else {
        return;
    };
    let interpreter = Interpreter::new(Config {
        scratch_root: root.into(),
        ..Config::from_env().unwrap()
    });
    let request = request(json!({"code": SLEEP, "timeout": 30}), 60_000);
    interpreter.handle(request).await;
}

/// What is wrong with what became of a program.
async fn run(bench: &Bench, program: &Program) -> Option<String> {
    let begun = Instant::now();
    let response = bench.respond(program.arguments(), 60_000).await;
    let mut wrong = faults(&response, program.strict);
    if begun.elapsed() > Duration::from_secs(program.seconds) + WATCHDOG {
        wrong.push(format!("it took {:?}", begun.elapsed()));
    }
    if response["result"]["isolation"] != "strict" {
        wrong.push("it was not isolated".to_owned());
    }
    if let Some((code, value)) = program.next {
        let next = bench.respond(json!({"code": code}), 60_000).await;
        if next["result"]["value"].as_str().unwrap_or_default() != value {
            wrong.push(format!("then {next}"));
        }
    }
    let told = response.to_string();
    let told: String = told.chars().take(1500).collect();
    let Program { number, name, .. } = program;
    (!wrong.is_empty()).then(|| format!("{number} {name}: {}: {told}", wrong.join(", ")))
}
