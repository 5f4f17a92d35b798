//! The tool `code_interpreter`: runs a Python program for the model and says what became of it.
//!
//! Python is started before, with and without its packages imported, and each program is a fork of it: in a directory of its own, under
//! hard limits, and isolated as well as this system can ([`Level`]). Refuses to run anything where the isolation that is
//! promised cannot be had, and to call a program's own failure a failure of the tool.

mod arguments;
mod artifacts;
mod capture;
mod cgroup;
mod config;
mod engine;
mod files;
mod home;
mod job;
mod locks;
mod memory;
mod names;
mod origin;
mod outcome;
mod plain_name;
mod prepared_process;
mod probe;
mod python;
mod quota;
mod report;
mod run;
mod sandbox;
mod scratch;
mod slots;
mod unready;
mod zygotes;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use tool::{Failure, Request, Response};

use arguments::Arguments;
pub use config::{BadVariable, Config, Isolation, Limits};
use engine::{Done, Engine};
use job::Job;
use python::Python;
pub use python::PythonMissing;
pub use sandbox::{Level, Refusal};
pub use unready::Unready;

/// What is left of a deadline for ending a program, clearing up and the answer's way back.
const REPLY_MARGIN: Duration = Duration::from_secs(1);

/// Runs programs, each in a process of its own; calls may run side by side.
pub struct Interpreter {
    config: Config,
    python: OnceCell<Python>,
    engine: OnceCell<Arc<Engine>>,
}

impl Interpreter {
    pub fn new(config: Config) -> Self {
        Self {
            config,
            python: OnceCell::new(),
            engine: OnceCell::new(),
        }
    }

    /// The version of the Python that programs get, as `3.13.1`.
    pub async fn version(&self) -> Result<String, PythonMissing> {
        Ok(self.python().await?.version.clone())
    }

    /// What will stand between programs and the rest; an error says why nothing runs.
    pub async fn isolation(&self) -> Result<Level, Unready> {
        Ok(self.engine().await?.level())
    }

    /// Starts Python before the first call does. Gives those packages that programs find imported already.
    pub async fn warm_up(&self) -> Result<Vec<String>, Unready> {
        Ok(self.engine().await?.warm_up().await?)
    }

    /// Performs one call: `{code, stdin, timeout}` in, what became of the program out. `{"action": "probe"}`, which no
    /// model is offered, is answered with what this system offers for isolation.
    pub async fn handle(&self, request: Request) -> Response {
        if probe::is_asked(&request.arguments) {
            return host::respond(self.probe().await);
        }
        let deadline = UNIX_EPOCH + Duration::from_millis(request.deadline_ms);
        match self.interpret(request, deadline).await {
            Ok((outcome, files)) => with_artifacts(host::respond(Ok(outcome)), files),
            Err(failure) => Response::Failed(failure),
        }
    }

    async fn interpret(&self, request: Request, deadline: SystemTime) -> Result<Done, Failure> {
        let limits = &self.config.limits;
        let arguments = Arguments::parse(request.arguments, limits.seconds)?;
        let files = files::named(request.files, limits.artifact_bytes)?;
        let engine = self.engine().await.map_err(unready)?;
        let ready = engine.prepare(&arguments.code).await;
        ready.map_err(unavailable)?;
        // Waits while too many programs run.
        let permit = engine.permit().await.map_err(unavailable)?;
        let left = deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let limit = arguments.timeout.min(left.saturating_sub(REPLY_MARGIN));
        if limit.is_zero() {
            let message = "no time was left to run the program";
            return Err(Failure::new("timeout", message, true));
        }
        let job = Job {
            arguments,
            files,
            limit,
        };
        engine.run(job, permit).await.map_err(unavailable)
    }

    async fn probe(&self) -> Result<Map<String, Value>, Failure> {
        let missing = |error| unready(Unready::PythonMissing(error));
        let python = self.python().await.map_err(missing)?;
        Ok(probe::answer(python, self.isolation().await))
    }

    async fn python(&self) -> Result<&Python, PythonMissing> {
        let find = || python::find(&self.config.python);
        self.python.get_or_try_init(find).await
    }

    async fn engine(&self) -> Result<&Arc<Engine>, Unready> {
        let prepare = || async {
            let python = self.python().await?;
            let level = sandbox::choose(&self.config, python)?;
            tracing::info!(isolation = %level, python = python.version, "programs are isolated");
            let engine = Engine::new(self.config.clone(), python.clone(), level)?;
            Ok::<_, Unready>(Arc::new(engine))
        };
        self.engine.get_or_try_init(prepare).await
    }
}

fn with_artifacts(response: Response, files: Vec<tool::File>) -> Response {
    match response {
        Response::Ok { result, .. } => Response::Ok {
            result,
            artifacts: files,
        },
        Response::Failed(failure) => Response::Failed(failure),
    }
}

fn unready(error: Unready) -> Failure {
    tracing::error!(%error, "no program can run");
    let code = match error {
        Unready::PythonMissing(_) => "python_missing",
        Unready::NotIsolated(_) => "isolation_missing",
        Unready::Broken(_) => "unavailable",
    };
    let message = format!("no code can be run here, and only the operator can mend that: {error}");
    Failure::new(code, message, false)
}

fn unavailable(error: io::Error) -> Failure {
    tracing::error!(%error, "a program could not be run");
    let message = format!("the program could not be run: {}", error.kind());
    Failure::new("unavailable", message, true)
}
