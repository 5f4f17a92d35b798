//! What belongs to one owner is not there for any other: each route is tried by each of them, from the list of routes itself.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use store::Limits;
use tests::client::send;
use tests::openapi::OpenApi;
use tests::script::{Part, call, calls, says};

use crate::kit::{NO_RUN, Service, code, key_of};

/// What a route is about, and so what whoever does not own the run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// One run, named in the address: it is not there.
    Run,
    /// One run, named in the body: it is not there.
    RunInBody,
    /// The caller: nothing of the run is told.
    Caller,
    /// Everybody.
    Nobody,
}

use About::{Caller, Nobody, Run, RunInBody};

/// Each operation with what it is about, and a body that it takes; a new route without a line here fails.
fn operations(run: &str) -> BTreeMap<&'static str, (About, Value)> {
    let response = format!("resp_{run}");
    let ask = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                     "params": {"name": "get_run", "arguments": {"run_id": run, "wait_seconds": 0}}});
    BTreeMap::from([
        (
            "startRun",
            (RunInBody, json!({"query": "And?", "previous_run_id": run})),
        ),
        ("listRuns", (Caller, Value::Null)),
        ("getRun", (Run, Value::Null)),
        ("followRun", (Run, Value::Null)),
        ("getArtifact", (Run, Value::Null)),
        ("getPrompt", (Run, Value::Null)),
        ("changeRun", (Run, json!({"title": "Mine", "pinned": true}))),
        ("cancelRun", (Run, json!({}))),
        ("rateRun", (Run, json!({"rating": "bad"}))),
        ("shareRun", (Run, json!({}))),
        ("unshareRun", (Run, Value::Null)),
        ("deleteRun", (Run, Value::Null)),
        ("getStats", (Caller, Value::Null)),
        ("getConfig", (Caller, Value::Null)),
        ("speakMcp", (RunInBody, ask)),
        ("listModels", (Nobody, Value::Null)),
        ("getModel", (Nobody, Value::Null)),
        (
            "createChatCompletion",
            (Caller, json!({"model": "none", "messages": []})),
        ),
        (
            "createResponse",
            (
                RunInBody,
                json!({"model": "orchestrator", "input": "And?", "previous_response_id": response}),
            ),
        ),
        ("getResponse", (Run, Value::Null)),
        ("cancelResponse", (Run, json!({}))),
        ("deleteResponse", (Run, Value::Null)),
        ("listInputItems", (Run, Value::Null)),
    ])
}

fn of(api: &OpenApi, run: &str) -> Vec<(About, Method, String, Value)> {
    let known = operations(run);
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for (method, path, operation) in api.operations() {
        let id = operation["operationId"].as_str().unwrap();
        if operation["security"] == json!([]) {
            continue;
        }
        let (about, body) = known
            .get(id)
            .unwrap_or_else(|| panic!("{id} has no line here"));
        let path = path
            .replace("{id}", run)
            .replace("{response_id}", &format!("resp_{run}"))
            .replace("{name}", "a.png")
            .replace("{model}", "orchestrator")
            .replace("{call_id}", "r1.orchestrator");
        let method: Method = method.to_uppercase().parse().unwrap();
        seen.insert(id);
        rows.push((*about, method, path, body.clone()));
    }
    assert_eq!(seen.len(), known.len(), "a line names no route");
    rows
}

fn with(request: RequestBuilder, body: &Value) -> RequestBuilder {
    match body {
        Value::Null => request,
        body => request.json(body),
    }
}

fn draws() -> Part {
    call("code_interpreter", json!({"code": "x"}))
}

