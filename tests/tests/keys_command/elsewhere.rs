//! A table elsewhere, and processes that have not asked for a key before, as others have after a minute.

use serde_json::json;
use tests::client::Client;
use tests::command_line::CommandLine;
use tests::loopback::Served;
use tests::stack::Setup;
use tests::table::Table;

use crate::{create, listed};

async fn table() -> (Table, CommandLine) {
    let table = Table::start().await;
    let commands = CommandLine::on_table(table.address());
    (table, commands)
}

/// A process of the service on the table, asked once with a key: status and what the configuration says.
async fn config(table: &Table, key: &str) -> (u16, serde_json::Value) {
    let (router, _services) = Setup::new().process(table);
    let served = Served::start(router).await;
    let client = Client::new(&served.address).with_key(key);
    let response = client.get("/api/config").await;
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn limits_that_are_named_change_and_others_stay() {
    let (table, commands) = table().await;
    let key = create(
        &commands,
        &["--name", "alice", "--parallel", "3", "--usd-per-day", "2"],
    )
    .await;
    let limits = async || {
        let (status, config) = config(&table, &key).await;
        assert_eq!(status, 200);
        ["runs_per_minute", "parallel", "usd_per_day"]
            .map(|name| config["limits"][name]["limit"].clone())
    };
    assert_eq!(limits().await, [json!(null), json!(3), json!(2.0)]);
    let change = [
        "keys",
        "limit",
        "alice",
        "--runs-per-minute",
        "10",
        "--usd-per-day=none",
    ];
    let said = commands.prints(&change).await;
    assert_eq!(
        said,
        "alice has 10 runs a minute, 3 at once now; it holds within a minute\n"
    );
    assert_eq!(limits().await, [json!(10), json!(3), json!(null)]);
    let lifted = ["--runs-per-minute", "none", "--parallel", "none"];
    let said = commands
        .prints(&[&["keys", "limit", "alice"], &lifted[..]].concat())
        .await;
    assert!(said.starts_with("alice has no limits now"), "{said}");
    assert_eq!(limits().await, [json!(null), json!(null), json!(null)]);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_and_its_owner_can_get_another() {
    let (table, commands) = table().await;
    let first = create(&commands, &["--name", "alice"]).await;
    assert_eq!(config(&table, &first).await.1["owner"], "alice");
    commands.prints(&["keys", "revoke", "alice"]).await;
    assert_eq!(config(&table, &first).await.0, 401);
    let again = commands.prints(&["keys", "revoke", "alice"]).await;
    assert!(again.contains("has been revoked since 20"), "{again}");
    let limit = ["keys", "limit", "alice", "--parallel", "1"];
    let said = commands.fails(1, &limit).await;
    assert!(
        said.contains("alice has no access key in counted at "),
        "{said}"
    );
    let second = create(&commands, &["--name", "alice"]).await;
    assert_eq!(config(&table, &second).await.1["owner"], "alice");
    assert_eq!(config(&table, &first).await.0, 401);
    assert_eq!(listed(&commands).await.len(), 1);
}

#[tokio::test]
async fn no_table_is_made_elsewhere() {
    let (table, _) = table().await;
    let commands = CommandLine::on_table(table.address()).with("TABLE_NAME", "mistyped");
    for arguments in [
        &["keys", "create", "--name", "alice"][..],
        &["keys", "list"],
        &["keys", "limit", "alice", "--parallel", "1"],
        &["keys", "revoke", "alice"],
        &["pause"],
        &["resume"],
    ] {
        let said = commands.fails(1, arguments).await;
        assert!(
            said.contains("there is no table mistyped at "),
            "{arguments:?}: {said}"
        );
    }
    let asked = table.until(|it| it.name == "GetItem").await;
    let made = asked.iter().filter(|it| it.name == "CreateTable").count();
    assert_eq!(made, 1, "the test's own");
}

/// What a later version may have written, or somebody by hand.
#[tokio::test]
async fn a_name_in_the_table_is_not_obeyed_by_a_terminal() {
    let (table, commands) = table().await;
    create(&commands, &["--name", "alice"]).await;
    let mut item = table
        .items()
        .await
        .into_iter()
        .find(|item| item["PK"] == "KEYS")
        .unwrap();
    item.insert("SK".to_owned(), json!("\u{1b}[2J\u{202e}"));
    item.insert("owner".to_owned(), json!("\u{1b}[2J\u{202e}"));
    table.put(&item).await;
    for arguments in [&["keys", "list"][..], &["keys", "list", "--json"]] {
        let printed = commands.prints(arguments).await;
        assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{printed:?}");
        assert!(printed.contains("[2J"), "{printed:?}");
    }
}
