//! Share links.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use store::Limits;
use tests::client::send;
use tests::gate::Gate;
use tests::openapi::OpenApi;
use tests::script::{gate, says, sse, text};

use crate::kit::{Service, abandoned, code};

async fn share(service: &Service, run: &str) -> String {
    let path = format!("/api/runs/{run}/share");
    let response = send(service.by("ann", Method::POST, &path)).await;
    assert_eq!(response.status(), 200);
    let link: Value = response.json().await.unwrap();
    let url = link["url"].as_str().unwrap().to_owned();
    assert!(
        url.contains(&format!("/orchestrator?run={run}&share=")),
        "{url}"
    );
    url.rsplit_once("share=").unwrap().1.to_owned()
}

async fn by_link(service: &Service, path: &str, token: &str) -> Response {
    let path = format!("{path}?share={token}");
    send(service.stack.client.request(Method::GET, &path)).await
}

async fn service_with_run() -> (Service, String) {
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    service.models.orchestrator([says("Seven.")]);
    let body =
        json!({"query": "How many?", "preferences": {"instructions": "Between us: be short."}});
    let response = send(service.start_by("ann", &body)).await;
    let run = response.headers()["x-run-id"].to_str().unwrap().to_owned();
    response.text().await.unwrap();
    (service, run)
}

#[tokio::test]
async fn whoever_has_the_link_reads_the_run_until_it_is_revoked() {
    let (service, run) = service_with_run().await;
    let path = format!("/api/runs/{run}");
    assert_eq!(service.json("ann", &path).await["shared"], false);
    let token = share(&service, &run).await;
    assert_eq!(
        share(&service, &run).await,
        token,
        "the same while it is shared"
    );
    assert_eq!(service.json("ann", &path).await["shared"], true);
    let seen = by_link(&service, &path, &token).await;
    assert_eq!(seen.status(), 200);
    assert_eq!(seen.headers()["x-robots-tag"], "noindex");
    let seen = seen.text().await.unwrap();
    for hidden in ["Between us", "\"ann\"", "instructions", "\"shared\""] {
        assert!(!seen.contains(hidden), "{hidden}: {seen}");
    }
    assert!(seen.contains("Seven."));
    let events = by_link(&service, &format!("{path}/events"), &token).await;
    assert_eq!(events.headers()["x-robots-tag"], "noindex");
    let events = events.text().await.unwrap();
    assert!(
        events.contains("Seven.") && !events.contains("Between us"),
        "{events}"
    );
    // A key beside the link opens nothing more, and a wrong one nothing less.
    let shown = format!("{path}?share={token}");
    for owner in ["ann", "nobody"] {
        let snapshot = service.json(owner, &shown).await;
        assert_eq!(snapshot["request"]["preferences"].get("instructions"), None);
    }
    let ended = send(service.by("ann", Method::DELETE, &format!("{path}/share"))).await;
    assert_eq!(ended.status(), 204);
    for path in [path.clone(), format!("{path}/events")] {
        let refused = by_link(&service, &path, &token).await;
        assert_eq!(code(refused).await, (404, json!("not_found")), "{path}");
    }
    assert_ne!(share(&service, &run).await, token);
}

#[tokio::test]
async fn a_link_opens_three_routes_of_its_run_and_nothing_else() {
    let (service, run) = service_with_run().await;
    service.models.orchestrator([says("Other.")]);
    let other = service.ask("ann", "Something else?").await;
    let token = share(&service, &run).await;
    let before = service.stack.table.items().await;
    let mut opened = Vec::new();
    for (method, path, operation) in OpenApi::new().operations() {
        if operation["security"] == json!([]) {
            continue;
        }
        let of = |run: &str| {
            let path = path
                .replace("{id}", run)
                .replace("{response_id}", &format!("resp_{run}"));
            let path = path
                .replace("{name}", "a.png")
                .replace("{model}", "orchestrator");
            format!(
                "{}?share={token}",
                path.replace("{call_id}", "r1.orchestrator")
            )
        };
        let method: Method = method.to_uppercase().parse().unwrap();
        let body = json!({"query": "And?", "model": "orchestrator", "input": "And?"});
        let asked = service
            .stack
            .client
            .request(method.clone(), &of(&run))
            .json(&body);
        let status = send(asked).await.status().as_u16();
        match status {
            200 => opened.push(operation["operationId"].as_str().unwrap().to_owned()),
            // A file that is not there.
            404 if path.contains("artifacts") => {}
            status => assert_eq!(status, 401, "{method} {path}"),
        }
        let foreign = service
            .stack
            .client
            .request(method.clone(), &of(&other))
            .json(&body);
        let status = send(foreign).await.status();
        assert!(status == 404 || status == 401, "{method} {path}: {status}");
    }
    opened.sort();
    assert_eq!(opened, ["followRun", "getRun"]);
    let described = |(_, _, operation): &(&str, &str, &Value)| {
        let parameters = operation["parameters"].as_array();
        let named = parameters.into_iter().flatten().map(Value::to_string);
        named.filter(|it| it.contains("parameters/Share")).count()
    };
    let described: usize = OpenApi::new().operations().iter().map(described).sum();
    assert_eq!(described, 3);
    assert_eq!(service.stack.table.items().await, before);
}

/// A run that nobody drives stays so, however many guests look at it; its owner's look takes it over.
#[tokio::test]
async fn guests_watch_a_run_as_it_goes_on_and_never_drive_it() {
    let held = Gate::shut();
    let service = Service::start().await;
    service.key("ann", Limits::default()).await;
    service
        .models
        .orchestrator([sse([text("Sev"), gate(&held), text("en.")])]);
    let response = send(service.start_by("ann", &json!({"query": "How many?"}))).await;
    let run = response.headers()["x-run-id"].to_str().unwrap().to_owned();
    held.reached().await;
    let token = share(&service, &run).await;
    let watched = by_link(&service, &format!("/api/runs/{run}/events"), &token).await;
    assert_eq!(watched.status(), 200);
    // Half of the places are the owner's, whatever guests do.
    let mut guests = vec![watched];
    loop {
        let next = by_link(&service, &format!("/api/runs/{run}/events"), &token).await;
        if next.status() == 429 {
            break;
        }
        guests.push(next);
        assert!(guests.len() <= 10);
    }
    assert_eq!(guests.len(), 10);
    let owner = service.get("ann", &format!("/api/runs/{run}/events")).await;
    assert_eq!(owner.status(), 200);
    held.open();
    let seen = guests.remove(0).text().await.unwrap();
    assert!(
        seen.contains("Seven.") && seen.contains("\"complete\""),
        "{seen}"
    );
    response.text().await.unwrap();
}

#[tokio::test]
async fn a_guest_takes_no_run_over() {
    let service = Service::of(|setup| {
        setup
            .watch(Duration::from_secs(2))
            .lease(Duration::from_secs(1))
    })
    .await;
    service.key("ann", Limits::default()).await;
    let run = abandoned(&service.store(), "ann").await.to_string();
    let path = format!("/api/runs/{run}/events");
    let token = share(&service, &run).await;
    let seen = by_link(&service, &path, &token).await.text().await.unwrap();
    assert!(
        seen.contains("\"start\"") && !seen.contains("resumed"),
        "{seen}"
    );
    service.models.orchestrator([says("Seven.")]);
    let owned = service.get("ann", &path).await.text().await.unwrap();
    assert!(
        owned.contains("resumed") && owned.contains("Seven."),
        "{owned}"
    );
}
