//! Finds the Python that runs programs, and learns from it what this system's kernel offers.
//!
//! Refuses one that does not say what it is, and, where this process is root, one that lies where no other user may read.

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

/// The oldest minor version of Python 3 that the harness is written for.
const MIN_MINOR: u32 = 9;
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
const PROBE: &str = include_str!("harness/probe.py");

/// The first of the users that programs get where this process is root; each program at once has its own.
/// "Unused" in systemd's table of users and groups, 60578 to 61183, and given away by no distribution.
pub const FIRST_UID: u32 = 60_578;
pub const UIDS: u32 = 500;

/// An interpreter that has answered, and what it says of the system.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Python {
    /// The interpreter itself, where the configured one is a wrapper: wrappers need an environment that programs lack.
    pub executable: PathBuf,
    pub version: String,
    /// Where its library and packages are.
    pub prefixes: Vec<PathBuf>,
    /// `linux`, `darwin`, …
    pub platform: String,
    /// What the kernel said to each means of isolation: 0 or the number of the error. Empty where it is not Linux.
    pub primitives: BTreeMap<String, i32>,
    /// 0 where there is no Landlock.
    pub landlock_abi: u32,
}

/// Why no program can run, and what the operator can do.
#[derive(Debug, thiserror::Error)]
#[error("{fault}: install Python 3.{MIN_MINOR} or newer, or set PYTHON to its path")]
pub struct PythonMissing {
    fault: String,
}

fn missing(fault: String) -> PythonMissing {
    PythonMissing { fault }
}

/// Asks `python` what it is; of a name, the first one in `PATH` that can be used. It runs with this process's own
/// environment.
pub async fn find(python: &Path) -> Result<Python, PythonMissing> {
    let candidates = candidates(python, env::var_os("PATH").unwrap_or_default().as_ref());
    let mut first_fault = None;
    for candidate in candidates {
        match ask(&candidate, &python.display().to_string()).await {
            Ok(found) => return Ok(found),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    Err(first_fault.unwrap_or_else(|| missing(format!("`{}` was not found", python.display()))))
}

fn candidates(python: &Path, path: &std::ffi::OsStr) -> Vec<PathBuf> {
    if python.components().count() > 1 {
        return vec![python.to_owned()];
    }
    let is_program = |file: &PathBuf| {
        let mode = file.metadata().map(|it| it.permissions().mode());
        file.is_file() && mode.is_ok_and(|mode| mode & 0o111 != 0)
    };
    env::split_paths(path)
        .map(|folder| folder.join(python))
        .filter(is_program)
        .collect()
}

async fn ask(python: &Path, name: &str) -> Result<Python, PythonMissing> {
    let asked = Command::new(python)
        .args(["-I", "-c", PROBE, &FIRST_UID.to_string()])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(PROBE_TIMEOUT, asked).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Err(missing(format!("`{name}` was not found")));
        }
        Ok(Err(error)) => return Err(missing(format!("`{name}` cannot be started ({error})"))),
        Err(_) => return Err(missing(format!("`{name}` did not answer in time"))),
    };
    let found = read(&output).ok_or_else(|| missing(format!("`{name}` is no Python 3")))?;
    match minor(&found.version) {
        Some(minor) if minor >= MIN_MINOR => {}
        Some(_) | None => return Err(missing(format!("`{name}` is Python {}", found.version))),
    }
    match found.primitives.get("own_user") {
        None | Some(0) => Ok(found),
        Some(_) => Err(missing(format!(
            "`{name}` ({}) cannot be read by another user than root, and programs do not run as root",
            found.executable.display()
        ))),
    }
}

fn read(output: &Output) -> Option<Python> {
    if !output.status.success() {
        return None;
    }
    serde_json::from_slice(&output.stdout).ok()
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("3.")?.split('.').next()?.parse().ok()
}
