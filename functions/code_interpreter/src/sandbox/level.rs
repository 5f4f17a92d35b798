//! What stands between a program and the rest, and which of that holds here.
//!
//! Refuses to run anything at a lower level than the system can give, or at none: where a part of `strict` is missing and
//! this is not Lambda, nothing runs unless the operator has asked for less by name.

use std::path::Path;
use std::{env, fmt};

use serde::Serialize;

use super::lambda;
#[cfg(target_os = "linux")]
use super::landlock::MIN_ABI;
use crate::config::{Config, Isolation};
use crate::python::Python;

#[cfg(not(target_os = "linux"))]
const MIN_ABI: u32 = 1;

/// Lambda sets this for every function. By itself it proves nothing: emulators set it, too.
const IN_LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";

/// The means of isolation that `strict` is made of, by the names of the probe.
const STRICT: [&str; 6] = [
    "no_new_privs",
    "subreaper",
    "seccomp",
    "landlock",
    "setsid",
    "own_user",
];

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

/// Why no program is run here, for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "programs cannot be isolated here: {reason}. CODE_INTERPRETER_ISOLATION=process runs them as this user all the \
     same, with the network and whatever this user may read"
)]
pub struct Refusal {
    reason: String,
}

/// The highest level that holds here.
pub fn choose(config: &Config, python: &Python) -> Result<Level, Refusal> {
    let missing = missing_for_strict(config, python);
    if missing.is_empty() {
        return Ok(Level::Strict);
    }
    let reason = match env::var_os(IN_LAMBDA) {
        Some(_) => match lambda::is_alone() {
            Ok(()) if is_own_file_readable() => {
                "this function's own file can be read, and so could its memory be: pack it with mode 0711"
                    .to_owned()
            }
            Ok(()) => return Ok(Level::Lambda),
            Err(reason) => format!("{}, and this is not Lambda: {reason}", missing.join(", ")),
        },
        None => missing.join(", "),
    };
    match config.isolation {
        Isolation::Process => Ok(Level::Process),
        Isolation::Required => Err(Refusal { reason }),
    }
}

/// What `strict` lacks here, in words.
fn missing_for_strict(config: &Config, python: &Python) -> Vec<String> {
    if python.platform != "linux" {
        return vec![format!("`{}` is not Linux", python.platform)];
    }
    let said = |part: &&str| match python.primitives.get(*part) {
        Some(0) => None,
        Some(errno) => Some(format!("{part}: error {errno}")),
        None => Some(format!("{part}: not tried")),
    };
    let mut missing: Vec<_> = STRICT.iter().filter_map(said).collect();
    let abi = landlock_abi(config, python);
    if missing.is_empty() && abi < MIN_ABI {
        missing.push(format!(
            "landlock: version {abi}, {MIN_ABI} or newer is needed (Linux 5.19)"
        ));
    }
    missing
}

/// The version of Landlock that is used: the kernel's, or the one that the configuration bounds it to.
pub(super) fn landlock_abi(config: &Config, python: &Python) -> u32 {
    let at_most = config.landlock_abi_at_most.unwrap_or(u32::MAX);
    python.landlock_abi.min(at_most)
}

/// Whether programs could read this process's own file, and with it the memory and variables of this process.
pub fn is_own_file_readable() -> bool {
    std::fs::File::open(Path::new("/proc/self/exe")).is_ok()
}
