//! Finds the Python that runs programs. Refuses one that does not say what it is.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

/// The oldest minor version of Python 3 that the harness is written for.
const MIN_MINOR: u32 = 9;
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
const PROBE: &str = "import sys; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])";

/// An interpreter that has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The interpreter itself, where the configured one is a wrapper: wrappers need an environment that programs lack.
    pub executable: PathBuf,
    pub version: String,
}

/// Why no program can run, and what the operator can do.
#[derive(Debug, thiserror::Error)]
#[error("{fault}: install Python 3.{MIN_MINOR} or newer, or set PYTHON to its path")]
pub struct PythonMissing {
    fault: String,
}

/// Asks `python` where and what it is. It runs with this process's own environment.
pub async fn find(python: &Path) -> Result<Python, PythonMissing> {
    let name = python.display();
    let missing = |fault: String| PythonMissing { fault };
    let asked = Command::new(python)
        .args(["-I", "-c", PROBE])
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
        Some(minor) if minor >= MIN_MINOR => Ok(found),
        Some(_) | None => Err(missing(format!("`{name}` is Python {}", found.version))),
    }
}

fn read(output: &Output) -> Option<Python> {
    if !output.status.success() {
        return None;
    }
    let text = std::str::from_utf8(&output.stdout).ok()?;
    let (executable, version) = text.trim_end().split_once('\n')?;
    Some(Python {
        executable: executable.into(),
        version: version.to_owned(),
    })
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("3.")?.split('.').next()?.parse().ok()
}
