//! Who may depend on whom, as the build itself sees it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What a pure crate must not reach: runtimes, HTTP, AWS, clocks and randomness of the system.
const IMPURE: &[&str] = &[
    "tokio",
    "hyper",
    "reqwest",
    "axum",
    "aws-config",
    "aws-sdk-dynamodb",
    "aws-sdk-lambda",
    "lambda_runtime",
    "rustls",
    "rand",
    "mio",
    "store",
    "model",
    "drive",
    "host",
    "local",
    "rehearsal",
];
const FUNCTIONS: &[&str] = &["orchestrator", "driver", "search", "code_interpreter"];

/// Names of the packages that a package reaches by normal dependencies, itself included.
fn reached_by(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            package,
            "--edges",
            "normal",
        ])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let listed = String::from_utf8(output.stdout).unwrap();
    listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_core_and_the_catalogue_reach_no_runtime_no_http_and_no_aws() {
    for package in ["run", "catalog"] {
        let reached = reached_by(package);
        assert!(
            reached.contains("serde_json"),
            "the listing is of real dependencies"
        );
        let impure: Vec<_> = IMPURE
            .iter()
            .filter(|name| reached.contains(**name))
            .collect();
        assert!(impure.is_empty(), "{package} reaches {impure:?}");
        let sdk = reached.iter().find(|name| name.starts_with("aws-"));
        assert_eq!(sdk, None, "{package} reaches the SDK");
    }
}

#[test]
fn functions_import_neither_each_other_nor_the_local_stack() {
    for function in FUNCTIONS {
        let reached = reached_by(function);
        for other in FUNCTIONS
            .iter()
            .chain(&["local", "rehearsal"])
            .filter(|other| *other != function)
        {
            assert!(!reached.contains(*other), "{function} reaches {other}");
        }
    }
}

#[test]
fn shared_crates_reach_no_function() {
    for package in [
        "body", "run", "catalog", "tool", "model", "store", "drive", "host", "function", "client",
        "secret",
    ] {
        let reached = reached_by(package);
        let function = FUNCTIONS.iter().find(|name| reached.contains(**name));
        assert_eq!(function, None, "{package} reaches a function");
    }
}

#[test]
fn what_measures_tests_is_in_nothing_that_runs() {
    for package in FUNCTIONS.iter().chain(&["local", "rehearsal"]) {
        assert!(!reached_by(package).contains("effort"), "{package}");
    }
}

/// The first handshake of other implementations takes five times as long, and some need the system's libraries.
#[test]
fn functions_speak_tls_by_ring_alone() {
    for function in FUNCTIONS {
        let reached = reached_by(function);
        let others = ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"];
        let other = others.iter().find(|name| reached.contains(**name));
        assert_eq!(other, None, "{function} reaches another TLS");
    }
    let reached = reached_by("orchestrator");
    for name in ["rustls", "ring", "webpki-roots"] {
        assert!(reached.contains(name), "the orchestrator reaches {name}");
    }
}

/// A panic in one call must not end the process with all others; the default of the Lambda build is that it does.
#[test]
fn what_aborts_on_a_panic_is_not_built() {
    for package in FUNCTIONS.iter().chain(&["local"]) {
        assert!(reached_by(package).contains("host"), "{package}");
    }
    let guard = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/host/src/require_unwind.rs"
    );
    let out = tempfile::tempdir().unwrap();
    let built = |panic: &str| {
        Command::new(Path::new(env!("CARGO")).with_file_name("rustc"))
            .args([
                "--edition",
                "2024",
                "--crate-type",
                "lib",
                "--emit",
                "metadata",
            ])
            .args(["-C", &format!("panic={panic}"), guard, "--out-dir"])
            .arg(out.path())
            .output()
            .unwrap()
    };
    let unwinds = built("unwind");
    let said = String::from_utf8_lossy(&unwinds.stderr);
    assert!(unwinds.status.success(), "{said}");
    let aborts = built("abort");
    let said = String::from_utf8_lossy(&aborts.stderr);
    assert!(
        !aborts.status.success() && said.contains("a panic would end the process"),
        "{said}"
    );
}

#[test]
fn the_image_is_built_with_all_members_of_the_workspace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let manifest = read("Cargo.toml");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = ["))
        .unwrap();
    let kept = read(".dockerignore");
    let kept: BTreeSet<_> = kept
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    let folders = members.split('"').skip(1).step_by(2);
    let folders: Vec<_> = folders.map(|it| it.split('/').next().unwrap()).collect();
    assert!(folders.len() >= 6, "{folders:?}");
    for folder in folders {
        assert!(kept.contains(folder), ".dockerignore leaves {folder} out");
    }
}
