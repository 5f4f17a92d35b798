//! A tool that cannot be sent what it asks for is left out, and who runs the service is told which variable is missing.

use serde_json::{Value, json};
use tests::script::says;

use crate::server::{Step, ToolServer, succeeds};
use crate::service::{Service, TOKEN, VARIABLE, asks, at, results, tool, with_token};

#[tokio::test]
async fn a_tool_whose_variable_is_not_set_is_not_offered() {
    let server = ToolServer::start(|_, _| succeeds(&json!({}))).await;
    let tools = [
        tool("weather", &with_token(&server.address)),
        tool("open", &at(&server.address)),
    ];
    for (value, problem) in [
        (None, "The variable WEATHER_TOKEN is not set."),
        (Some(" "), "The variable WEATHER_TOKEN is not set."),
        (
            Some("a\r\nx: b"),
            "The variable WEATHER_TOKEN holds what no header can carry.",
        ),
    ] {
        let variables: Vec<_> = value.iter().map(|value| (VARIABLE, *value)).collect();
        let service = Service::with_variables(tools.clone(), &variables).await;
        let config = service.stack.client.json("/api/config").await;
        let listed = config["tools"].as_array().unwrap();
        let entry = |name: &str| listed.iter().find(|tool| tool["name"] == name).unwrap();
        assert_eq!(entry("weather")["available"], false);
        assert_eq!(entry("weather")["problem"], problem);
        for name in ["open", "search", "answer"] {
            assert_eq!(entry(name)["available"], true, "{name}");
            assert_eq!(entry(name)["problem"], Value::Null, "{name}");
        }
        let told = service
            .run([vec![asks("weather", ""), asks("open", "")]])
            .await;
        let results = results(&told);
        assert_eq!(results[0]["error"]["code"], "unknown_tool");
        assert_eq!(results[1], json!({}));
        let offered = service.models.asked_of_orchestrator()[0]["tools"].to_string();
        assert!(
            offered.contains("\"open\"") && !offered.contains("\"weather\""),
            "{offered}"
        );
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn blanks_around_a_value_are_not_of_it() {
    let server = ToolServer::start(|_, _| succeeds(&json!({}))).await;
    let set = format!("Bearer {TOKEN}\n");
    let service = Service::with_variables(
        [tool("weather", &with_token(&server.address))],
        &[(VARIABLE, &set)],
    )
    .await;
    service.run([vec![asks("weather", "")]]).await;
    assert_eq!(
        server.requests()[0].headers["authorization"],
        format!("Bearer {TOKEN}")
    );
}

#[tokio::test]
async fn a_model_tool_without_a_server_says_so_too() {
    let models = tests::model_server::ModelServer::start().await;
    let stack = tests::stack::Setup::new()
        .model("qwen", models.address())
        .start_counted()
        .await;
    let config = stack.client.json("/api/config").await;
    assert!(
        config["tools"]
            .as_array()
            .unwrap()
            .iter()
            .all(|tool| tool["available"] == true)
    );
    let stack = tests::stack::Setup::new().start_counted().await;
    let config = stack.client.json("/api/config").await;
    let listed = config["tools"].as_array().unwrap();
    let answer = listed.iter().find(|tool| tool["name"] == "answer").unwrap();
    assert_eq!(
        (&answer["available"], &answer["problem"]),
        (&json!(false), &json!("None of its models has a server."))
    );
}

/// A cancelled run leaves its calls: the server sees its connection end.
#[tokio::test]
async fn a_cancel_ends_the_connection() {
    let server = ToolServer::start(|_, _| vec![Step::WaitsForTheEnd]).await;
    let service = Service::start([tool("weather", &at(&server.address))]).await;
    service
        .models
        .orchestrator([tests::script::calls([asks("weather", "")]), says("Done.")]);
    let events = service
        .stack
        .client
        .start(&json!({"query": "How many?"}))
        .await;
    server.arrived(1).await;
    let path = format!("/api/runs/{}/cancel", events.run_id);
    let request = service.stack.client.request(reqwest::Method::POST, &path);
    assert_eq!(tests::client::send(request).await.status(), 202);
    server.left_by(1).await;
    let told = events.told().await;
    assert_eq!(told.status(), "cancelled");
    assert_eq!(results(&told)[0]["error"]["code"], "cancelled");
}
