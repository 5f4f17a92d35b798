//! No run begins while the service is paused, whoever asks.

use reqwest::Response;
use serde_json::{Value, json};
use tests::client::send;
use tests::command_line::CommandLine;
use tests::model_server::ModelServer;
use tests::script::says;
use tests::stack::{Setup, Stack};

async fn start(stack: &Stack) -> Response {
    send(
        stack
            .client
            .start_request(json!({"query": "How many?"}).to_string()),
    )
    .await
}

#[tokio::test]
async fn nothing_begins_from_pause_to_resume_and_what_was_before_is_told() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let commands = CommandLine::on_data_dir(stack.data_dir.path());
    let paused = async || stack.client.json("/api/config").await["paused"].clone();
    assert_eq!(paused().await, json!(null));
    let said = commands.prints(&["pause"]).await;
    assert!(said.ends_with("\nbefore: not paused\n"), "{said}");
    assert_eq!(paused().await, "");
    let said = commands
        .prints(&["pause", "--reason", " Back at 9. "])
        .await;
    assert!(
        said.contains("who asks is told: Back at 9.\nbefore: paused since 20"),
        "{said}"
    );
    let refused = start(&stack).await;
    assert_eq!(refused.status(), 503);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["error"]["limit"], "paused");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("Back at 9."), "{message}");
    commands.prints(&["pause"]).await;
    assert_eq!(
        paused().await,
        "Back at 9.",
        "a pause that goes on keeps its reason"
    );

    let said = commands.prints(&["resume"]).await;
    let lines: Vec<_> = said.lines().collect();
    assert!(
        lines[0].starts_with("resumed: runs begin in counted in "),
        "{said}"
    );
    assert!(lines[1].starts_with("before: paused since 20"), "{said}");
    assert!(lines[1].ends_with("Z: Back at 9."), "{said}");
    assert_eq!(paused().await, json!(null));
    models.orchestrator([says("Seven.")]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.status(), "completed");
    let said = commands.prints(&["resume"]).await;
    assert!(said.ends_with("\nbefore: not paused\n"), "{said}");
}

#[tokio::test]
async fn a_service_can_be_paused_before_it_is_there() {
    let data_dir = tempfile::tempdir().unwrap();
    let commands = CommandLine::on_data_dir(data_dir.path());
    commands.prints(&["pause", "--reason", "Not yet."]).await;
    let stack =
        tests::process::StackProcess::start_embedded(data_dir.path(), "http://127.0.0.1:9", None);
    let config = stack.await.client.json("/api/config").await;
    assert_eq!(config["paused"], "Not yet.");
}
