//! What cannot be done is told with what to do about it; nothing is left behind.

use std::fs::{self, File};
use std::process::Stdio;

use tests::command_line::CommandLine;
use tests::process::command;
use tests::wait::within;

use crate::{create, listed};

#[tokio::test]
async fn a_second_key_of_an_owner_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let commands = CommandLine::on_data_dir(folder.path());
    create(&commands, &["--name", "alice"]).await;
    let said = commands
        .fails(1, &["keys", "create", "--name", "alice"])
        .await;
    assert!(
        said.starts_with("error: alice has an access key in counted in "),
        "{said}"
    );
    assert!(said.contains("`keys revoke alice`"), "{said}");
    for arguments in [
        &["keys", "revoke", "bob"][..],
        &["keys", "limit", "bob", "--parallel", "none"],
    ] {
        let said = commands.fails(1, arguments).await;
        assert!(
            said.contains("bob has no access key in counted in "),
            "{said}"
        );
    }
}

#[tokio::test]
async fn what_is_typed_wrong_is_explained_by_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let commands = CommandLine::on_data_dir(&folder.path().join("none"));
    let long = "x".repeat(301);
    for arguments in [
        &["keys"][..],
        &["keys", "create"],
        &["keys", "create", "alice"],
        &["keys", "create", "--name", "default"],
        &["keys", "create", "--name", "local"],
        &["keys", "create", "--name", "anonymous"],
        &["keys", "create", "--name", "visitor-1"],
        &["keys", "create", "--name", "Alice"],
        &["keys", "create", "--name", ""],
        &[
            "keys",
            "create",
            "--name",
            "alice",
            "--runs-per-minute",
            "0",
        ],
        &[
            "keys",
            "create",
            "--name",
            "alice",
            "--runs-per-minute",
            "601",
        ],
        &["keys", "create", "--name", "alice", "--parallel", "201"],
        &["keys", "create", "--name", "alice", "--parallel", "none"],
        &["keys", "create", "--name", "alice", "--usd-per-day", "0"],
        &["keys", "create", "--name", "alice", "--usd-per-day", "-1"],
        &[
            "keys",
            "create",
            "--name",
            "alice",
            "--usd-per-day",
            "100000.01",
        ],
        &["keys", "create", "--name", "alice", "--usd-per-day", "nan"],
        &["keys", "limit"],
        &["keys", "limit", "alice"],
        &["keys", "limit", "default", "--parallel", "1"],
        &["keys", "limit", "alice", "--parallel", "None"],
        &["keys", "revoke"],
        &["keys", "revoke", "local"],
        &["pause", "--reason", "two\nlines"],
        &["pause", "--reason", &long],
        &["pause", "Because."],
        &["resume", "--reason", "x"],
    ] {
        let said = commands.fails(2, arguments).await;
        let is_explained = said.contains("Usage: ") || said.contains("--help");
        assert!(is_explained, "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_there_is_nothing_to_change_in_is_told_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let commands = CommandLine::on_data_dir(&folder.path().join("none"));
    for arguments in [
        &["keys", "list"][..],
        &["keys", "limit", "alice", "--parallel", "1"],
        &["keys", "revoke", "alice"],
        &["resume"],
    ] {
        let said = commands.fails(1, arguments).await;
        assert!(said.contains("--data-dir"), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_broken_folder_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let no_table = folder.path().join("no-table");
    fs::create_dir_all(&no_table).unwrap();
    fs::write(
        no_table.join("table.sqlite"),
        "no table at all\n".repeat(1000),
    )
    .unwrap();
    let directory = folder.path().join("directory");
    fs::create_dir_all(directory.join("table.sqlite")).unwrap();
    for data_dir in [&file, &no_table, &directory] {
        let commands = CommandLine::on_data_dir(data_dir);
        for arguments in [&["keys", "create", "--name", "alice"][..], &["pause"]] {
            let said = commands.fails(1, arguments).await;
            assert!(said.contains("--data-dir"), "{said}");
            assert!(said.contains(data_dir.to_str().unwrap()), "{said}");
        }
    }
}

/// Nobody has it then, and its name must not be lost with it.
#[tokio::test]
async fn a_key_that_cannot_be_printed_is_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_str().unwrap();
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let commands = CommandLine::on_data_dir(folder.path());
    for out in [Stdio::from(closed), Stdio::from(full)] {
        let mut create = command(folder.path()).await;
        create
            .args(["keys", "create", "--name", "alice", "--data-dir", data_dir])
            .env("TABLE_NAME", tests::table::NAME)
            .stdout(out)
            .stderr(Stdio::piped());
        let create = create.spawn().unwrap().wait_with_output();
        let ended = within("a command to end", create).await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(said.contains("is revoked again"), "{said}");
        assert!(!said.contains("slm_"), "{said}");
        let keys = listed(&commands).await;
        assert!(keys[0]["revoked_at"].is_string(), "{keys:?}");
    }
    create(&commands, &["--name", "alice"]).await;
}
