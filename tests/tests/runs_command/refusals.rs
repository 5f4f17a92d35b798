//! What cannot be read is told with what to do about it, and nothing is made on the way.

use std::fs;

use tests::command_line::CommandLine;
use tests::loopback::ClosedPort;
use tests::stack::Setup;
use tests::table::Table;

const UNKNOWN: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const NEED_A_RUN: [&str; 3] = ["show", "tail", "export"];

#[tokio::test]
async fn a_run_that_is_not_there_or_no_id_at_all_is_named() {
    let stack = Setup::new().start().await;
    let commands = CommandLine::on_data_dir(stack.data_dir.path());
    for command in NEED_A_RUN {
        let said = commands.fails(1, &["runs", command, UNKNOWN]).await;
        assert!(
            said.contains(&format!("there is no run {UNKNOWN} in counted in ")),
            "{said}"
        );
        for id in ["x", "", "01arz3ndektsv4rrffq69g5fav", "a\u{1b}[2Jb"] {
            let said = commands.fails(1, &["runs", command, id]).await;
            assert!(
                said.starts_with(&format!("error: {id:?} is not the id of a run")),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn a_data_directory_without_a_table_is_told_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    for data_dir in [folder.path(), &absent] {
        let commands = CommandLine::on_data_dir(data_dir);
        for arguments in [vec!["runs", "list"], vec!["runs", "tail", UNKNOWN]] {
            let said = commands.fails(1, &arguments).await;
            assert!(said.contains("--data-dir"), "{said}");
            assert!(said.contains(data_dir.to_str().unwrap()), "{said}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_data_directory_can_be_named_before_and_after_the_command() {
    let stack = Setup::new().start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let commands = CommandLine::on_data_dir(elsewhere.path());
    let data_dir = stack.data_dir.path().to_str().unwrap();
    for arguments in [
        ["runs", "--data-dir", data_dir, "list"],
        ["runs", "list", "--data-dir", data_dir],
    ] {
        let said = commands.prints(&arguments).await;
        assert!(
            said.starts_with("default has no runs in counted in "),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_is_told_and_not_made() {
    let table = Table::start().await;
    let commands = CommandLine::on_table(table.address()).with("TABLE_NAME", "another");
    for arguments in [vec!["runs", "list"], vec!["runs", "show", UNKNOWN]] {
        let said = commands.fails(1, &arguments).await;
        assert!(
            said.contains("there is no table another") && said.contains("TABLE_NAME"),
            "{said}"
        );
    }
    let made = table.until(|it| it.name == "Query").await;
    let made = made.iter().filter(|it| it.name == "CreateTable").count();
    assert_eq!(made, 1, "the test's own");
}

#[tokio::test]
async fn a_table_that_cannot_be_reached_is_told() {
    let closed = ClosedPort::take();
    let said = CommandLine::on_table(&closed.address)
        .fails(1, &["runs", "list"])
        .await;
    assert!(said.contains("the table cannot be used"), "{said}");
}

#[tokio::test]
async fn what_is_typed_wrong_is_explained_by_the_command_line() {
    let stack = Setup::new().start().await;
    let commands = CommandLine::on_data_dir(stack.data_dir.path());
    for arguments in [
        vec!["runs"],
        vec!["runs", "sums"],
        vec!["runs", "stats", "--days", "0"],
        vec!["runs", "stats", "--days", "401"],
        vec!["runs", "stats", "--days", "x"],
        vec!["runs", "show"],
        vec!["runs", "list", "--limit", "0"],
        vec!["runs", "list", "--limit", "101"],
        vec!["runs", "list", "--cursor", "x"],
        vec!["runs", "tail", UNKNOWN, "--after", "-1"],
        vec!["runs", "tail", UNKNOWN, "--after", "x"],
        vec!["runs", "export", UNKNOWN, "--json"],
    ] {
        let said = commands.fails(2, &arguments).await;
        assert!(
            said.contains("Usage: ") || said.contains("--help"),
            "{said}"
        );
    }
}
