//! What somebody has sent, wherever it stood in the request, comes back in a refusal's words as its beginning at most.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::stack::Setup;

use crate::{START, UNKNOWN_RUN};

/// Most characters of one value that a refusal repeats.
const QUOTED_CHARS: usize = 60;
/// Room for the words around it: names of tools and fields, and what to do.
const MAX_REFUSAL_BYTES: usize = 800;

/// A request with a value somewhere in it.
type Place = (&'static str, fn(&Client, &str) -> RequestBuilder);

const PARAMETERS: &[Place] = &[
    ("limit", |client, sent| {
        get(client, "/api/runs", "limit", sent)
    }),
    ("cursor", |client, sent| {
        get(client, "/api/runs", "cursor", sent)
    }),
    ("days", |client, sent| {
        get(client, "/api/stats", "days", sent)
    }),
    ("after", |client, sent| {
        get(client, &format!("{UNKNOWN_RUN}/events"), "after", sent)
    }),
    ("version", |client, sent| {
        get(
            client,
            &format!("{UNKNOWN_RUN}/artifacts/a.png"),
            "version",
            sent,
        )
    }),
];

const PATHS: &[Place] = &[
    ("address", |client, sent| {
        client.request(Method::GET, &format!("/{sent}"))
    }),
    ("run", |client, sent| {
        client.request(Method::GET, &format!("/api/runs/{sent}"))
    }),
    ("cancelled run", |client, sent| {
        client.request(Method::POST, &format!("/api/runs/{sent}/cancel"))
    }),
    ("file", |client, sent| {
        client.request(Method::GET, &format!("{UNKNOWN_RUN}/artifacts/{sent}"))
    }),
    ("file of the page", |client, sent| {
        client.request(Method::GET, &format!("/static/{sent}"))
    }),
];

const HEADERS: &[Place] = &[
    ("Idempotency-Key", |client, sent| {
        header(client, "idempotency-key", sent)
    }),
    ("Last-Event-ID", |client, sent| {
        header(client, "last-event-id", sent)
    }),
    ("x-watcher", |client, sent| {
        header(client, "x-watcher", sent)
    }),
    ("Content-Type", |client, sent| {
        client
            .request(Method::POST, START)
            .header("content-type", sent)
            .body("{}")
    }),
    ("Last-Event-ID of a run", |client, sent| {
        client
            .request(Method::GET, &format!("{UNKNOWN_RUN}/events"))
            .header("last-event-id", sent)
    }),
];

const BODIES: &[Place] = &[
    ("no JSON", |client, sent| {
        client.start_request(sent.to_owned())
    }),
    ("no object", |client, sent| {
        client.start_request(json!(sent).to_string())
    }),
    ("unknown field", |client, sent| {
        field(client, &json!({"query": "Hi", sent: 1}))
    }),
    ("unknown preference", |client, sent| {
        preferences(client, &json!({sent: 1}))
    }),
    ("unknown filter", |client, sent| {
        preferences(client, &json!({"tools": {sent: 1}}))
    }),
    ("rounds", |client, sent| {
        field(client, &json!({"query": "Hi", "max_rounds": sent}))
    }),
    ("temperature", |client, sent| {
        field(client, &json!({"query": "Hi", "temperature": sent}))
    }),
    ("query", |client, sent| {
        field(client, &json!({"query": [sent]}))
    }),
    ("previous run", |client, sent| {
        field(client, &json!({"query": "Hi", "previous_run_id": sent}))
    }),
    ("priority", |client, sent| {
        preferences(client, &json!({"priority": sent}))
    }),
    ("preferences", |client, sent| {
        field(client, &json!({"query": "Hi", "preferences": sent}))
    }),
    ("model", |client, sent| {
        preferences(client, &json!({"models": [sent]}))
    }),
    ("models", |client, sent| {
        preferences(client, &json!({"models": {sent: sent}}))
    }),
    ("tool", |client, sent| {
        preferences(client, &json!({"tools": {"deny": [sent]}}))
    }),
    ("instructions", |client, sent| {
        preferences(client, &json!({"instructions": {sent: sent}}))
    }),
];

fn get(client: &Client, path: &str, name: &str, sent: &str) -> RequestBuilder {
    client.request(Method::GET, path).query(&[(name, sent)])
}

fn header(client: &Client, name: &str, sent: &str) -> RequestBuilder {
    client
        .start_request(r#"{"query": "Hi"}"#)
        .header(name, sent)
}

fn field(client: &Client, body: &Value) -> RequestBuilder {
    client.start_request(body.to_string())
}

fn preferences(client: &Client, preferences: &Value) -> RequestBuilder {
    field(client, &json!({"query": "Hi", "preferences": preferences}))
}

/// The most times that a character stands in a row.
fn longest_row(text: &str, of: char) -> usize {
    text.split(|it| it != of)
        .map(|row| row.chars().count())
        .max()
        .unwrap_or(0)
}

#[tokio::test]
async fn no_refusal_repeats_more_than_the_beginning_of_what_was_sent() {
    let service = Setup::new().start_counted().await;
    let mut faults = Vec::new();
    // (a character that no refusal has in a row, and how many of it, up to what a head may hold)
    let plain = [('x', 201), ('x', 30_000), ('7', 500), ('-', 9_000)];
    let odd = [
        ('é', 4_000),
        ('🦀', 2_000),
        ('"', 5_000),
        ('\u{202e}', 2_000),
    ];
    let everywhere = [PARAMETERS, PATHS, HEADERS, BODIES].concat();
    let beside_heads = [PARAMETERS, BODIES].concat();
    let of_all = everywhere
        .iter()
        .flat_map(|place| plain.map(|sent| (place, sent)));
    let of_some = beside_heads
        .iter()
        .flat_map(|place| odd.map(|sent| (place, sent)));
    for ((place, request), (character, times)) in of_all.chain(of_some) {
        let sent = character.to_string().repeat(times);
        let response = send(request(&service.client, &sent)).await;
        let status = response.status();
        let told = response.text().await.unwrap();
        let repeated = longest_row(&told, character);
        if !status.is_client_error() || repeated > QUOTED_CHARS || told.len() > MAX_REFUSAL_BYTES {
            faults.push(format!(
                "{place}, {times} times {character:?}: {status}, {repeated} in {} bytes",
                told.len()
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn what_is_repeated_is_the_beginning_with_a_sign_that_more_follows() {
    let service = Setup::new().start_counted().await;
    for (sent, told) in [
        ("ten".to_owned(), "ten".to_owned()),
        ("é".repeat(60), "é".repeat(60)),
        ("é".repeat(61), format!("{}…", "é".repeat(60))),
    ] {
        let limit = get(&service.client, "/api/runs", "limit", &sent);
        let refused: Value = send(limit).await.json().await.unwrap();
        let message = format!("limit must be between 1 and 100, got {told}");
        assert_eq!(refused["error"]["message"], message);
        let unknown = preferences(&service.client, &json!({&sent: 1}));
        let refused: Value = send(unknown).await.json().await.unwrap();
        assert_eq!(refused["error"]["field"], format!("preferences.{told}"));
    }
}
