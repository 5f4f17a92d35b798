//! The table's file after its stack has gone, in good order or not.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::command_line::CommandLine;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::process::StackProcess;
use tests::script::{finish, gate, says, sse, text, usage};

use crate::{lines_of, parsed};

/// The files that hold what is stored; beside them `SQLite` keeps note of readers.
fn stored(data_dir: &Path) -> [Option<Vec<u8>>; 2] {
    ["table.sqlite", "table.sqlite-wal"].map(|name| {
        let bytes = std::fs::read(data_dir.join(name)).ok();
        bytes.filter(|bytes| !bytes.is_empty())
    })
}

async fn stack() -> (ModelServer, TempDir, StackProcess) {
    let models = ModelServer::start().await;
    let data_dir = tempfile::tempdir().unwrap();
    let stack = StackProcess::start_embedded(data_dir.path(), models.address(), None).await;
    (models, data_dir, stack)
}

#[tokio::test]
async fn what_a_stopped_or_killed_stack_has_stored_is_read_and_left_as_it_is() {
    for is_killed in [false, true] {
        let (models, data_dir, stack) = stack().await;
        models.orchestrator([says("Seven.")]);
        let told = stack.client.question("How many?").await;
        let run_id = &*told.run_id;
        let mut snapshot = stack.client.json(&format!("/api/runs/{run_id}")).await;
        if is_killed {
            stack.kill().await;
        } else {
            stack.terminate().await;
        }
        let before = stored(data_dir.path());
        let commands = CommandLine::on_data_dir(data_dir.path());
        let listed = commands.prints(&["runs", "list", "--json"]).await;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        assert_eq!(listed["runs"][0]["run_id"], told.run_id);
        let shown = commands.prints(&["runs", "show", run_id, "--json"]).await;
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), snapshot);
        let lines = commands.prints(&["runs", "tail", run_id, "--json"]).await;
        assert_eq!(parsed(&lines), lines_of(&told));
        let exported = commands.prints(&["runs", "export", run_id]).await;
        let exported: Value = serde_json::from_str(&exported).unwrap();
        snapshot.as_object_mut().unwrap().remove("shared");
        assert_eq!(exported["snapshot"], snapshot);
        assert_eq!(stored(data_dir.path()), before, "killed: {is_killed}");
    }
}

#[tokio::test]
async fn a_tail_goes_on_when_another_stack_takes_the_run_over() {
    let (models, data_dir, first) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        gate(&held),
        text("Lost."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let events = first.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    held.reached().await;
    first.terminate().await;
    drop(events);

    let commands = CommandLine::on_data_dir(data_dir.path());
    let page = commands.prints(&["runs", "show", &run_id]).await;
    assert!(page.contains("\ndriver      none: "), "{page}");
    let mut tail = commands.start(&["runs", "tail", &run_id, "--json"]).await;
    let mut lines = vec![tail.line().await.unwrap()];
    models.orchestrator([says("Seven.")]);
    let second = StackProcess::start_embedded(data_dir.path(), models.address(), None).await;
    while let Some(line) = tail.line().await {
        lines.push(line);
    }
    let told = second.client.events(&run_id, 0).await.told().await;
    assert_eq!(parsed(&lines.join("\n")), lines_of(&told));
    assert_eq!(told.answer(), "Seven.");
}
