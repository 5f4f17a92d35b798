//! What the operator's headers hold reaches the server and nothing else, whatever the server does with it.

use serde_json::{Value, json};
use tests::logged::Log;

use crate::server::{Received, Step, ToolServer, answers, json_with};
use crate::service::{Service, TOKEN, asks, results, tool, with_token};

/// A server that echoes what it is sent, in every place that something is read of.
fn echoes(request: &Received, _: usize) -> Vec<Step> {
    let told = request.headers["authorization"].clone();
    let token = told.trim_start_matches("Bearer ").to_owned();
    let file = |data: &str| json!({"name": format!("{token}.txt"), "media_type": "text/plain", "data": base64(data)});
    match request.fault() {
        "result" => json_with(
            200,
            &json!({"ok": true, "result": {"a": told, &*token: [[{"b": format!("x{token}y")}]]}}),
        ),
        "file" => json_with(
            200,
            &json!({"ok": true, "result": {}, "artifacts": [file(&format!("sent: {told}"))]}),
        ),
        "error" => json_with(
            200,
            &json!({"ok": false, "error": {"code": token, "message": told, "retryable": false}}),
        ),
        "error of 401" => json_with(
            401,
            &json!({"ok": false, "error": {"code": token, "message": told, "retryable": false}}),
        ),
        "words" => answers(
            401,
            &[],
            format!("bad header `{told}` of {} by of-the-address", request.line),
        ),
        "json" => json_with(
            403,
            &json!({"detail": {"headers": {"Authorization": told}}}),
        ),
        "redirect" => answers(
            302,
            &[&format!(
                "location: https://example.org/{token}/?{token}#{token}"
            )],
            "",
        ),
        "rubbish" => answers(200, &[], format!(r#"{{"ok": "{told}"}}"#)),
        "escaped" => answers(
            200,
            &[],
            format!(r#"{{"ok": true, "result": {{"a": "{}"}}}}"#, escaped(&told)),
        ),
        "half" => vec![Step::Writes(
            format!("HTTP/1.1 {token}\r\n\r\n").into_bytes(),
        )],
        other => panic!("{other}"),
    }
}

/// As JSON may write any text.
fn escaped(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    units.collect::<Vec<_>>().concat()
}

fn base64(text: &str) -> Value {
    let file = tool::File {
        name: String::new(),
        media_type: String::new(),
        data: text.as_bytes().to_vec(),
    };
    serde_json::to_value(file).unwrap()["data"].take()
}

const PLACES: [&str; 10] = [
    "result",
    "file",
    "error",
    "error of 401",
    "words",
    "json",
    "redirect",
    "rubbish",
    "escaped",
    "half",
];

#[tokio::test]
async fn no_event_log_or_file_holds_what_a_server_echoes() {
    let (log, _guard) = Log::begin();
    let server = ToolServer::start(echoes).await;
    let url = format!("{}/?key=of-the%2Daddress&u=si", server.address);
    let service = Service::start([tool("weather", &with_token(&url))]).await;
    let told = service
        .run([PLACES.map(|place| asks("weather", place)).to_vec()])
        .await;
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|it| it.headers["authorization"] == format!("Bearer {TOKEN}"))
    );
    let results = results(&told);
    assert_eq!(results[0]["a"], "[redacted]");
    assert_eq!(results[0]["[redacted]"][0][0]["b"], "x[redacted]y");
    let words = results[4]["error"]["message"].as_str().unwrap();
    let expected = "bad header `[redacted]` of POST /?key=[redacted]&u=si HTTP/1.1 by [redacted]";
    assert!(words.ends_with(expected), "{words}");
    let file = results[1]["artifacts"][0]["url"].as_str().unwrap();
    let kept = service.stack.client.get(file).await.text().await.unwrap();
    assert_eq!(kept, "sent: [redacted]");
    let frames: Vec<_> = told
        .frames
        .iter()
        .map(|frame| frame.data.to_string())
        .collect();
    let snapshot = service
        .stack
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    let asked = service.models.asked_of_orchestrator();
    for text in [
        frames.concat(),
        snapshot.to_string(),
        Value::from(asked).to_string(),
        log.text(),
    ] {
        assert!(!text.contains(TOKEN), "{text}");
        assert!(!text.contains("of-the-address"), "{text}");
        assert!(!text.contains("of-the%2Daddress"), "{text}");
    }
}
