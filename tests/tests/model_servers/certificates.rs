//! Servers whose certificates an authority of the operator's has signed.

use serde_json::{Value, json};
use tests::script::call;
use tests::stack::Setup;
use tests::tls::{Authority, Identity, Tls};

use crate::gateway::{Answers, Gateway};

/// What a run comes to whose only model is behind a server with this certificate: its answer, or its error with the remedy.
async fn ask(identity: Identity, trusted: Option<&str>) -> String {
    let gateway = Gateway::new(Answers::Says("It is 42."));
    let served = gateway.serve().await;
    let tls = Tls::before(&served.address, identity).await;
    let setup = Setup::new().model("qwen", &tls.address);
    let setup = match trusted {
        Some(pem) => setup.extra_ca_certs(pem),
        None => setup,
    };
    let stack = setup.start().await;
    let told = stack.client.question("What is six times seven?").await;
    if told.status() == "completed" {
        return told.answer().to_owned();
    }
    let error = &told.of("error")[0]["error"];
    let text = |field: &str| error[field].as_str().unwrap().to_owned();
    format!("{} {}", text("message"), text("remedy"))
}

#[tokio::test]
async fn a_model_is_asked_where_its_servers_certificate_leads_to_a_named_authority_and_nowhere_else()
 {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let both = format!("{}{}", theirs.pem, ours.pem);
    let here = "127.0.0.1";
    let itself = Identity::of_itself(false);
    let pinned = itself.pem.clone();
    for (identity, trusted) in [
        (ours.signs(here), &ours.pem),
        (ours.signs(here), &both),
        (itself, &pinned),
    ] {
        assert_eq!(ask(identity, Some(trusted)).await, "It is 42.");
    }
    let authority = Identity::of_itself(true);
    let of_authority = authority.pem.clone();
    for (identity, trusted, says) in [
        (ours.signs(here), None, "UnknownIssuer"),
        (ours.signs(here), Some(&theirs.pem), "UnknownIssuer"),
        (
            ours.signs("models.example"),
            Some(&ours.pem),
            "not valid for name",
        ),
        (authority, Some(&of_authority), "CaUsedAsEndEntity"),
    ] {
        let said = ask(identity, trusted.map(String::as_str)).await;
        assert!(said.contains(says), "{says}: {said}");
        assert!(said.contains("EXTRA_CA_CERTS"), "{said}");
    }
}

#[tokio::test]
async fn a_tool_is_called_over_a_certificate_of_the_same_authority() {
    let ours = Authority::new("ours");
    let tool = axum::Router::new().route(
        "/weather",
        axum::routing::post(async || axum::Json(json!({"ok": true, "result": {"celsius": 21}}))),
    );
    let tool = tests::loopback::Served::start(tool).await;
    let tls = Tls::before(&tool.address, ours.signs("127.0.0.1")).await;
    for (trusted, ok) in [(Some(&ours.pem), true), (None, false)] {
        let shipped = include_str!("../../../tools_config.json");
        let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
        let weather = json!({
            "type": "function",
            "function": {"name": "weather", "description": "Weather.", "parameters": {"type": "object"}},
            "target": {"http": {"url": format!("{}/weather", tls.address)}}, "timeout_ms": 10_000, "retry": "safe",
        });
        catalogue["tools"].as_array_mut().unwrap().push(weather);
        let models = tests::model_server::ModelServer::start().await;
        let called = tests::script::calls([call("weather", json!({}))]);
        models.orchestrator([called, tests::script::says("Warm.")]);
        let setup = Setup::with_catalog(&catalogue).models(&models);
        let setup = match trusted {
            Some(pem) => setup.extra_ca_certs(pem),
            None => setup,
        };
        let stack = setup.start().await;
        let told = stack.client.question("How warm is it?").await;
        assert_eq!(told.of("tool_result")[0]["ok"], ok, "{told:?}");
    }
}
