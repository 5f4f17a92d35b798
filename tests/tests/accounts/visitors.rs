//! Use without a key, where the operator lets visitors in.

use orchestrator::Access;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::gate::Gate;
use tests::script::{gate, says, sse, text};

use crate::kit::{NO_RUN, Service, code, refusal};

async fn service(variables: &[(&str, &str)]) -> Service {
    Service::of(|setup| setup.access(variables, Access::CLOSED)).await
}

const ON: [(&str, &str); 1] = [("ANONYMOUS_USE", "on")];

fn visitor(service: &Service, token: char) -> Client {
    let token = format!("visitor-{}", token.to_string().repeat(43));
    service.stack.client.clone().with_key(&token)
}

async fn start(client: &Client, query: &str) -> Response {
    send(client.start_request(json!({"query": query}).to_string())).await
}

#[tokio::test]
async fn without_the_parameter_nobody_enters_and_with_it_they_are_told_how() {
    let closed = service(&[]).await;
    let refused = closed.stack.client.get("/api/config").await;
    let (status, error) = refusal(refused).await;
    assert_eq!((status, error.get("anonymous")), (401, None));
    assert_eq!(visitor(&closed, 'a').get("/api/config").await.status(), 401);
    let open = service(&ON).await;
    let (status, error) = refusal(open.stack.client.get("/api/config").await).await;
    assert_eq!((status, &error["anonymous"]), (401, &json!(true)));
    let config = visitor(&open, 'a').json("/api/config").await;
    assert_eq!(config["owner"], "visitor");
    assert_eq!(
        config["limits"]["runs_per_minute"],
        json!({"limit": 3, "used": 0})
    );
    assert_eq!(config["limits"]["usd_per_day"]["limit"], 0.2);
}

#[tokio::test]
async fn each_visitor_sees_its_own_runs_alone() {
    let service = service(&ON).await;
    service.models.orchestrator([says("Seven.")]);
    let (ann, bea) = (visitor(&service, 'a'), visitor(&service, 'b'));
    let response = start(&ann, "How many?").await;
    let run = response.headers()["x-run-id"].to_str().unwrap().to_owned();
    response.text().await.unwrap();
    let path = format!("/api/runs/{run}");
    assert_eq!(ann.json(&path).await["answer"], "Seven.");
    assert_eq!(code(bea.get(&path).await).await, (404, json!("not_found")));
    assert_eq!(bea.json("/api/runs").await["runs"], json!([]));
    assert_eq!(
        code(bea.get(&format!("/api/runs/{NO_RUN}")).await).await,
        (404, json!("not_found"))
    );
    let stored = serde_json::to_string(&service.stack.table.items().await).unwrap();
    assert!(
        !stored.contains(&"a".repeat(43)),
        "the token is stored nowhere"
    );
}

/// Other tokens are no way around what an address may use: nobody tells the addresses here, so all are of one.
#[tokio::test]
async fn another_token_brings_nothing_more() {
    let service = service(&ON).await;
    let open = Gate::shut();
    service.models.orchestrator([
        sse([text("Sev"), gate(&open), text("en.")]),
        says("Eight."),
        says("Nine."),
    ]);
    let first = start(&visitor(&service, 'a'), "How many?").await;
    assert_eq!(first.status(), 200);
    open.reached().await;
    let (status, error) = refusal(start(&visitor(&service, 'b'), "How many?").await).await;
    assert_eq!((status, &error["limit"]), (429, &json!("parallel")));
    open.open();
    first.text().await.unwrap();
    for token in ['c', 'd'] {
        let response = loop {
            let response = start(&visitor(&service, token), "How many?").await;
            if response.status() == 200 {
                break response;
            }
            let (_, error) = refusal(response).await;
            assert_eq!(error["limit"], "parallel", "the end is being noted");
        };
        response.text().await.unwrap();
    }
    let (status, error) = loop {
        let refused = refusal(start(&visitor(&service, 'e'), "How many?").await).await;
        if refused.1["limit"] != "parallel" {
            break refused;
        }
    };
    assert_eq!((status, &error["limit"]), (429, &json!("runs_per_minute")));
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                      "params": {"name": "ask", "arguments": {"query": "And?", "wait_seconds": 0}}});
    let asked = visitor(&service, 'f')
        .request(Method::POST, "/mcp")
        .json(&call);
    let told: Value = send(asked).await.json().await.unwrap();
    assert!(
        told.to_string().contains("The limit is 3 runs a minute"),
        "{told}"
    );
}
