//! Tools that come from `PyPI`, each suite's in an environment of its own under `target/`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An environment that holds these packages, each with its version, and what they need; made where it is missing, one process at
/// a time.
pub(crate) fn environment(suite: &str, packages: &[&str]) -> Result<PathBuf, String> {
    installed(suite, packages, &[])
}

/// The same with these packages alone, where what they say they need is not used.
pub(crate) fn bare_environment(suite: &str, packages: &[&str]) -> Result<PathBuf, String> {
    installed(suite, packages, &["--no-deps"])
}

fn installed(suite: &str, packages: &[&str], options: &[&str]) -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    let target = root().join(target);
    let environment = target.join(format!("{suite}-venv"));
    let lock = File::create(target.join(format!("{suite}-venv.lock"))).unwrap();
    lock.lock().unwrap();
    let done = environment.join(packages.join("+"));
    if !done.exists() {
        let mut make = Command::new("python3");
        finish(make.args(["-m", "venv", "--clear"]).arg(&environment))
            .map_err(|fault| format!("{fault}\nIs Python 3 with its module venv installed?"))?;
        let mut pip = Command::new(environment.join("bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        finish(pip.args(options).args(packages)).map_err(|fault| {
            let packages = packages.join(" and ");
            format!("{fault}\nThe {suite} suite needs {packages} from PyPI, once.")
        })?;
        File::create(done).unwrap();
    }
    Ok(environment)
}

/// Runs a command to its end; gives its output, or all that explains its failure.
pub(crate) fn finish(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|fault| format!("{command:?}: {fault}"))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{said}", output.status))
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
