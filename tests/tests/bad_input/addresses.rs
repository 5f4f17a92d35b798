//! Addresses, methods and positions that are wrong.

use reqwest::Method;

use crate::case::Case;
use crate::{START, UNKNOWN_RUN};

pub fn lists() -> Vec<Case> {
    let refused = |query: &str, field: &str| {
        let path = format!("/api/runs?{query}");
        Case::new(Method::GET, &path, (400, "invalid_request")).field(field)
    };
    let mut cases: Vec<Case> = [
        "",
        "0",
        "101",
        "-1",
        "1.5",
        "ten",
        "99999999999999999999999",
    ]
    .iter()
    .map(|limit| refused(&format!("limit={limit}"), "limit").says(["limit", "1", "100"]))
    .collect();
    cases.push(refused("limit=1&limit=2", "limit"));
    cases.extend(
        ["x", "%F0%9F%A6%80", "01ARZ3NDEKTSV4RRFFQ69G5FAV!"]
            .map(|cursor| refused(&format!("cursor={cursor}"), "cursor").says(["cursor"])),
    );
    cases
}

pub fn addresses() -> Vec<Case> {
    let run = |id: &str| Case::not_found(&format!("/api/runs/{id}"));
    let events = |id: &str| Case::not_found(&format!("/api/runs/{id}/events"));
    let method = |method: Method, path: &str| Case::new(method, path, (405, "method_not_allowed"));
    let mut cases = vec![
        Case::not_found("/nothing"),
        Case::not_found("/api"),
        Case::not_found("/api/chat/orchestrator"),
        Case::not_found("/api/configuration"),
        // Of the contract, but of no step so far.
        Case::not_found("/api/models"),
        Case::not_found(&format!("{UNKNOWN_RUN}/artifacts/figure-1.png")),
        Case::new(
            Method::POST,
            &format!("{UNKNOWN_RUN}/cancel"),
            (404, "not_found"),
        ),
        Case::new(Method::POST, "/api/chat/completions", (404, "not_found")),
        method(Method::GET, START),
        method(Method::PUT, START),
        method(Method::OPTIONS, START),
        method(Method::POST, UNKNOWN_RUN),
        method(Method::POST, &format!("{UNKNOWN_RUN}/events")),
        method(Method::POST, "/api/config"),
        method(Method::DELETE, "/health"),
        method(Method::POST, "/orchestrator"),
    ];
    let lower = "01arz3ndektsv4rrffq69g5fav";
    let longer = "01ARZ3NDEKTSV4RRFFQ69G5FAVX";
    let no_letter = "01ARZ3NDEKTSV4RRFFQ69G5FAU";
    let too_late = "81ARZ3NDEKTSV4RRFFQ69G5FAV";
    let known = [
        "x",
        "0",
        lower,
        longer,
        no_letter,
        too_late,
        "%20",
        "%F0%9F%A6%80",
        "..%2f..",
        "%ff",
        "%00",
    ];
    for id in known
        .into_iter()
        .chain([UNKNOWN_RUN.trim_start_matches("/api/runs/")])
    {
        cases.extend([run(id), events(id)]);
    }
    cases
}

pub fn positions() -> Vec<Case> {
    let events = format!("{UNKNOWN_RUN}/events");
    let refused = |path: &str| Case::new(Method::GET, path, (400, "invalid_request"));
    let malformed = [
        "",
        "x",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "%201",
        "0x1",
        "99999999999999999999999",
        "%F0%9F%A6%80",
        "null",
    ];
    let mut cases: Vec<Case> = malformed
        .iter()
        .map(|value| {
            refused(&format!("{events}?after={value}"))
                .field("after")
                .says(["whole number"])
        })
        .collect();
    for value in ["", "x", "-1", "1.5", "99999999999999999999999"] {
        let case = refused(&events).header("last-event-id", value);
        cases.push(case.field("Last-Event-ID").says(["whole number"]));
    }
    cases.push(refused(&format!("{events}?after=1&after=2")).field("after"));
    cases.push(Case::not_found(&format!("{events}?after=1")));
    cases
}
