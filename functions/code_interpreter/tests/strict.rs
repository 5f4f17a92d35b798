//! The hostile programs where the kernel holds them.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod kit;
mod outside;

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
    bench.cleared().await;
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
        kill(parent_of(forked(&bench)[0]));
    };
    let (response, ()) = tokio::join!(bench.respond(arguments, 60_000), kill);
    assert_eq!(response["result"]["error"], "killed", "{response}");
    assert_eq!(bench.run("1").await["value"], "1");
    // A launcher, a zygote and what waits for the next program.
    until(|| bench.processes().len() == 3).await;
}

/// The processes of programs, and those that wait for one: their parent is a zygote, whose parent is a launcher, which the tool
/// has started.
fn forked(bench: &Bench) -> Vec<i32> {
    let tool = std::process::id().cast_signed();
    let is_forked = |pid: &i32| parent_of(parent_of(parent_of(*pid))) == tool;
    bench.processes().into_iter().filter(is_forked).collect()
}

async fn waiting(bench: &Bench) -> i32 {
    until(|| forked(bench).len() == 1).await;
    forked(bench)[0]
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_waits_for_a_program_and_runs_no_other() {
    let bench = Bench::new();
    bench.run("1").await;
    let mut earlier = Vec::new();
    for _ in 0..3 {
        let pid = waiting(&bench).await;
        assert!(!earlier.contains(&pid));
        let code = "import os; os.getpid(), sorted(vars())";
        let names = "['__builtins__', '__doc__', '__file__', '__loader__', '__name__', '__package__', '__spec__', 'os']";
        assert_eq!(bench.run(code).await["value"], format!("({pid}, {names})"));
        earlier.push(pid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_has_gone_while_it_waited_is_replaced() {
    let bench = Bench::new();
    for _ in 0..2 {
        assert_eq!(bench.run("1").await["value"], "1");
        kill(waiting(&bench).await);
        assert_eq!(bench.run("2").await["value"], "2");
        // The zygote, and soon after it what it has forked, and its launcher.
        kill(parent_of(waiting(&bench).await));
        until(|| bench.processes().is_empty()).await;
    }
    assert_eq!(bench.run("3").await["value"], "3");
    waiting(&bench).await;
    for directory in bench.files("./code.py") {
        std::fs::remove_dir_all(directory.parent().unwrap()).unwrap();
    }
    assert_eq!(bench.run("4").await["value"], "4");
}

const REACH: &str = "import os, time
open('begun', 'w').close()
while not os.path.exists('pid'): time.sleep(0.01)
pid = int(open('pid').read())
for attempt in (
    lambda: os.kill(pid, 9),
    lambda: open('/proc/%d/mem' % pid),
    lambda: open('/proc/%d/fd/0' % pid),
    lambda: os.listdir('../..'),
):
    try: attempt()
    except PermissionError: print('refused', end=' ')";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_kept_from_the_process_that_waits_for_the_next_one() {
    let bench = Bench::new();
    let next = async {
        until(|| bench.count("work/begun") == 1).await;
        let of_program = forked(&bench);
        // When this one has ended, another process waits.
        bench.respond(json!({"code": "1"}), 60_000).await;
        until(|| forked(&bench).len() == 2).await;
        let mut pids = forked(&bench).into_iter();
        let waiting = pids.find(|pid| !of_program.contains(pid)).unwrap();
        let directory = bench.files("work/begun")[0].parent().unwrap().to_owned();
        // Whole as soon as it is there.
        std::fs::write(directory.join("new"), waiting.to_string()).unwrap();
        std::fs::rename(directory.join("new"), directory.join("pid")).unwrap();
        waiting
    };
    let (response, waiting) = tokio::join!(bench.respond(json!({"code": REACH}), 60_000), next);
    let stdout = &response["result"]["stdout"];
    assert_eq!(stdout, "refused refused refused refused ", "{response}");
    let ran = bench.run("import os; os.getpid()").await;
    assert_eq!(ran["value"], waiting.to_string());
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
