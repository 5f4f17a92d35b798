//! What stands between a program and the rest.

use std::fmt;

use serde::Serialize;

/// What stands between a program and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The kernel holds it: Landlock, seccomp, limits, a user of its own where this process is root.
    Strict,
    /// The virtual machine that AWS gives each function holds it; nothing that it started is left after a run.
    Lambda,
    /// A process with limits.
    Process,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Lambda => "lambda",
            Self::Process => "process",
        })
    }
}
