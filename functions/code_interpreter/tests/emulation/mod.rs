//! Starts the tool as Lambda does: as an ordinary user, in a process namespace of its own, under a filter that refuses what
//! Lambda refuses, with a function's variables and a file that may be run but not read.

use std::fs;
use std::io::{BufRead as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use code_interpreter::{Config, Interpreter};
use seccompiler::{SeccompAction, SeccompFilter};
use serde_json::Value;
use tempfile::TempDir;

use crate::kit::request;

/// Past the users that programs of root get: each emulated function has one of its own, because the kernel counts a user's
/// processes wherever they run.
const FIRST_USER: u32 = 61_180;
const USERS: u32 = 4_000;
/// In the environment of an emulated function, and of nothing else.
const EMULATED: &str = "CODE_INTERPRETER_EMULATED";
/// Set where these tests must run: a machine that cannot run them fails them then.
const REQUIRED: &str = "EMULATION_REQUIRED";
/// Before each answer, and in no other line.
const ANSWER: &str = "ANSWER ";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    InLambda,
    /// With Lambda's variables, and a process beside it that it could kill.
    BesideAnother,
    /// With Lambda's variables, and a file that may be read.
    Readable,
    /// Without Lambda's variables.
    Elsewhere,
    /// The same, and the operator accepts a mere process.
    AsProcess,
}

pub struct Emulation {
    root: TempDir,
    user: u32,
}

impl Emulation {
    /// `None`, and a line that says so, where this system gives this user no process namespace.
    pub fn prepare() -> Option<Self> {
        let root = tempfile::tempdir().unwrap();
        let user = next_user();
        let emulation = Self { root, user };
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(emulation.root.path(), open.clone()).unwrap();
        fs::create_dir(emulation.scratch()).unwrap();
        fs::set_permissions(emulation.scratch(), open).unwrap();
        fs::copy(std::env::current_exe().unwrap(), emulation.function()).unwrap();
        let tried = emulation.apart("true").output().unwrap();
        if !tried.status.success() {
            let said = String::from_utf8_lossy(&tried.stderr);
            let missing = format!("this user gets no process namespace here: {said}");
            assert!(std::env::var_os(REQUIRED).is_none(), "{missing}");
            println!("NOT RUN: {missing}");
            return None;
        }
        Some(emulation)
    }

    fn scratch(&self) -> PathBuf {
        self.root.path().join("scratch")
    }

    fn function(&self) -> PathBuf {
        self.root.path().join("function")
    }

    /// What is left in the directory of all programs, but for the Python that is ready for the next.
    pub fn left(&self) -> Vec<String> {
        fs::read_dir(self.scratch())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("python-"))
            .collect()
    }

    /// A shell's command line, in a process namespace of its own whose first process is that shell, and as another user.
    fn apart(&self, line: &str) -> Command {
        let user = self.user;
        let mut command = Command::new("unshare");
        let mut first = format!("sh -c '{line}'; exit $?");
        if rustix::process::geteuid().is_root() {
            let user = format!("setpriv --reuid={user} --regid={user} --clear-groups ");
            first.insert_str(0, &user);
        } else {
            let ids = [format!("--map-user={user}"), format!("--map-group={user}")];
            command.arg("--user").args(ids);
        }
        command.args(["--pid", "--fork", "--kill-child", "--mount-proc"]);
        command.args(["sh", "-c", &first]);
        command.stdin(Stdio::null());
        command
    }

    /// Answers to `calls`, one after the other, as far as the function lived to give them.
    pub fn ask(&self, start: Start, calls: Vec<Value>) -> Vec<Value> {
        let function =
            "exec \"$FUNCTION\" --exact emulated_function --ignored --nocapture --test-threads=1";
        let line = match start {
            Start::BesideAnother => format!("sleep 1000 & {function}"),
            Start::InLambda | Start::Readable | Start::Elsewhere | Start::AsProcess => {
                function.to_owned()
            }
        };
        let mode = if start == Start::Readable {
            0o755
        } else {
            0o111
        };
        fs::set_permissions(self.function(), fs::Permissions::from_mode(mode)).unwrap();
        let mut command = self.apart(&line);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("FUNCTION", self.function())
            .env("TMPDIR", self.scratch())
            .env(EMULATED, "1")
            // So few that a busy disk is fast enough to pass them.
            .env("CODE_INTERPRETER_FILES", "1000")
            .env("AWS_SECRET_ACCESS_KEY", "emulated-secret");
        match start {
            Start::InLambda | Start::BesideAnother | Start::Readable => {
                command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001");
            }
            Start::Elsewhere => {}
            Start::AsProcess => {
                command.env("CODE_INTERPRETER_ISOLATION", "process");
            }
        }
        if let Some(python) = std::env::var_os("PYTHON") {
            command.env("PYTHON", python);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut stdin = process.stdin.take().unwrap();
        for call in calls {
            writeln!(stdin, "{call}").unwrap();
        }
        drop(stdin);
        let said = process.wait_with_output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let answers = said.lines().filter_map(|line| line.strip_prefix(ANSWER));
        answers
            .map(|answer| serde_json::from_str(answer).unwrap())
            .collect()
    }
}

