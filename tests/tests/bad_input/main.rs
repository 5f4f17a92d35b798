//! Requests that are refused: each with its status, its code, the field at fault and words that help; nothing is stored.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod case;
mod repeated;
mod starts;

use reqwest::Method;
use tests::client::send;
use tests::stack::Setup;
use tests::table::Operation;

const START: &str = "/api/chat/orchestrator/stream";
const UNKNOWN_RUN: &str = "/api/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[tokio::test]
async fn what_is_wrong_is_refused_by_name_and_nothing_of_it_is_stored() {
    let service = Setup::new().start_counted().await;
    let cases = [
        starts::bodies_that_are_no_start(),
        starts::questions(),
        starts::numbers(),
        starts::unknown_fields(),
        starts::follow_ups(),
        starts::preferences(),
        addresses::lists(),
        starts::headers_of_a_start(),
        addresses::addresses(),
        addresses::positions(),
    ];
    let mut faults = Vec::new();
    for case in cases.iter().flatten() {
        faults.extend(case.fault(&service.client).await);
    }
    assert_eq!(service.table.items().await, []);
    let scan = service
        .table
        .until(|operation| operation.name == "Scan")
        .await;
    let writes: Vec<_> = scan.into_iter().filter(Operation::is_write).collect();
    assert!(writes.is_empty(), "{writes:#?}");
    assert!(
        faults.is_empty(),
        "{} of the requests:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_there_are() {
    let service = Setup::new().start_counted().await;
    for (method, path, allowed) in [
        (Method::GET, START, "POST"),
        (Method::POST, UNKNOWN_RUN, "GET,HEAD,PATCH,DELETE"),
        (Method::GET, "/api/runs/x/cancel", "POST"),
        (Method::POST, "/health", "GET,HEAD"),
        (Method::DELETE, "/", "GET,HEAD"),
    ] {
        let response = send(service.client.request(method, path)).await;
        assert_eq!(response.status(), 405, "{path}");
        let allow = response.headers()["allow"]
            .to_str()
            .unwrap()
            .replace(' ', "");
        assert_eq!(allow, allowed, "{path}");
    }
}

#[tokio::test]
async fn a_preflight_of_another_page_finds_no_permission() {
    let service = Setup::new().start_counted().await;
    let request = service
        .client
        .request(Method::OPTIONS, START)
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST");
    let response = send(request).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers().get("access-control-allow-origin"), None);
}
