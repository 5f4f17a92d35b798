//! A Python with the packages that programs use most, from `PyPI`, in an environment of its own under the target folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use code_interpreter::{Config, Interpreter};
use serde_json::json;

use super::request;

const PACKAGES: [&str; 3] = ["numpy==2.2.6", "pandas==2.3.3", "matplotlib==3.10.7"];

/// The environment's Python; made where it is missing, one process at a time. Panics with what to do where that fails.
pub async fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    let target = root.join(target);
    let environment = target.join("packages-venv");
    let lock = File::create(target.join("packages-venv.lock")).unwrap();
    lock.lock().unwrap();
    let done = environment.join(PACKAGES.join("+"));
    let python = environment.join("bin/python");
    if !done.exists() {
        // One that programs can use: as root not every Python will do.
        let interpreter = Interpreter::new(Config::from_env().unwrap());
        let probe = interpreter.handle(request(json!({"action": "probe"}), 60_000));
        let probe = serde_json::to_value(probe.await).unwrap();
        let base = probe["result"]["executable"].as_str().unwrap();
        finish(
            Command::new(base)
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        );
        let quiet = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        finish(Command::new(&python).args(quiet).args(PACKAGES));
        File::create(done).unwrap();
    }
    python
}

fn finish(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{said}",
        output.status
    );
}
