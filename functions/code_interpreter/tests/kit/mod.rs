//! What the suites share: the tool on a directory of its own, and what stands in `/proc` of a program.

#![allow(dead_code, reason = "no suite uses all of it")]

pub mod packages;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use code_interpreter::{Config, Interpreter, Limits};
use serde_json::{Value, json};
use tokio::time::timeout;

/// An interpreter with a directory of its own, in which nothing may be left.
pub struct Bench {
    pub root: tempfile::TempDir,
    pub interpreter: Interpreter,
}

impl Bench {
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    pub fn with_limits(limits: Limits) -> Self {
        Self::with_config(Config {
            limits,
            ..Config::from_env().unwrap()
        })
    }

    pub fn with_config(config: Config) -> Self {
        host::logs::init();
        let root = tempfile::tempdir().unwrap();
        // Programs of root have users of their own, who must get to their directories.
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let config = Config {
            scratch_root: root.path().to_owned(),
            ..config
        };
        Self {
            root,
            interpreter: Interpreter::new(config),
        }
    }

    pub async fn respond(&self, arguments: Value, time_ms: u64) -> Value {
        let request = request(arguments, time_ms);
        serde_json::to_value(self.interpreter.handle(request).await).unwrap()
    }

    /// The result of a call that must be `ok`.
    pub async fn call(&self, arguments: Value) -> Value {
        let mut response = self.respond(arguments, 60_000).await;
        assert_eq!(response["ok"], true, "{response}");
        self.cleared().await;
        response["result"].take()
    }

    pub async fn run(&self, code: &str) -> Value {
        self.call(json!({"code": code})).await
    }

    /// Processes that belong to this bench, by their numbers: all have its directory in the environment that they began with.
    pub fn processes(&self) -> Vec<i32> {
        let root = self.root.path().to_str().unwrap().as_bytes();
        let is_of_bench = |path: &PathBuf| {
            let environment = fs::read(path.join("environ")).unwrap_or_default();
            // The tool itself may have been told of it, too.
            !environment.windows(5).any(|it| it == b"TOOL_")
                && environment.windows(root.len()).any(|it| it == root)
        };
        let mut found: Vec<i32> = fs::read_dir("/proc")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(is_of_bench)
            .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
            .collect();
        found.sort_unstable();
        found
    }

    /// How many files in programs' directories have a name that begins so.
    pub fn count(&self, beginning: &str) -> usize {
        self.files(beginning).len()
    }

    /// The files in programs' directories whose names begin so.
    pub fn files(&self, beginning: &str) -> Vec<PathBuf> {
        let (folder, beginning) = beginning.rsplit_once('/').unwrap();
        self.directories()
            .into_iter()
            .filter_map(|directory| fs::read_dir(directory.join(folder)).ok())
            .flatten()
            .map(|file| file.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap();
                name.to_str().unwrap().starts_with(beginning)
            })
            .collect()
    }

    /// Waits until no program's directory is left: the answer does not wait for that.
    pub async fn cleared(&self) {
        let wait = async {
            while self.left() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_mins(1), wait).await.unwrap();
    }

    /// Programs' directories that are left. Those of processes that wait for one begin empty, and then hold an empty one.
    fn left(&self) -> usize {
        let is_of_a_program = |path: &PathBuf| {
            let name = path.file_name().unwrap();
            name.to_string_lossy().starts_with("code-")
        };
        let waits = |path: &PathBuf| {
            fs::read_dir(path).is_ok_and(|mut files| files.next().is_none())
                || fs::metadata(path.join("code.py")).is_ok_and(|code| code.len() == 0)
        };
        let directories = self.directories().into_iter();
        directories
            .filter(|path| is_of_a_program(path) && !waits(path))
            .count()
    }

    /// The directories of programs and Pythons, in that of each process of the tool.
    pub fn directories(&self) -> Vec<PathBuf> {
        let inside = |path: PathBuf| fs::read_dir(path).into_iter().flatten();
        inside(self.root.path().to_owned())
            .flat_map(|home| inside(home.unwrap().path()))
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect()
    }
}

pub fn request(arguments: Value, time_ms: u64) -> tool::Request {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now_ms = u64::try_from(now.as_millis()).unwrap();
    let request = json!({
        "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "code_interpreter",
        "arguments": arguments, "deadline_ms": now_ms + time_ms,
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
    });
    serde_json::from_value(request).unwrap()
}

/// A whole result: that of an empty program, but for `different`.
pub fn result(different: Value) -> Value {
    let mut result = json!({
        "success": true, "stdout": "", "stderr": "", "returncode": 0, "value": null, "error": null,
        "truncated": null, "artifacts": [], "isolation": "strict",
    });
    for (name, value) in different.as_object().unwrap() {
        result[name] = value.clone();
    }
    result
}

pub fn raised(traceback: &str) -> Value {
    json!({"success": false, "returncode": 1, "error": "exception", "stderr": traceback})
}

/// Without the marks by which newer Pythons show which part of a line raised.
pub fn unmarked(mut told: Value) -> Value {
    let stderr = told["stderr"].take();
    let lines = stderr.as_str().unwrap().split_inclusive('\n');
    let is_mark = |line: &&str| line.trim().starts_with(['^', '~']);
    told["stderr"] = lines
        .filter(|line| !is_mark(line))
        .collect::<String>()
        .into();
    told
}

pub fn parent_of(pid: i32) -> i32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // pid (name) state ppid pgrp: a name may hold anything, but it ends with the last bracket.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let parent = fields.split(' ').nth(1);
    parent.and_then(|parent| parent.parse().ok()).unwrap_or(0)
}

/// How many processes live in the group that a program has printed.
pub fn living_in_group(printed: &Value) -> usize {
    let group = printed.as_str().unwrap().lines().next().unwrap();
    let is_living = |stat: &String| {
        // pid (name) state ppid pgrp: a name may hold anything, but it ends with the last bracket.
        let fields: Vec<_> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
        fields[0] != "Z" && fields[2] == group
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.unwrap().path().join("stat")).ok())
        .filter(is_living)
        .count()
}
