//! The binaries as they go to Lambda: small, stripped, and content with the C library that is there.
//!
//! Ignored where nobody asks for them, because building them takes minutes:
//! `deploy/build x86_64`, then
//! `cargo test -p tests --test release -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use object::elf::{FileHeader64, SHT_SYMTAB};
use object::endian::LittleEndian;
use object::read::elf::{FileHeader as _, SectionHeader as _};
use rustix::process::{Pid, Signal, kill_process};
use tests::loopback::Served;
use tests::wait::within;
use tokio::process::Command;
use tokio::sync::mpsc;

const BUILD: &str = "deploy/build x86_64";
const FUNCTIONS: [&str; 5] = [
    "orchestrator",
    "driver",
    "search",
    "read_url",
    "code_interpreter",
];
/// Goal of this project: what is loaded at every cold start is small. The two that drive runs hold the clients of every kind of tool.
fn most_bytes(function: &str) -> usize {
    match function {
        "orchestrator" | "driver" => 12_000_000,
        _ => 10_000_000,
    }
}
/// The C library of Amazon Linux 2023, on which `provided.al2023` runs.
const LAMBDA_GLIBC: [u32; 2] = [2, 34];

type Header = FileHeader64<LittleEndian>;

/// Where a binary for Lambda is built.
fn path_of(function: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    root.join(target)
        .join("lambda")
        .join(function)
        .join("bootstrap")
}

/// A binary that was built for Lambda; panics with what to run where there is none.
fn binary(function: &str) -> Vec<u8> {
    let path = path_of(function);
    fs::read(&path)
        .unwrap_or_else(|fault| panic!("{}: {fault}; build it first: {BUILD}", path.display()))
}

/// Versions of shared libraries that a binary asks for, such as `GLIBC_2.34`. Panics where it is linked to none.
fn versions(binary: &[u8]) -> Vec<String> {
    let header = Header::parse(binary).unwrap();
    let sections = header.sections(LittleEndian, binary).unwrap();
    let needed = sections.gnu_verneed(LittleEndian, binary).unwrap();
    let (mut files, names) = needed.unwrap();
    let names = sections.strings(LittleEndian, binary, names).unwrap();
    let mut versions = Vec::new();
    while let Some((_, mut of_file)) = files.next().unwrap() {
        while let Some(version) = of_file.next().unwrap() {
            let name = version.name(LittleEndian, names).unwrap();
            versions.push(String::from_utf8(name.to_vec()).unwrap());
        }
    }
    versions
}

/// The numbers of a version such as `GLIBC_2.2.5`; `None` for versions of other libraries.
fn glibc(version: &str) -> Option<Vec<u32>> {
    let numbers = version.strip_prefix("GLIBC_")?;
    Some(
        numbers
            .split('.')
            .map(|number| number.parse().unwrap())
            .collect(),
    )
}

fn is_stripped(binary: &[u8]) -> bool {
    let header = Header::parse(binary).unwrap();
    let sections = header.sections(LittleEndian, binary).unwrap();
    sections
        .iter()
        .all(|section| section.sh_type(LittleEndian) != SHT_SYMTAB)
}

#[test]
#[ignore = "needs release binaries: deploy/build x86_64"]
fn every_binary_is_small() {
    let sizes = FUNCTIONS.map(|function| (function, binary(function).len()));
    let large: Vec<_> = sizes
        .iter()
        .filter(|(function, bytes)| *bytes > most_bytes(function))
        .collect();
    assert!(large.is_empty(), "larger than they may be: {large:?}");
}

#[test]
#[ignore = "needs release binaries: deploy/build x86_64"]
fn every_binary_is_stripped() {
    for function in FUNCTIONS {
        assert!(
            is_stripped(&binary(function)),
            "{function} has a symbol table"
        );
    }
}

#[test]
#[ignore = "needs release binaries: deploy/build x86_64"]
fn every_binary_runs_with_the_c_library_of_lambda() {
    for function in FUNCTIONS {
        let versions = versions(&binary(function));
        let numbers: Vec<_> = versions
            .iter()
            .filter_map(|version| glibc(version))
            .collect();
        assert!(
            !numbers.is_empty(),
            "{function} asks for no version of glibc: {versions:?}"
        );
        let newest = numbers.into_iter().max().unwrap();
        assert!(
            newest <= LAMBDA_GLIBC.to_vec(),
            "{function} asks for glibc {newest:?}"
        );
    }
}

/// The checks can fail: this test's own binary has a symbol table, unless it was built for release, too.
#[test]
#[cfg(all(target_os = "linux", debug_assertions))]
fn a_binary_with_symbols_is_told_from_a_stripped_one() {
    let own = fs::read(std::env::current_exe().unwrap()).unwrap();
    assert!(!is_stripped(&own));
    assert!(
        versions(&own)
            .iter()
            .any(|version| glibc(version).is_some())
    );
    assert_eq!(glibc("GLIBC_2.2.5"), Some(vec![2, 2, 5]));
    assert_eq!(glibc("GCC_3.3"), None);
    assert!(vec![2, 2, 5] < LAMBDA_GLIBC.to_vec() && vec![2, 35] > LAMBDA_GLIBC.to_vec());
}

/// Starts a function on a Runtime API that answers registrations so and has no events; tells it to end once it asks for one.
async fn told_to_end(function: &str, registered: StatusCode) -> Output {
    let (asks, mut asked) = mpsc::channel(1);
    let next = async move || {
        asks.send(()).await.unwrap();
        std::future::pending::<()>().await;
    };
    let id = [("lambda-extension-identifier", "1")];
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2020-01-01/extension/register",
            post(async move || (registered, id)),
        )
        .route(
            "/2020-01-01/extension/event/next",
            get(std::future::pending::<()>),
        );
    let api = Served::start(router).await;
    let variables = [
        ("AWS_LAMBDA_RUNTIME_API", &*api.address),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("TABLE_NAME", "none"),
    ];
    let process = Command::new(path_of(function))
        .env_clear()
        .envs(variables)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(process.id().unwrap().cast_signed()).unwrap();
    let ends = process.wait_with_output();
    tokio::pin!(ends);
    within("the function's end", async {
        tokio::select! {
            ended = &mut ends => ended.unwrap(),
            _ = asked.recv() => {
                kill_process(pid, Signal::TERM).unwrap();
                ends.await.unwrap()
            }
        }
    })
    .await
}

#[tokio::test]
#[ignore = "needs release binaries: deploy/build x86_64"]
async fn a_function_that_is_told_to_end_does_and_one_that_would_not_be_told_does_not_begin() {
    for function in ["orchestrator", "driver"] {
        let ended = told_to_end(function, StatusCode::OK).await;
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{function}: {said}");
        assert!(said.contains("the function is told to end"), "{said}");
        let refused = told_to_end(function, StatusCode::FORBIDDEN).await;
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{function}: {said}");
        assert!(said.contains("register with Lambda"), "{said}");
    }
}
