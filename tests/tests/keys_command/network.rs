//! A page that is reached over a network with keys of the table alone.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use local::{Place, ServeOptions, Settings};
use orchestrator::Access;
use reqwest::Method;
use serde_json::json;
use tests::client::{Client, send};
use tests::command_line::CommandLine;
use tests::loopback::Served;

use crate::create;

async fn start(data_dir: &Path) -> Result<(Served, Client), String> {
    let options = ServeOptions {
        port: 0,
        data_dir: data_dir.to_owned(),
        host: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let mut settings = Settings::from_env().await.unwrap();
    tests::table::NAME.clone_into(&mut settings.orchestrator.table);
    settings.access = Access::OPEN;
    settings.network_access = Access::CLOSED;
    settings.table = Place::Embedded;
    settings.look_for_models = false;
    let stack = local::Stack::start(options, settings)
        .await
        .map_err(|error| error.to_string())?;
    let client = Client::new(&stack.address);
    let served = Served::on(stack.listener, stack.router, stack.address.clone());
    Ok((served, client))
}

#[tokio::test]
async fn it_listens_as_soon_as_there_is_a_key_and_each_route_asks_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let commands = CommandLine::on_data_dir(folder.path());
    create(&commands, &["--name", "alice"]).await;
    commands.prints(&["keys", "revoke", "alice"]).await;
    let refused = start(folder.path()).await.err().unwrap();
    assert!(
        refused.starts_with("--host 0.0.0.0: only 127.0.0.1"),
        "{refused}"
    );
    assert!(
        refused.contains("`serverless-llm keys create --name NAME`"),
        "{refused}"
    );

    let key = create(&commands, &["--name", "bob"]).await;
    let (_served, client) = start(folder.path()).await.unwrap();
    let run = "/api/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (method, path) in [
        (Method::POST, "/api/chat/orchestrator/stream"),
        (Method::GET, "/api/runs"),
        (Method::GET, run),
        (Method::DELETE, run),
        (Method::POST, &format!("{run}/cancel")),
        (Method::GET, "/api/stats"),
        (Method::GET, "/api/config"),
        (Method::GET, "/v1/models"),
        (Method::POST, "/v1/chat/completions"),
        (Method::POST, "/v1/responses"),
        (Method::POST, "/mcp"),
    ] {
        let request = client.request(method.clone(), path);
        let response = send(request.json(&json!({"query": "x"}))).await;
        assert_eq!(response.status(), 401, "{method} {path}");
    }
    assert_eq!(client.get("/health").await.status(), 200);
    let config = client.with_key(&key).json("/api/config").await;
    assert_eq!(config["owner"], "bob");
}
