//! What holds a program: which level of isolation this system can give, and what belongs to it.
//!
//! Refuses to run anything at a lower level than the system can give, or at none: where a part of `strict` is missing and
//! this is not Lambda, nothing runs unless the operator has asked for less by name.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod filter;
pub mod lambda;
#[cfg(target_os = "linux")]
mod landlock;
pub mod packages;
mod policy;
pub mod tasks;
pub mod zygote;

use std::env;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Serialize;

use crate::config::{Config, Isolation};
use crate::python::{FIRST_UID, Python, UIDS};
#[cfg(target_os = "linux")]
use landlock::MIN_ABI;
pub use policy::Policy;
#[cfg(not(target_os = "linux"))]
const MIN_ABI: u32 = 1;

/// Lambda sets this for every function. By itself it proves nothing: emulators set it, too.
const IN_LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";

/// Programs at once.
pub const MAX_SLOTS: u32 = 64;

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

fn landlock_abi(config: &Config, python: &Python) -> u32 {
    let at_most = config.landlock_abi_at_most.unwrap_or(u32::MAX);
    python.landlock_abi.min(at_most)
}

/// Where the users of one engine's programs begin, counted from [`FIRST_UID`]; none where this process is not root. Apart
/// from those of other engines, most likely: the kernel counts a user's processes wherever they run.
fn first_user() -> Option<u32> {
    static ENGINES: AtomicU32 = AtomicU32::new(0);
    let engine = ENGINES.fetch_add(1, Ordering::Relaxed);
    let begin = std::process::id().wrapping_mul(101) % UIDS + engine.wrapping_mul(67) % UIDS;
    rustix::process::geteuid().is_root().then_some(begin)
}

/// The user that the program in this slot gets.
fn user(first: u32, slot: u32) -> u32 {
    FIRST_UID + first.wrapping_add(slot) % UIDS
}

/// Whether programs could read this process's own file, and with it the memory and variables of this process.
pub fn is_own_file_readable() -> bool {
    std::fs::File::open(Path::new("/proc/self/exe")).is_ok()
}
