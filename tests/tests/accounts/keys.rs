//! Access keys of the table.

use futures_util::future::join_all;
use orchestrator::{Access, KEY_CHARS, KEY_PREFIX};
use reqwest::Method;
use run::Owner;
use serde_json::json;
use store::Limits;
use tests::client::{Client, send};
use tests::loopback::{ClosedPort, Served};
use tests::script::says;
use tests::stack::Setup;
use tests::table::client_at;

use crate::kit::{Service, code, key_of};

fn reads_of_keys(service: &Service) -> usize {
    let operations = service.stack.table.operations();
    let is_key = |it: &&tests::table::Operation| {
        it.name == "GetItem" && it.body.to_string().contains("KEY#")
    };
    operations.iter().filter(is_key).count()
}

#[tokio::test]
async fn whoever_shows_a_key_is_its_owner() {
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    service.models.orchestrator([says("Seven.")]);
    assert_eq!(service.json("ann", "/api/config").await["owner"], "ann");
    let run_id = service.ask("ann", "How many?").await;
    let listed = service.json("ann", "/api/runs").await;
    assert_eq!(listed["runs"][0]["run_id"], json!(run_id));
    let items = serde_json::to_string(&service.stack.table.items().await).unwrap();
    assert!(
        items.contains("\"ann\"") && !items.contains(&key_of("ann")),
        "{items}"
    );
}

#[tokio::test]
async fn a_key_is_read_once_a_minute_however_many_ask_with_it_and_a_guess_as_well() {
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    for owner in ["ann", "nobody"] {
        let before = reads_of_keys(&service);
        let asked = join_all((0..20).map(|_| service.get(owner, "/api/runs"))).await;
        let expected = if owner == "ann" { 200 } else { 401 };
        assert!(asked.iter().all(|it| it.status() == expected), "{owner}");
        assert_eq!(reads_of_keys(&service) - before, 1, "{owner}");
    }
}

#[tokio::test]
async fn what_is_no_key_by_its_form_is_refused_without_a_look_into_the_table() {
    let service = Service::start().await;
    let right = key_of("ann");
    let before = service.stack.table.operations().len();
    for wrong in [
        String::new(),
        "x".to_owned(),
        right[1..].to_owned(),
        format!("{right}x"),
        right.replace(KEY_PREFIX, "sk-"),
        format!("{KEY_PREFIX}{}", "-".repeat(KEY_CHARS)),
        "x".repeat(8000),
    ] {
        let path = "/api/runs";
        let request = service
            .stack
            .client
            .request(Method::GET, path)
            .bearer_auth(&wrong);
        assert_eq!(
            code(send(request).await).await,
            (401, json!("unauthorized"))
        );
    }
    assert_eq!(service.stack.table.operations().len(), before);
}

/// A key that is revoked is refused by a process that has not read it; how long another one believes what it has read is a constant.
#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    let store = service.store();
    store
        .revoke_key(&Owner::new("ann"), 2)
        .await
        .unwrap()
        .unwrap();
    let refused = code(service.get("ann", "/api/runs").await).await;
    assert_eq!(refused, (401, json!("unauthorized")));
    // The same words as for one that never was.
    let told = [
        service.get("ann", "/api/runs"),
        service.get("bea", "/api/runs"),
    ];
    let [revoked, unknown] = join_all(told).await.try_into().unwrap();
    assert_eq!(revoked.text().await.unwrap(), unknown.text().await.unwrap());
}

#[tokio::test]
async fn the_key_of_the_environment_goes_on_as_default_and_loopback_needs_none() {
    // SHA-256 of `open sesame`.
    const DIGEST: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";
    let variables = [("ACCESS_KEY_SHA256", DIGEST)];
    let service = Service::of(|setup| setup.access(&variables, Access::CLOSED)).await;
    service.key("ann", Limits::default()).await;
    let asked = service.stack.client.request(Method::GET, "/api/config");
    let config: serde_json::Value = send(asked.bearer_auth("open sesame"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(config["owner"], "default");
    assert_eq!(service.json("ann", "/api/config").await["owner"], "ann");
    let local = Service::of(|setup| setup.access(&[], Access::OPEN)).await;
    local.key("ann", Limits::default()).await;
    assert_eq!(
        local.stack.client.json("/api/config").await["owner"],
        "local"
    );
    // Clients that must send a key send any.
    let any = local
        .stack
        .client
        .request(Method::GET, "/api/config")
        .bearer_auth("sk-none");
    assert_eq!(
        send(any).await.json::<serde_json::Value>().await.unwrap()["owner"],
        "local"
    );
    assert_eq!(local.json("ann", "/api/config").await["owner"], "ann");
    let guessed = code(local.get("bea", "/api/config").await).await;
    assert_eq!(guessed, (401, json!("unauthorized")));
}

#[tokio::test]
async fn nobody_enters_while_the_table_cannot_be_asked() {
    let nowhere = ClosedPort::take();
    let setup = Setup::new().access(&[], Access::CLOSED);
    let (app, _services) = setup.process_at(client_at(&nowhere.address));
    let served = Served::start(app).await;
    let client = Client::new(&served.address).with_key(&key_of("ann"));
    let refused = code(client.get("/api/runs").await).await;
    assert_eq!(refused, (503, json!("unavailable")));
}
