use axum::body::to_bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fault, Message};

fn read(message: &Value) -> Result<Option<(Value, String)>, i32> {
    match Message::read(message.to_string().as_bytes()) {
        Ok(Message::Request(request)) => Ok(Some((request.id, request.method))),
        Ok(Message::OfNoAnswer) => Ok(None),
        Err(fault) => Err(fault.code()),
    }
}

#[test]
fn a_request_has_an_id_and_whatever_has_none_gets_no_answer() {
    for id in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!("a"),
        json!(""),
        json!(u64::MAX),
    ] {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
        assert_eq!(read(&message), Ok(Some((id, "ping".to_owned()))));
    }
    for message in [
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "no"}}),
    ] {
        assert_eq!(read(&message), Ok(None), "{message}");
    }
}

#[test]
fn what_is_no_message_is_told_apart() {
    for (message, code) in [
        (json!([]), -32600),
        (
            json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]),
            -32600,
        ),
        (json!("ping"), -32600),
        (json!({}), -32600),
        (json!({"id": 1, "method": "ping"}), -32600),
        (json!({"jsonrpc": "1.0", "id": 1, "method": "ping"}), -32600),
        (json!({"jsonrpc": 2.0, "id": 1, "method": "ping"}), -32600),
        (json!({"jsonrpc": "2.0", "id": 1}), -32600),
        (json!({"jsonrpc": "2.0", "id": 1, "method": 7}), -32600),
        (
            json!({"jsonrpc": "2.0", "id": null, "method": "ping"}),
            -32600,
        ),
        (
            json!({"jsonrpc": "2.0", "id": [1], "method": "ping"}),
            -32600,
        ),
        (
            json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}),
            -32602,
        ),
    ] {
        assert_eq!(read(&message), Err(code), "{message}");
    }
    for text in ["", "{", "\u{feff}", "{\"jsonrpc\": \"2.0\",}"] {
        let fault = Message::read(text.as_bytes()).err().unwrap();
        assert_eq!(fault.code(), -32700, "{text:?}");
    }
}

#[tokio::test]
async fn a_fault_repeats_the_id_and_little_of_what_was_sent() {
    let fault = Fault::unknown_method(&"x".repeat(5000));
    let response = fault.respond(&json!("a"));
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&body["id"], &body["error"]["code"]),
        (&json!("a"), &json!(-32601))
    );
    assert!(body.to_string().len() < 250, "{body}");
}

proptest! {
    #[test]
    fn no_text_is_too_odd_to_be_read(text in any::<Vec<u8>>(), tail in "[\\[{\":,a-z0-9}\\]]{0,40}") {
        let _read = Message::read(&text);
        let _read = Message::read(format!("{{\"jsonrpc\":\"2.0\",{tail}").as_bytes());
    }
}
