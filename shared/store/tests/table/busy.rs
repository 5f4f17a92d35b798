//! A table that is busy or refuses: what it says of a request decides whether the same one is sent again, and what the operator is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use run::Seq;
use serde_json::{Value, json};
use store::{Consistency, Started, Store, StoreError, create_table};
use tests::fault_proxy::{Fate, FaultyTable};
use tests::loopback::Served;
use tests::table::{NAME, client_at};

use crate::kit::{KEPT, NOW, first_events, new_run, run_id, start};

type Asked = Arc<Mutex<Vec<Value>>>;

/// A table that gives these answers, one after the other, and the last of them from then on; and what it was asked.
async fn answering(answers: Vec<(StatusCode, Value)>) -> (Served, Store, Asked) {
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let answer = async move |body: Bytes| {
        let request: Value = serde_json::from_slice(&body).unwrap();
        let mut noted = noted.lock().unwrap();
        let (status, answer) = answers[noted.len().min(answers.len() - 1)].clone();
        noted.push(request);
        (status, axum::Json(answer))
    };
    let served = Served::start(Router::new().route("/", post(answer))).await;
    let store = Store::new(client_at(&served.address), "busy", Duration::from_hours(1));
    (served, store, asked)
}

/// A transaction that was refused, with the reason of each of its items.
fn cancelled(reasons: &[&str]) -> (StatusCode, Value) {
    let reasons: Vec<_> = reasons.iter().map(|code| json!({"Code": code})).collect();
    let answer = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled",
        "CancellationReasons": reasons,
    });
    (StatusCode::BAD_REQUEST, answer)
}

fn done() -> (StatusCode, Value) {
    (StatusCode::OK, json!({}))
}

async fn started(store: &Store) -> Result<Started, StoreError> {
    let start = start(1, "How many?");
    let events = first_events(&start);
    store.start(new_run(&start, None), &events).await
}

#[tokio::test]
async fn a_transaction_that_another_one_was_in_the_way_of_is_sent_again_as_the_same() {
    let conflict = || cancelled(&["None", "TransactionConflict"]);
    let (_served, store, asked) = answering(vec![conflict(), conflict(), done()]).await;
    let outcome = started(&store).await;
    assert!(matches!(outcome, Ok(Started::New { .. })), "{outcome:?}");
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    assert!(asked[0]["ClientRequestToken"].is_string());
    assert!(asked.iter().all(|again| *again == asked[0]));
}

#[tokio::test]
async fn a_transaction_that_can_never_succeed_is_sent_once_and_the_operator_is_told_why() {
    for reasons in [
        &["None", "ValidationError"][..],
        &["TransactionConflict", "ValidationError"],
    ] {
        let (_served, store, asked) = answering(vec![cancelled(reasons)]).await;
        let error = started(&store).await.unwrap_err().to_string();
        assert!(error.starts_with("the table cannot be used ("), "{error}");
        let said = ": TransactionCanceledException: Transaction cancelled";
        assert!(error.ends_with(said), "{error}");
        assert_eq!(asked.lock().unwrap().len(), 1, "{reasons:?}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_sent_once() {
    let refused = |code: &str| {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
        (StatusCode::BAD_REQUEST, json!({"__type": kind}))
    };
    for (answer, told) in [
        (refused("AccessDeniedException"), "AccessDeniedException"),
        (
            refused("ResourceNotFoundException"),
            "there is no such table",
        ),
        (
            cancelled(&["TransactionConflict", "ItemCollectionSizeLimitExceeded"]),
            "TransactionCanceledException",
        ),
    ] {
        let (_served, store, asked) = answering(vec![answer]).await;
        let error = started(&store).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert_eq!(asked.lock().unwrap().len(), 1, "{told}");
    }
}

#[tokio::test]
async fn a_log_is_read_as_it_stands_or_as_it_stood_a_moment_ago() {
    for (consistency, is_consistent) in
        [(Consistency::Strong, true), (Consistency::Eventual, false)]
    {
        let empty = (StatusCode::OK, json!({"Items": [], "Count": 0}));
        let (_served, store, asked) = answering(vec![empty]).await;
        let log = store.read(run_id(1), Seq(1), consistency, NOW).await;
        assert!(log.unwrap().events.is_empty());
        assert_eq!(asked.lock().unwrap()[0]["ConsistentRead"], is_consistent);
    }
}

#[tokio::test]
async fn a_table_that_fails_or_has_no_room_is_asked_again() {
    let said = |code: &str| json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}")});
    for answer in [
        (StatusCode::BAD_REQUEST, said("ThrottlingException")),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            said("InternalServerError"),
        ),
        (StatusCode::SERVICE_UNAVAILABLE, json!({})),
    ] {
        // More than the client repeats by itself.
        let mut answers = vec![answer; 4];
        answers.push(done());
        let (_served, store, asked) = answering(answers).await;
        let outcome = started(&store).await;
        assert!(matches!(outcome, Ok(Started::New { .. })), "{outcome:?}");
        assert_eq!(asked.lock().unwrap().len(), 5);
    }
}

#[tokio::test]
async fn a_transaction_whose_connections_break_is_sent_again() {
    let table = FaultyTable::start().await;
    let mut lost = 0;
    table.judge(move |asked| {
        if asked.name != "TransactWriteItems" || lost == 4 {
            return Fate::Pass;
        }
        lost += 1;
        Fate::LoseRequest
    });
    let outcome = started(&Store::new(table.client(), NAME, KEPT)).await;
    assert!(matches!(outcome, Ok(Started::New { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_table_that_may_not_be_looked_for_is_not_made() {
    let refused = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "not yours",
    });
    let (served, _, asked) = answering(vec![(StatusCode::BAD_REQUEST, refused)]).await;
    let error = create_table(&client_at(&served.address), "busy").await;
    let error = error.unwrap_err().to_string();
    let says = "the table cannot be used (find the table): AccessDeniedException: not yours";
    assert_eq!(error, says);
    assert_eq!(asked.lock().unwrap().len(), 1);
}
