//! A Python with the packages that programs use most, from `PyPI`, in an environment of its own: under the target folder,
//! or where other users than root cannot read that, among the temporary files.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
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
    let target = if is_open(&target) {
        target
    } else {
        std::env::temp_dir()
    };
    let environment = target.join("packages-venv");
    let lock = File::create(target.join("packages-venv.lock")).unwrap();
    lock.lock().unwrap();
    assert!(
        is_own(&environment),
        "{} belongs to somebody else",
        environment.display()
    );
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

/// Whether every user can pass through a folder: programs do not run as root.
fn is_open(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap();
    let passable = |folder: &Path| fs::metadata(folder).unwrap().mode() & 0o001 != 0;
    folder.ancestors().all(passable)
}

/// Whether a folder is not there yet, or is this user's.
fn is_own(folder: &Path) -> bool {
    fs::symlink_metadata(folder)
        .is_ok_and(|found| found.uid() == rustix::process::getuid().as_raw())
        || !folder.exists()
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