fn next_user() -> u32 {
    static EMULATIONS: AtomicU32 = AtomicU32::new(0);
    let emulation = EMULATIONS.fetch_add(1, Ordering::Relaxed);
    FIRST_USER + std::process::id().wrapping_mul(101).wrapping_add(emulation) % USERS
}

/// The emulated function: answers the calls on its standard input.
pub fn serve() {
    if std::env::var_os(EMULATED).is_none() {
        return;
    }
    host::logs::init();
    refuse_what_lambda_refuses();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let interpreter = Interpreter::new(Config::from_env().unwrap());
    for line in std::io::stdin().lock().lines() {
        let arguments = serde_json::from_str(&line.unwrap()).unwrap();
        let response = runtime.block_on(interpreter.handle(request(arguments, 60_000)));
        assert_nothing_survived();
        let response = serde_json::to_string(&response).unwrap();
        println!("\n{ANSWER}{response}");
    }
}

/// The homes of what ran before are gone: a process that lives on shows by the home that it began with.
fn assert_nothing_survived() {
    for process in fs::read_dir("/proc").unwrap() {
        let Ok(environment) = fs::read(process.unwrap().path().join("environ")) else {
            continue;
        };
        let environment = String::from_utf8_lossy(&environment).into_owned();
        let mut variables = environment.split('\0');
        let home = variables.find_map(|variable| variable.strip_prefix("HOME="));
        assert!(
            home.is_none_or(|home| Path::new(home).is_dir()),
            "{environment}"
        );
    }
}

fn refuse_what_lambda_refuses() {
    let filter = |calls: &[i64], errno: i32| {
        let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
        let action = SeccompAction::Errno(errno.unsigned_abs());
        let arch = std::env::consts::ARCH.try_into().unwrap();
        SeccompFilter::new(rules, SeccompAction::Allow, action, arch)
            .unwrap()
            .try_into()
            .unwrap()
    };
    let landlock: Vec<i64> = vec![
        libc::SYS_landlock_create_ruleset,
        libc::SYS_landlock_add_rule,
        libc::SYS_landlock_restrict_self,
    ];
    let refused = [
        libc::SYS_prctl,
        libc::SYS_seccomp,
        libc::SYS_ptrace,
        libc::SYS_unshare,
    ];
    // The second one refuses to be followed by another.
    let filters: [seccompiler::BpfProgram; 2] = [
        filter(&landlock, libc::ENOSYS),
        filter(&refused, libc::EPERM),
    ];
    for filter in filters {
        seccompiler::apply_filter_all_threads(&filter).unwrap();
    }
}
