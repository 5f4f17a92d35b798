//! What has to be there before any stage: the emulator and the binaries, each made once.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// The version whose gaps the tests know.
const CARGO_LAMBDA: &str = "cargo-lambda==1.9.2";

const FUNCTIONS: [&str; 4] = ["orchestrator", "driver", "search", "code_interpreter"];

#[derive(Debug)]
pub(super) struct Tools {
    pub(super) cargo_lambda: PathBuf,
    /// Binaries by name.
    pub(super) functions: BTreeMap<String, PathBuf>,
}

/// Made by the first test of a process that asks; every one is told why where that fails.
pub(super) fn tools() -> &'static Tools {
    static TOOLS: LazyLock<Result<Tools, String>> = LazyLock::new(|| {
        Ok(Tools {
            cargo_lambda: install()?,
            functions: build()?,
        })
    });
    TOOLS.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
}

/// Installs the emulator where it is missing, one process at a time.
fn install() -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    let target = root().join(target);
    let environment = target.join("emulator-venv");
    let lock = File::create(target.join("emulator-venv.lock")).unwrap();
    lock.lock().unwrap();
    let done = environment.join(CARGO_LAMBDA);
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
        finish(pip.arg(CARGO_LAMBDA)).map_err(|fault| {
            format!("{fault}\nThe emulator suite needs {CARGO_LAMBDA} from PyPI, once.")
        })?;
        File::create(done).unwrap();
    }
    Ok(environment.join("bin/cargo-lambda"))
}

/// Builds the functions as they are now.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--locked"]);
    cargo.args(FUNCTIONS.map(|name| format!("--bin={name}")));
    cargo.arg("--message-format=json-render-diagnostics");
    let messages = finish(cargo.current_dir(root()))?;
    let messages = messages
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let binary = |message: Value| {
        let path = message["executable"].as_str()?;
        Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
    };
    Ok(messages.filter_map(binary).collect())
}

/// Runs a command to its end; gives its output, or all that explains its failure.
fn finish(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|fault| format!("{command:?}: {fault}"))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{said}", output.status))
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
