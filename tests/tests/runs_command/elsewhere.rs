//! A table outside, of which every request is seen: nothing is written, and nobody's run is taken over.

use serde_json::{Value, json};
use tests::command_line::{CommandLine, Ended};
use tests::table::{Item, NAME, Operation, Table};

use crate::parsed;

const LOG: &str = include_str!("../../fixtures/logs/schema-1.json");
const RUN_ID: &str = "01M82B6WK1K9R53M1PQBKJS5QP";
const EVENTS: usize = 17;
/// Events before the part of the log that [`unfinished`] leaves out.
const FIRST_EVENTS: usize = 11;
/// The last part of the log.
const REST: [&str; 2] = ["EV#000000000012", "EV#000000000014"];

fn items() -> Vec<Item> {
    serde_json::from_str(LOG).unwrap()
}

async fn table_with(items: &[Item]) -> (Table, CommandLine) {
    let table = Table::start().await;
    for item in items {
        table.put(item).await;
    }
    let commands = CommandLine::on_table(table.address());
    (table, commands)
}

/// A run that its driver has left: its lease is over.
fn unfinished() -> Vec<Item> {
    let mut items = items();
    items.retain(|item| REST.iter().all(|rest| item["SK"] != *rest));
    let head = items.iter_mut().find(|item| item["SK"] == "HEAD").unwrap();
    head.insert("status".to_owned(), json!("running"));
    head.insert("open".to_owned(), json!("OPEN#0"));
    head.insert("lease_until".to_owned(), json!(1));
    items
}

fn is_look_at_head(operation: &Operation) -> bool {
    operation.name == "GetItem" && operation.body["Key"]["SK"]["S"] == "HEAD"
}

/// What the commands have asked of the table, after what the test has put there.
fn asked(operations: &[Operation], put: usize) -> Vec<&str> {
    let puts = operations.iter().filter(|it| it.name == "PutItem").count();
    assert_eq!(puts, put, "a command has put something there");
    let names = operations.iter().map(|it| &*it.name);
    let made_by_test = [
        "CreateTable",
        "DescribeTable",
        "UpdateTimeToLive",
        "PutItem",
        "Scan",
    ];
    names.filter(|name| !made_by_test.contains(name)).collect()
}

#[tokio::test]
async fn every_command_asks_and_writes_nothing() {
    let (table, commands) = table_with(&items()).await;
    let before = table.items().await;
    let listed = commands.prints(&["runs", "list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["runs"][0]["run_id"], RUN_ID);
    let shown = commands.prints(&["runs", "show", RUN_ID, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["answer"], "It is 42.");
    let lines = commands.prints(&["runs", "tail", RUN_ID, "--json"]).await;
    assert_eq!(parsed(&lines).len(), EVENTS);
    commands.prints(&["runs", "export", RUN_ID]).await;
    commands.prints(&["runs", "stats"]).await;
    assert_eq!(table.items().await, before);
    let operations = table.until(|it| it.name == "Query").await;
    // The list asks for runs, their ratings and pins, `show` for a log and whether it is shared, the others for one thing each.
    let mut expected = ["Query"; 8];
    expected[4] = "GetItem";
    assert_eq!(asked(&operations, before.len()), expected);
}

#[tokio::test]
async fn an_abandoned_run_is_followed_and_not_taken_over() {
    let (table, commands) = table_with(&unfinished()).await;
    let before = table.items().await;
    let mut tail = commands.start(&["runs", "tail", RUN_ID, "--json"]).await;
    let lines = tail.lines(FIRST_EVENTS).await;
    assert_eq!(parsed(&lines[FIRST_EVENTS - 1])[0]["id"], FIRST_EVENTS);
    let page = commands.prints(&["runs", "show", RUN_ID]).await;
    assert!(
        page.contains("\ndriver      none: the lease ran out "),
        "{page}"
    );
    // Quiet as it is, it is looked at again and again.
    let operations = table.until_times(4, is_look_at_head).await;
    assert!(
        asked(&operations, before.len())
            .iter()
            .all(|name| ["Query", "GetItem"].contains(name))
    );
    let looks = operations
        .iter()
        .filter(|it| it.name == "Query" && it.body["ConsistentRead"] == false);
    assert!(looks.count() >= 3, "{operations:#?}");
    assert_eq!(table.items().await, before);

    // Somebody else goes on with it.
    for item in items()
        .iter()
        .filter(|item| REST.iter().any(|rest| item["SK"] == *rest))
    {
        table.put(item).await;
    }
    let Ended { code, out, err } = tail.ended().await;
    assert_eq!((code, &*err), (Some(0), ""));
    let ids: Vec<_> = parsed(&out)
        .iter()
        .map(|line| line["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (12..=17).collect::<Vec<u64>>());
}

#[tokio::test]
async fn ctrl_c_ends_a_tail_in_good_order() {
    let (_table, commands) = table_with(&unfinished()).await;
    let mut tail = commands.start(&["runs", "tail", RUN_ID]).await;
    tail.lines(FIRST_EVENTS).await;
    tail.interrupt();
    let ended = Ended {
        code: Some(0),
        out: String::new(),
        err: String::new(),
    };
    assert_eq!(tail.ended().await, ended);
}

#[tokio::test]
async fn the_tail_of_a_run_that_is_deleted_ends() {
    let (table, commands) = table_with(&unfinished()).await;
    let mut tail = commands.start(&["runs", "tail", RUN_ID]).await;
    tail.lines(FIRST_EVENTS).await;
    for item in unfinished() {
        let delete = table.client.delete_item().table_name(NAME);
        let key = |name: &str| {
            let text = item[name].as_str().unwrap().to_owned();
            aws_sdk_dynamodb::types::AttributeValue::S(text)
        };
        delete
            .key("PK", key("PK"))
            .key("SK", key("SK"))
            .send()
            .await
            .unwrap();
    }
    let Ended { code, out, err } = tail.ended().await;
    assert_eq!((code, &*out), (Some(1), ""));
    assert!(err.starts_with("error: the run is gone"), "{err}");
}

#[tokio::test]
async fn runs_of_any_owner_are_read_and_listed_by_owner() {
    let mut items = items();
    let head = items.iter_mut().find(|item| item["SK"] == "HEAD").unwrap();
    head.insert("owner".to_owned(), json!("ann"));
    let start = items
        .iter_mut()
        .find(|item| item["SK"] == "EV#000000000001")
        .unwrap();
    let events = start["events"]
        .as_str()
        .unwrap()
        .replace("\"anonymous\"", "\"ann\"");
    start.insert("events".to_owned(), json!(events));
    let (_table, commands) = table_with(&items).await;
    let page = commands.prints(&["runs", "show", RUN_ID]).await;
    assert!(page.contains("\nowner       ann\n"), "{page}");
    let list = async |arguments: &[&str]| {
        let listed = commands
            .prints(&[&["runs", "list", "--json"], arguments].concat())
            .await;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        listed["runs"].as_array().unwrap().len()
    };
    assert_eq!(list(&["--owner", "ann"]).await, 1);
    assert_eq!(list(&["--owner", "anonymous"]).await, 0);
    assert_eq!(list(&[]).await, 0);
}

#[tokio::test]
async fn what_a_newer_version_has_written_is_refused_by_name() {
    let mut items = items();
    items[0].insert("schema".to_owned(), json!(3));
    let (table, commands) = table_with(&items).await;
    let before = table.items().await;
    for command in ["show", "tail", "export"] {
        let said = commands.fails(1, &["runs", command, RUN_ID]).await;
        assert!(said.contains("newer version"), "{said}");
    }
    assert_eq!(table.items().await, before);
}
