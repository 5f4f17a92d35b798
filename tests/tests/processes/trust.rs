//! A table elsewhere whose certificate an authority of the operator's has signed.

use std::path::Path;
use std::process::Stdio;

use tests::process::binary;
use tests::table::{NAME, Table};
use tests::tls::{Authority, Tls};
use tests::wait::within;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

const READY: &str = "serverless-llm is ready: ";

/// What a process says as it begins, with this bundle: that it is ready, or why it ends.
async fn says(table: &str, bundle: Option<&Path>) -> String {
    let home = tempfile::tempdir().unwrap();
    let stderr = home.path().join("stderr");
    let mut command = Command::new(binary().await);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home.path())
        .env("TABLE_NAME", NAME)
        .env("AWS_ENDPOINT_URL_DYNAMODB", table)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .args(["--port", "0", "--data-dir"])
        .arg(home.path().join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&stderr).unwrap())
        .kill_on_drop(true);
    if let Some(bundle) = bundle {
        command.env("AWS_CA_BUNDLE", bundle);
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = within("a process to be ready or to end", lines.next_line()).await;
    match line.unwrap() {
        Some(line) => line,
        None => std::fs::read_to_string(&stderr).unwrap(),
    }
}

#[tokio::test]
async fn a_table_is_reached_where_its_certificate_leads_to_a_named_authority_and_nowhere_else() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let table = Table::start().await;
    let tls = Tls::before(table.address(), ours.signs("127.0.0.1")).await;
    let both = format!("{}{}", theirs.pem, ours.pem);
    for bundle in [written("ours", &ours.pem), written("both", &both)] {
        let said = says(&tls.address, Some(&bundle)).await;
        assert!(said.starts_with(READY), "{said}");
    }
    assert!(tls.handshakes() > 0);
    let (other, empty) = (written("theirs", &theirs.pem), written("empty", ""));
    let missing = folder.path().join("missing");
    for (bundle, expected) in [
        (None, "UnknownIssuer"),
        (Some(&other), "UnknownIssuer"),
        (Some(&empty), "AWS_CA_BUNDLE: the file"),
        (Some(&missing), "AWS_CA_BUNDLE: the file"),
    ] {
        let said = says(&tls.address, bundle.map(|it| &**it)).await;
        assert!(!said.contains(READY) && said.contains(expected), "{said}");
    }
    assert_eq!(tls.handshakes(), 0);
}
