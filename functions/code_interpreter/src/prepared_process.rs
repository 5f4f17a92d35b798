//! A process that has everything but its program: forked, held, in a directory of its own, with its streams.
//!
//! Refuses a second program: to begin one uses it up. Where none comes it ends when this is dropped, and nothing is left.

use std::io::{self, PipeWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::geteuid;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::cgroup::{Bound, Group};
use crate::config::Limits;
use crate::job::Job;
use crate::report::MAX_VALUE_CHARS;
use crate::run::{Streams, cpu_seconds};
use crate::sandbox::zygote::{Descriptors, ENVIRONMENT, Link, Zygote, ZygoteReply};
use crate::sandbox::{Policy, tasks};
use crate::scratch::Scratch;
use crate::slots::SlotNumber;

const MAX_FIGURES: u32 = 20;
/// Of one picture, in all that a program hands back.
pub const MAX_FIGURE_PIXELS: u64 = 16_000_000;

#[derive(Debug)]
pub struct PreparedProcess {
    link: Link,
    streams: Streams,
    scratch: Scratch,
    number: SlotNumber,
    limits_pipe: PipeWriter,
}

/// What belongs to a program that has begun.
#[derive(Debug)]
pub struct Running {
    pub link: Link,
    pub streams: Streams,
    pub scratch: Scratch,
    pub number: SlotNumber,
    /// The number of its first process, and of its group.
    pub group: i32,
    /// The kernel's bound for all its processes, where there is one.
    pub bounded: Bound,
}

/// Why a program did not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something that it needs was refused, or is not there any more.
    #[error("{0}")]
    Refused(String),
    #[error("Python has ended, or does not answer")]
    Gone,
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, TimedOut};
        match error.kind() {
            BrokenPipe | ConnectionReset | TimedOut => Self::Gone,
            _ => Self::Io(error),
        }
    }
}

impl PreparedProcess {
    /// Asks for a process. It makes itself ready after this returns.
    pub async fn fork(
        zygote: &Zygote,
        policy: &Policy,
        root: &Path,
        number: SlotNumber,
    ) -> io::Result<Self> {
        let (uid, root) = (policy.uid(number.value), root.to_owned());
        let scratch = spawn_blocking(move || Scratch::create(&root, uid)).await??;
        let (streams, ends) = Streams::new()?;
        let (theirs, limits_pipe) = io::pipe()?;
        let given = Descriptors {
            stdin: ends.stdin.into(),
            stdout: ends.stdout.into(),
            stderr: ends.stderr.into(),
            limits_pipe: theirs.into(),
            ruleset: policy.program_ruleset(&scratch)?,
        };
        let link = zygote.fork(&describe(&scratch, uid), given).await?;
        Ok(Self {
            link,
            streams,
            scratch,
            number,
            limits_pipe,
        })
    }

    /// Gives it its program, once `bound` has done what it can to its process. Returns when that begins.
    pub async fn begin(
        self,
        job: &Arc<Job>,
        limits: Limits,
        bound: impl FnOnce(i32) -> Option<Group> + Send + 'static,
    ) -> Result<Running, StartError> {
        let Self {
            mut link,
            streams,
            scratch,
            number,
            mut limits_pipe,
        } = self;
        let group = match link.begun().await? {
            Some(ZygoteReply::Forked { forked }) => forked,
            Some(ZygoteReply::Refused { refused }) => return Err(StartError::Refused(refused)),
            Some(ZygoteReply::Started { .. } | ZygoteReply::Ended { .. }) | None => {
                return Err(StartError::Gone);
            }
        };
        let job = Arc::clone(job);
        let give = move || {
            let bounded = Bound(bound(group));
            scratch.fill(&job.arguments.code, &job.files)?;
            let limits = resource_limits(&limits, job.limit, scratch.uid());
            limits_pipe.write_all(limits.to_string().as_bytes())?;
            Ok::<_, io::Error>((scratch, bounded))
        };
        let (scratch, bounded) = spawn_blocking(give).await.map_err(io::Error::from)??;
        match link.begun().await? {
            Some(ZygoteReply::Started { .. }) => Ok(Running {
                link,
                streams,
                scratch,
                number,
                group,
                bounded,
            }),
            Some(ZygoteReply::Refused { refused }) => Err(StartError::Refused(refused)),
            Some(ZygoteReply::Forked { .. } | ZygoteReply::Ended { .. }) | None => {
                Err(StartError::Gone)
            }
        }
    }
}

fn describe(scratch: &Scratch, uid: Option<u32>) -> Value {
    let mut environment = json!({
        "HOME": scratch.work(), "TMPDIR": scratch.tmp(), "MPLCONFIGDIR": scratch.tmp(),
    });
    for (name, value) in ENVIRONMENT {
        environment[name] = value.into();
    }
    json!({
        "code_path": scratch.code(),
        "report": scratch.report_path(),
        "work": scratch.work(),
        "environment": environment,
        "uid": uid,
        "max_value_chars": MAX_VALUE_CHARS,
        "figures": {"max_figures": MAX_FIGURES, "max_pixels": MAX_FIGURE_PIXELS},
    })
}

/// By the names that Python's `resource` has for them.
fn resource_limits(limits: &Limits, limit: Duration, uid: Option<u32>) -> Value {
    // The kernel counts what a user runs in all.
    let running = match uid {
        Some(_) => 0,
        None => tasks::of_user(geteuid().as_raw()),
    };
    json!({
        "AS": limits.memory_bytes,
        "FSIZE": limits.file_bytes,
        "NOFILE": limits.open_files,
        "NPROC": running + limits.processes,
        "CPU": cpu_seconds(limit, limits),
        "CORE": 0,
        // Nothing of it goes before others, and few signals and timers wait: a user has so many in all.
        "RTPRIO": 0,
        "NICE": 0,
        "MSGQUEUE": 0,
        "SIGPENDING": limits.processes * 16,
    })
}
