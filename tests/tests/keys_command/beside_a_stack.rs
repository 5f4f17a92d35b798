//! A second process makes keys on the file of a stack that is running.

use std::fs;

use serde_json::json;
use tests::command_line::CommandLine;
use tests::model_server::ModelServer;
use tests::script::says;
use tests::stack::{Setup, Stack};

use crate::{create, listed};

async fn stack() -> (ModelServer, Stack, CommandLine) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let commands = CommandLine::on_data_dir(stack.data_dir.path());
    (models, stack, commands)
}

#[tokio::test]
async fn a_key_opens_at_once_and_no_key_stands_in_the_file() {
    let (_models, stack, commands) = stack().await;
    let limits = [
        "--name",
        "alice",
        "--runs-per-minute",
        "10",
        "--parallel",
        "3",
    ];
    let limits = [&limits[..], &["--usd-per-day", "5.25"]].concat();
    let alice = create(&commands, &limits).await;
    let bob = create(&commands, &["--name=bob"]).await;
    assert_ne!(alice, bob);
    assert_eq!(stack.client.json("/api/config").await["owner"], "local");
    let config = stack
        .client
        .clone()
        .with_key(&alice)
        .json("/api/config")
        .await;
    assert_eq!(config["owner"], "alice");
    assert_eq!(
        config["limits"]["runs_per_minute"],
        json!({"limit": 10, "used": 0})
    );
    assert_eq!(config["limits"]["parallel"], json!({"limit": 3, "used": 0}));
    assert_eq!(config["limits"]["usd_per_day"]["limit"], 5.25);
    let config = stack
        .client
        .clone()
        .with_key(&bob)
        .json("/api/config")
        .await;
    assert_eq!(config["owner"], "bob");
    assert_eq!(config["limits"]["usd_per_day"], json!(null));
    let nobody = stack
        .client
        .clone()
        .with_key(&format!("slm_{}", "0".repeat(43)));
    assert_eq!(nobody.get("/api/config").await.status(), 401);
    for entry in fs::read_dir(stack.data_dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for key in [&alice, &bob] {
            let random = &key.as_bytes()[4..];
            assert!(!bytes.windows(random.len()).any(|held| held == random));
        }
    }
}

#[tokio::test]
async fn a_list_tells_owners_limits_and_what_is_revoked() {
    let (_models, _stack, commands) = stack().await;
    assert_eq!(listed(&commands).await, Vec::<serde_json::Value>::new());
    let none = commands.prints(&["keys", "list"]).await;
    assert!(
        none.starts_with("there is no access key in counted in "),
        "{none}"
    );
    create(&commands, &["--name", "bob", "--usd-per-day", "0.5"]).await;
    create(&commands, &["--name", "alice", "--parallel", "3"]).await;
    let said = commands.prints(&["keys", "revoke", "bob"]).await;
    assert!(said.contains("refused within a minute"), "{said}");
    let keys = listed(&commands).await;
    let names: Vec<_> = keys
        .iter()
        .map(|key| key["owner"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["alice", "bob"]);
    let limits = json!({"runs_per_minute": null, "parallel": 3, "usd_per_day": null});
    assert_eq!(keys[0]["limits"], limits);
    assert_eq!(keys[0]["revoked_at"], json!(null));
    assert_eq!(keys[1]["limits"]["usd_per_day"], 0.5);
    assert!(keys[1]["revoked_at"].as_str() >= keys[1]["created_at"].as_str());
    let table = commands.prints(&["keys", "list"]).await;
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.starts_with("OWNER  RUNS/MINUTE"), "{table}");
}

#[tokio::test]
async fn runs_are_listed_by_the_names_that_people_know() {
    let (models, stack, commands) = stack().await;
    let alice = create(&commands, &["--name", "alice"]).await;
    models.orchestrator([says("Seven."), says("Eight.")]);
    let ours = stack.client.question("How many?").await;
    let hers = stack
        .client
        .clone()
        .with_key(&alice)
        .question("And now?")
        .await;
    for (owner, run_id) in [
        ("alice", &hers.run_id),
        ("default", &ours.run_id),
        ("local", &ours.run_id),
        ("anonymous", &ours.run_id),
    ] {
        let list = commands.prints(&["runs", "list", "--owner", owner]).await;
        assert_eq!(list.lines().count(), 2, "{list}");
        assert!(list.contains(&**run_id), "{owner}: {list}");
    }
    for (run_id, owner) in [(&hers.run_id, "alice"), (&ours.run_id, "default")] {
        let page = commands.prints(&["runs", "show", run_id]).await;
        assert!(page.contains(&format!("\nowner       {owner}\n")), "{page}");
    }
}
