//! The result that the model gets, word for word as the contract has it.

use serde::Serialize;

use crate::process::{End, Finished};
use crate::report::{Raised, Report};

const SIGKILL: i32 = 9;

/// Which isolation was in force. A process of its own, with limits, is all there is so far.
const ISOLATION: &str = "subprocess";

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
    artifacts: [(); 0],
    isolation: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    /// Time was up.
    Timeout,
    /// It asked for more memory than it may have.
    Memory,
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

impl Outcome {
    pub fn new(finished: Finished, report: Report) -> Self {
        let Finished {
            end,
            stdout,
            stderr,
        } = finished;
        let (returncode, error) = judge(end, report.raised);
        let is_cut = stdout.is_cut() || stderr.is_cut();
        let truncated = is_cut.then(|| Truncated {
            stdout_bytes: stdout.bytes(),
            stderr_bytes: stderr.bytes(),
        });
        Self {
            success: returncode == 0 && error.is_none(),
            stdout: stdout.into_text(),
            stderr: stderr.into_text(),
            returncode,
            value: report.value,
            error,
            truncated,
            artifacts: [],
            isolation: ISOLATION,
        }
    }
}

fn judge(end: End, raised: Option<Raised>) -> (i32, Option<Fault>) {
    match end {
        End::TimedOut => (-SIGKILL, Some(Fault::Timeout)),
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
