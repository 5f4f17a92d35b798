//! Calls that are made more than once, and those that never are.

use serde_json::{Value, json};

use crate::server::{Received, Step, ToolServer, answers, succeeds};
use crate::service::{Service, asks, at, results, tool, with};

fn works() -> Vec<Step> {
    succeeds(&json!({"n": 7}))
}

/// Fails so once, and works then.
fn once(request: &Received, before: usize) -> Vec<Step> {
    if before > 0 {
        return works();
    }
    match request.fault() {
        "429" => answers(429, &["retry-after: 0"], ""),
        "502" => answers(502, &[], ""),
        "503" => answers(503, &[], ""),
        "504" => answers(504, &[], ""),
        "closed" => vec![],
        "reset" => vec![Step::Resets],
        "half a body" => vec![Step::Writes(
            b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec(),
        )],
        "500" => answers(500, &[], ""),
        other => panic!("{other}"),
    }
}

const PASSING: [&str; 7] = ["429", "502", "503", "504", "closed", "reset", "half a body"];

#[tokio::test]
async fn what_passes_is_tried_again_with_the_same_key_and_body() {
    let server = ToolServer::start(once).await;
    let service = Service::start([tool("weather", &at(&server.address))]).await;
    let told = service
        .run([PASSING.map(|fault| asks("weather", fault)).to_vec()])
        .await;
    for (fault, result) in PASSING.iter().zip(results(&told)) {
        assert_eq!(result["n"], 7, "{fault}: {result}");
        let requests = server.requests();
        let sent: Vec<_> = requests.iter().filter(|it| it.fault() == *fault).collect();
        let [first, second] = &*sent else {
            panic!("{fault}: {sent:?}");
        };
        assert_eq!(first.body, second.body);
        assert_eq!(
            first.headers["idempotency-key"],
            second.headers["idempotency-key"]
        );
        assert_eq!(first.headers["traceparent"], second.headers["traceparent"]);
    }
}

/// What came of a call that may not be repeated, by how it failed: where it may have taken effect, that is not known.
#[tokio::test]
async fn what_must_not_be_repeated_is_made_once() {
    let server = ToolServer::start(once).await;
    let pay = with(tool("pay", &at(&server.address)), "retry", "never");
    let service = Service::start([pay]).await;
    let expected = [
        ("429", "tool_busy", true),
        ("503", "tool_busy", true),
        ("502", "outcome_unknown", false),
        ("504", "outcome_unknown", false),
        ("500", "outcome_unknown", false),
        ("closed", "outcome_unknown", false),
        ("reset", "outcome_unknown", false),
        ("half a body", "outcome_unknown", false),
    ];
    let told = service
        .run([expected.map(|(fault, ..)| asks("pay", fault)).to_vec()])
        .await;
    for ((fault, code, retryable), result) in expected.iter().zip(results(&told)) {
        let error = &result["error"];
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!(code), &json!(retryable)),
            "{fault}: {error}"
        );
        assert_eq!(server.asked(fault), 1, "{fault}");
        let is_told = error["message"]
            .as_str()
            .unwrap()
            .contains("may not be repeated");
        assert_eq!(is_told, *code == "outcome_unknown");
    }
}

/// Which connection each of a tool's calls came on, a call a round.
async fn connections(
    retry: &str,
    plan: impl Fn(&Received, usize) -> Vec<Step> + Send + Sync + 'static,
) -> (Vec<Value>, Vec<usize>) {
    let server = ToolServer::start(plan).await;
    let weather = with(tool("weather", &at(&server.address)), "retry", retry);
    let service = Service::start([weather]).await;
    let told = service
        .run((0..3).map(|_| vec![asks("weather", "none")]))
        .await;
    let connections = server.requests().iter().map(|it| it.connection).collect();
    (results(&told), connections)
}

#[tokio::test]
async fn a_connection_is_used_again_unless_its_end_would_leave_something_unknown() {
    let (results, used) = connections("safe", |_, _| works()).await;
    assert!(results.iter().all(|result| result["n"] == 7));
    assert_eq!(used, [0, 0, 0]);
    let (results, used) = connections("never", |_, _| works()).await;
    assert!(results.iter().all(|result| result["n"] == 7));
    assert_eq!(used, [0, 1, 2]);
}

/// A server that ends idle connections just when the next call comes.
#[tokio::test]
async fn a_connection_that_ends_under_a_call_costs_nothing_but_another() {
    let ends_second = |request: &Received, before: usize| {
        if before == 1 && request.connection == 0 {
            vec![Step::Resets]
        } else {
            works()
        }
    };
    let (results, used) = connections("safe", ends_second).await;
    assert!(results.iter().all(|result| result["n"] == 7), "{results:?}");
    assert_eq!(used, [0, 0, 1, 1]);
    let (results, used) = connections("never", ends_second).await;
    assert!(results.iter().all(|result| result["n"] == 7), "{results:?}");
    assert_eq!(used, [0, 1, 2]);
}
