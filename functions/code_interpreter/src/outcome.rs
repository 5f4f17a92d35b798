//! The result that the model gets, word for word as the contract has it.

use serde::Serialize;

use crate::artifacts::Collected;
use crate::report::{Omitted, Raised, Report};
use crate::run::{End, Finished};
use crate::sandbox::Level;

const SIGKILL: i32 = 9;

/// What a program did.
#[derive(Debug, Serialize)]
pub struct Outcome {
    success: bool,
    stdout: String,
    stderr: String,
    /// The exit code, or the negative number of the signal that ended it.
    returncode: i32,
    value: Option<String>,
    error: Option<Fault>,
    /// The true sizes, where either stream was cut.
    truncated: Option<Truncated>,
    artifacts: Vec<Artifact>,
    /// Files that the program wrote and that are not among the artifacts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    omitted: Vec<Omitted>,
    isolation: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    /// Time was up.
    Timeout,
    /// A process of it used up its processor time.
    Cpu,
    /// It asked for more memory than it may have, or its processes together took more.
    Memory,
    /// It wrote more, or more files, than it may.
    Disk,
    /// A signal ended it.
    Killed,
    /// It raised; the traceback is in `stderr`.
    Exception,
}

#[derive(Debug, Serialize)]
struct Truncated {
    stdout_bytes: u64,
    stderr_bytes: u64,
}

#[derive(Debug, Serialize)]
struct Artifact {
    name: String,
    media_type: String,
    bytes: usize,
}

impl Outcome {
    pub fn new(
        finished: Finished,
        report: Report,
        collected: &Collected,
        isolation: Level,
    ) -> Self {
        let Finished {
            end,
            stdout,
            stderr,
        } = finished;
        let (returncode, error) = judge(end, report.raised);
        let stderr_is_cut = stderr.is_cut();
        let stderr_bytes = stderr.bytes();
        let mut errors = stderr.into_text();
        if let End::OutOfMemory { limit_bytes } = end {
            errors.push_str(&out_of_memory(&errors, limit_bytes));
        }
        let is_cut = stdout.is_cut() || stderr_is_cut;
        let truncated = is_cut.then(|| Truncated {
            stdout_bytes: stdout.bytes(),
            stderr_bytes,
        });
        let artifacts = collected.files.iter().map(|file| Artifact {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            bytes: file.data.len(),
        });
        Self {
            success: returncode == 0 && error.is_none(),
            stdout: stdout.into_text(),
            stderr: errors,
            returncode,
            value: report.value,
            error,
            truncated,
            artifacts: artifacts.collect(),
            omitted: [report.omitted, collected.omitted.clone()].concat(),
            isolation,
        }
    }
}

/// A program that was ended cannot say so itself.
fn out_of_memory(before: &str, limit_bytes: u64) -> String {
    let line = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!(
        "{line}MemoryError: the processes of this program together took more than {} MB of memory and were ended\n",
        limit_bytes >> 20
    )
}

fn judge(end: End, raised: Option<Raised>) -> (i32, Option<Fault>) {
    match end {
        End::TimedOut => (-SIGKILL, Some(Fault::Timeout)),
        End::TooMuchWritten => (-SIGKILL, Some(Fault::Disk)),
        End::OutOfMemory { .. } => (-SIGKILL, Some(Fault::Memory)),
        End::OutOfCpu => (-SIGKILL, Some(Fault::Cpu)),
        End::Lost => (-SIGKILL, Some(Fault::Killed)),
        End::Signalled(signal) => (-signal, Some(Fault::Killed)),
        End::Exited(code) => {
            let fault = raised.map(|raised| match raised {
                Raised::Exception => Fault::Exception,
                Raised::Memory => Fault::Memory,
            });
            (code, fault)
        }
    }
}
