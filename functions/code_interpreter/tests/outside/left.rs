//! What a tool that was killed has left, and who may look into a program's directory.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use code_interpreter::{Config, Interpreter};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::kit::{Bench, parent_of, request};
use crate::{TOOL_ROOT, until, waiting};

fn tool_with_a_program(bench: &Bench) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tool_with_a_program", "--ignored"])
        .env(TOOL_ROOT, bench.root.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn homes(bench: &Bench) -> Vec<PathBuf> {
    let entries = fs::read_dir(bench.root.path()).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

async fn value_of_one(interpreter: &Interpreter) -> serde_json::Value {
    let response = interpreter.handle(request(json!({"code": "1"}), 60_000));
    serde_json::to_value(response.await).unwrap()["result"]["value"].take()
}

fn another(root: &Path) -> Interpreter {
    Interpreter::new(Config {
        scratch_root: root.to_owned(),
        ..Config::from_env().unwrap()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_tool_left_is_removed_and_what_lives_is_not_touched() {
    let bench = Bench::new();
    let mut tool = tool_with_a_program(&bench);
    until(|| bench.count("work/begun-") == 2).await;
    let of_killed = homes(&bench);
    assert_eq!(of_killed.len(), 1);
    // While that one lives, another one begins beside it.
    assert_eq!(value_of_one(&bench.interpreter).await, "1");
    assert!(of_killed[0].is_dir());
    let of_both = homes(&bench);
    assert_eq!(of_both.len(), 2);
    tool.kill().unwrap();
    tool.wait().unwrap();
    // What is nobody's, or somebody else's, is not touched either.
    fs::create_dir(bench.root.path().join("code_interpreter")).unwrap();
    fs::write(bench.root.path().join("code_interpreter-file"), "").unwrap();
    // Killed as it made its own, an hour ago; the other one may be at it.
    let unfinished = bench.root.path().join(".code_interpreter-earlier");
    for path in [
        &unfinished,
        &bench.root.path().join(".code_interpreter-now"),
    ] {
        fs::create_dir(path).unwrap();
    }
    let earlier = SystemTime::now() - Duration::from_hours(1);
    File::open(&unfinished)
        .unwrap()
        .set_modified(earlier)
        .unwrap();

    let next = another(bench.root.path());
    assert_eq!(value_of_one(&next).await, "1");
    until(|| !of_killed[0].exists() && !unfinished.exists()).await;
    let left = homes(&bench);
    assert!(of_both.iter().any(|home| left.contains(home)), "{left:?}");
    assert_eq!(left.len(), 5, "{left:?}");
    assert_eq!(value_of_one(&bench.interpreter).await, "1");
}

/// Who clears a directory of temporary files by age asks for the lock of each folder in it.
#[tokio::test(flavor = "multi_thread")]
async fn the_directory_is_locked_itself_and_made_again_where_somebody_removes_it() {
    let bench = Bench::new();
    assert_eq!(value_of_one(&bench.interpreter).await, "1");
    for _ in 0..2 {
        let of_tool = homes(&bench);
        assert_eq!(of_tool.len(), 1, "{of_tool:?}");
        assert!(File::open(&of_tool[0]).unwrap().try_lock().is_err());
        waiting(&bench).await;
        fs::remove_dir_all(&of_tool[0]).unwrap();
        assert_eq!(value_of_one(&bench.interpreter).await, "1");
        assert_eq!(value_of_one(&bench.interpreter).await, "1");
    }
    until(|| bench.processes().len() == 3).await;
}

/// As when the kernel has ended all that watched them.
#[tokio::test(flavor = "multi_thread")]
async fn programs_that_nobody_watches_any_more_end_with_the_next_start() {
    let bench = Bench::new();
    let mut tool = tool_with_a_program(&bench);
    until(|| bench.count("work/begun-") == 2).await;
    let signal = |pid: i32, signal| kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    let tool_pid = tool.id().cast_signed();
    let of_tool = |depth: u32| -> Vec<i32> {
        let above = |pid: &i32| (0..depth).fold(*pid, |pid, _| parent_of(pid)) == tool_pid;
        bench.processes().into_iter().filter(above).collect()
    };
    let (launchers, zygotes) = (of_tool(1), of_tool(2));
    for pid in &launchers {
        signal(*pid, Signal::STOP);
    }
    for pid in [&zygotes[..], &launchers, &[tool_pid]].concat() {
        signal(pid, Signal::KILL);
    }
    tool.wait().unwrap();
    let gone = |pid: &i32| !Path::new(&format!("/proc/{pid}")).exists();
    until(|| launchers.iter().all(gone)).await;
    let orphans = bench.processes();
    assert!(orphans.len() >= 2, "{orphans:?}");

    let next = another(bench.root.path());
    assert_eq!(value_of_one(&next).await, "1");
    until(|| orphans.iter().all(|pid| gone(pid) || parent_of(*pid) == 0)).await;
}

/// What programs find, write and leave is not for other users of the machine.
#[tokio::test(flavor = "multi_thread")]
async fn a_programs_directory_is_readable_to_nobody_else() {
    let bench = Bench::new();
    let code = "import os, time\nos.mkdir('folder'); open('begun', 'w').write('secret')\nwhile not os.path.exists('go'): time.sleep(0.01)";
    let look = async {
        until(|| bench.count("work/begun") == 1).await;
        let work = bench.files("work/begun")[0].parent().unwrap().to_owned();
        let program = work.parent().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
        for path in [
            "work",
            "tmp",
            "code.py",
            "report.json",
            "work/begun",
            "work/folder",
        ] {
            assert_eq!(mode(&program.join(path)), 0, "{path}");
        }
        // Others pass through at most, and cannot list what is there.
        for directory in [program, program.parent().unwrap()] {
            assert_eq!(mode(directory) & 0o066, 0, "{}", directory.display());
        }
        fs::write(work.join("go"), "").unwrap();
    };
    let (response, ()) = tokio::join!(bench.respond(json!({"code": code}), 60_000), look);
    assert_eq!(response["result"]["success"], true, "{response}");
}