#[tokio::test]
async fn each_route_keeps_a_run_from_each_other_owner() {
    let service = Service::of(|setup| {
        setup.tool("code_interpreter", |_: tool::Request| tool::Response::Ok {
            result: serde_json::Map::new(),
            artifacts: vec![tool::File {
                name: "a.png".to_owned(),
                media_type: "image/png".to_owned(),
                data: b"a picture".to_vec(),
            }],
        })
    })
    .await;
    for owner in ["ann", "bea", "cal"] {
        service.key(owner, Limits::default()).await;
    }
    service.models.orchestrator([
        calls([draws()]),
        says("It is drawn: nobody else sees it."),
        says("Hers."),
    ]);
    let run = service.ask("ann", "Draw the secret plan.").await;
    service.ask("cal", "What else?").await;
    let revoked = service.store().revoke_key(&run::Owner::new("cal"), 1).await;
    revoked.unwrap().unwrap();
    let before = service.stack.table.items().await;
    let api = OpenApi::new();
    for (about, method, path, body) in of(&api, &run) {
        let what = format!("{method} {path}");
        let request = with(service.by("bea", method.clone(), &path), &body);
        let response = send(request).await;
        let status = response.status().as_u16();
        let told = response.text().await.unwrap();
        let tells = ["secret plan", "It is drawn", "a picture"]
            .iter()
            .any(|it| told.contains(it));
        assert!(!tells, "{what}: {told}");
        match about {
            Run => assert_eq!(status, 404, "{what}: {told}"),
            RunInBody => assert!(
                status == 404 || told.contains("no such run"),
                "{what}: {status} {told}"
            ),
            Caller | Nobody => assert!(!told.contains(&run), "{what}: {told}"),
        }
        // What is not there is told in the same words.
        if about == Run {
            let nowhere = path.replace(&run, NO_RUN);
            let unknown = send(with(service.by("bea", method.clone(), &nowhere), &body)).await;
            assert_eq!(unknown.status().as_u16(), status, "{what}");
            assert_eq!(unknown.text().await.unwrap(), told, "{what}");
        }
        for key in [None, Some(key_of("dan"))] {
            let mut request = service.stack.client.request(method.clone(), &path);
            if let Some(key) = key {
                request = request.bearer_auth(key);
            }
            let refused = send(with(request, &body)).await;
            assert_eq!(refused.status(), 401, "{what}");
        }
    }
    let mut after = service.stack.table.items().await;
    // A start that was refused left nothing, and the owner has all of it.
    after.retain(|item| !item["PK"].as_str().unwrap().starts_with("LATENCY#"));
    let mut before = before;
    before.retain(|item| !item["PK"].as_str().unwrap().starts_with("LATENCY#"));
    assert_eq!(after, before);
    for path in [
        "",
        "/events",
        "/artifacts/a.png",
        "/calls/r1.orchestrator/prompt",
    ] {
        let path = format!("/api/runs/{run}{path}");
        assert_eq!(service.get("ann", &path).await.status(), 200, "{path}");
    }
    let stats = service.json("bea", "/api/stats").await;
    assert_eq!(stats["days"], json!([]));
    let deleted = send(service.by("ann", Method::DELETE, &format!("/api/runs/{run}"))).await;
    assert_eq!(deleted.status(), 204);
}

/// A key that was revoked keeps its owner's runs for the next key of that owner.
#[tokio::test]
async fn a_new_key_of_an_owner_opens_what_the_old_one_made() {
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    service.models.orchestrator([says("Seven.")]);
    let run = service.ask("ann", "How many?").await;
    let store = service.store();
    store
        .revoke_key(&run::Owner::new("ann"), 1)
        .await
        .unwrap()
        .unwrap();
    let other = key_of("anne");
    let hash = store::KeyHash::of(other.as_bytes());
    let key = store::AccessKey::new(run::Owner::new("ann"), hash, Limits::default(), 2);
    assert!(store.create_key(&key).await.unwrap());
    let path = format!("/api/runs/{run}");
    let request = service
        .stack
        .client
        .request(Method::GET, &path)
        .bearer_auth(other);
    assert_eq!(send(request).await.status(), 200);
    assert_eq!(
        code(service.get("bea", &path).await).await,
        (401, json!("unauthorized"))
    );
}
