//! The tool `code_interpreter`: runs a Python program for the model and says what became of it.
//!
//! A program runs in a process group of its own, in a fresh directory, with a fixed environment, under hard limits that
//! the harness sets before the program is compiled. That keeps programs apart and bounded; it does not hold a hostile
//! one, which can still reach the network, read what this user can read, and leave its group. The real sandbox comes as
//! a launcher between this tool and Python. Refuses to call a program's own failure a failure of the tool.

mod arguments;
mod capture;
mod config;
mod outcome;
mod process;
mod python;
mod report;
mod scratch;

use std::io;
use std::thread::available_parallelism;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tool::Failure;

use arguments::Arguments;
pub use config::{Config, Limits};
use outcome::Outcome;
use python::Python;
pub use python::PythonMissing;
use report::{MAX_VALUE_CHARS, Report};
use scratch::Scratch;

/// What is left of a deadline for ending a program, clearing up and the answer's way back.
const REPLY_MARGIN: Duration = Duration::from_secs(1);
/// An answer waits no longer than this for a program's directory to be gone.
const MAX_REMOVAL_WAIT: Duration = Duration::from_millis(500);

/// Runs programs, each in a process of its own; calls may run side by side.
pub struct Interpreter {
    config: Config,
    python: OnceCell<Python>,
}

impl Interpreter {
    pub fn new(config: Config) -> Self {
        Self {
            config,
            python: OnceCell::new(),
        }
    }

    /// The version of the Python that programs get, as `3.13.1`.
    pub async fn version(&self) -> Result<String, PythonMissing> {
        Ok(self.python().await?.version.clone())
    }

    /// Performs one call: `{code, stdin, timeout}` in, what became of the program out.
    pub async fn handle(&self, request: tool::Request) -> tool::Response {
        let deadline = UNIX_EPOCH + Duration::from_millis(request.deadline_ms);
        host::respond(self.interpret(request.arguments, deadline).await)
    }

    async fn interpret(
        &self,
        arguments: Map<String, Value>,
        deadline: SystemTime,
    ) -> Result<Outcome, Failure> {
        let arguments = Arguments::parse(arguments)?;
        let python = self.python().await.map_err(python_missing)?;
        let left = deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let limit = arguments.timeout.min(left.saturating_sub(REPLY_MARGIN));
        if limit.is_zero() {
            let message = "no time was left to run the program";
            return Err(Failure::new("timeout", message, true));
        }
        self.run(python, arguments, limit)
            .await
            .map_err(unavailable)
    }

    async fn run(
        &self,
        python: &Python,
        arguments: Arguments,
        limit: Duration,
    ) -> io::Result<Outcome> {
        let Arguments { code, stdin, .. } = arguments;
        let root = self.config.scratch_root.clone();
        let scratch = spawn_blocking(move || Scratch::create(&root, &code)).await??;
        let mut command = self.command(python, &scratch, limit);
        let finished = process::run(&mut command, stdin.as_bytes(), limit).await?;
        let read = move || (Report::read(scratch.report()), scratch);
        let (report, scratch) = spawn_blocking(read).await?;
        let removal = spawn_blocking(move || drop(scratch));
        if timeout(MAX_REMOVAL_WAIT, removal).await.is_err() {
            tracing::info!("a program's directory takes long to remove");
        }
        Ok(Outcome::new(finished, report))
    }

    fn command(&self, python: &Python, scratch: &Scratch, limit: Duration) -> Command {
        let settings = json!({
            "code": scratch.code(),
            "report": scratch.report_path(),
            "max_value_chars": MAX_VALUE_CHARS,
            "limits": self.limits(limit),
        });
        let mut command = Command::new(&python.executable);
        command
            .args(["-I", "-B", "-X", "utf8"])
            .arg(scratch.harness())
            .arg(settings.to_string())
            .current_dir(scratch.work())
            .env_clear()
            .env("HOME", scratch.work())
            .env("TMPDIR", scratch.tmp())
            .env("MPLCONFIGDIR", scratch.tmp())
            .envs(ENVIRONMENT);
        command
    }

    /// By the names that Python's `resource` has for them.
    fn limits(&self, limit: Duration) -> Value {
        let limits = &self.config.limits;
        // Wall-clock time is what ends a program; this ends it should nobody be left to watch the clock.
        let cores = available_parallelism().map_or(1, |cores| cores.get() as u64);
        json!({
            "AS": limits.memory_bytes,
            "FSIZE": limits.file_bytes,
            "NOFILE": limits.open_files,
            "CPU": (limit.as_secs() + 1) * cores,
            "CORE": 0,
        })
    }

    async fn python(&self) -> Result<&Python, PythonMissing> {
        let find = || python::find(&self.config.python);
        self.python.get_or_try_init(find).await
    }
}

/// All that a program sees besides its own directories. Nothing of this process's environment goes on to it.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("LANG", "C.UTF-8"),
    ("MPLBACKEND", "Agg"),
    // Each thread of a numeric library reserves address space, and a program has little.
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
];

fn python_missing(error: PythonMissing) -> Failure {
    tracing::error!(%error, "no program can run");
    let message = format!("no code can be run here, and only the operator can mend that: {error}");
    Failure::new("python_missing", message, false)
}

fn unavailable(error: io::Error) -> Failure {
    tracing::error!(%error, "a program could not be run");
    let message = format!("the program could not be run: {}", error.kind());
    Failure::new("unavailable", message, true)
}
