//! Results as servers give them: what the run keeps of each.

use serde_json::{Value, json};

use super::client::{PATIENT, call, server};
use super::stand::{Era, Reply, Stand, tool};

/// What a server gives, and what is kept.
#[expect(clippy::too_many_lines, reason = "a table, one case a line")]
fn cases() -> Vec<(&'static str, Value, &'static str)> {
    let text = |text: &str| json!({"type": "text", "text": text});
    vec![
        (
            "a text",
            json!({"content": [text("Hello.")]}),
            r#"{"text":"Hello."}"#,
        ),
        (
            "texts",
            json!({"content": [text("One."), text("Two.")]}),
            r#"{"text":"One.\n\nTwo."}"#,
        ),
        ("no content", json!({"content": []}), r#"{"text":""}"#),
        (
            "a result without content",
            json!({"isError": false}),
            r#"{"text":""}"#,
        ),
        (
            "a structured result alone",
            json!({"content": [], "structuredContent": {"n": 3}}),
            r#"{"n":3}"#,
        ),
        (
            "a structured result and the same as text",
            json!({"content": [text("{ \"n\": 3 }")], "structuredContent": {"n": 3}}),
            r#"{"n":3}"#,
        ),
        (
            "a structured result and another text",
            json!({"content": [text("Three.")], "structuredContent": {"n": 3}}),
            r#"{"text":"Three.","structured":{"n":3}}"#,
        ),
        (
            "FastMCP's wrapped number",
            json!({"content": [text("3")], "structuredContent": {"result": 3}}),
            r#"{"result":3}"#,
        ),
        (
            "FastMCP's wrapped text",
            json!({"content": [text("three")], "structuredContent": {"result": "three"}}),
            r#"{"result":"three"}"#,
        ),
        (
            "FastMCP's wrapped list",
            json!({"content": [text("a"), text("b")], "structuredContent": {"result": ["a", "b"]}}),
            r#"{"result":["a","b"]}"#,
        ),
        (
            "FastMCP's wrapped empty list",
            json!({"content": [], "structuredContent": {"result": []}}),
            r#"{"result":[]}"#,
        ),
        (
            "a structured list",
            json!({"content": [text("[1,2]")], "structuredContent": [1, 2]}),
            r#"{"structured":[1,2]}"#,
        ),
        (
            "a structured null",
            json!({"content": [text("Nothing.")], "structuredContent": null}),
            r#"{"text":"Nothing.","structured":null}"#,
        ),
        (
            "a picture",
            json!({"content": [text("See."), {"type": "image", "data": "AAEC", "mimeType": "image/png"}]}),
            r#"{"text":"See."} + image-1.png image/png 3"#,
        ),
        (
            "sound",
            json!({"content": [{"type": "audio", "data": "AAEC", "mimeType": "audio/wav"}]}),
            r#"{"text":""} + audio-1.wav audio/wav 3"#,
        ),
        (
            "pictures of one name",
            json!({"content": [
                {"type": "resource", "resource": {"uri": "file:///a/x.csv", "mimeType": "text/csv", "blob": "YQ=="}},
                {"type": "resource", "resource": {"uri": "file:///b/x.csv", "mimeType": "text/csv", "blob": "Yg=="}},
            ]}),
            r#"{"text":""} + x.csv text/csv 1 + 2-x.csv text/csv 1"#,
        ),
        (
            "a name that is no name",
            json!({"content": [{"type": "resource", "resource": {"uri": "file:///a/..", "blob": "YQ=="}}]}),
            r#"{"text":""} + resource-1.bin  1"#,
        ),
        (
            "what is no base64",
            json!({"content": [{"type": "image", "data": "~~", "mimeType": "image/png"}]}),
            r#"{"text":"","note":"A part of the kind `image` is not in base64, and was left out."}"#,
        ),
        (
            "a resource that is a text",
            json!({"content": [{"type": "resource", "resource": {"uri": "file:///notes.txt", "text": "Buy milk."}}]}),
            r#"{"text":"file:///notes.txt:\nBuy milk."}"#,
        ),
        (
            "a link",
            json!({"content": [{"type": "resource_link", "uri": "http://127.0.0.1:9/secret", "name": "Secret", "_meta": {"x": 1}}]}),
            r#"{"text":"","links":[{"uri":"http://127.0.0.1:9/secret","name":"Secret"}]}"#,
        ),
        (
            "a link beside a structured result",
            json!({"content": [{"type": "resource_link", "uri": "a:b", "name": "B"}], "structuredContent": {"n": 3}}),
            r#"{"structured":{"n":3},"links":[{"uri":"a:b","name":"B"}]}"#,
        ),
        (
            "a part of a new kind",
            json!({"content": [{"type": "video", "data": "AA=="}, text("See.")]}),
            r#"{"text":"See.","note":"A part of the unknown kind `video` was left out."}"#,
        ),
        (
            "a part without a kind",
            json!({"content": [{"text": "?"}, 7]}),
            r#"{"text":"","note":"A part without a kind was left out. A part without a kind was left out."}"#,
        ),
        (
            "a failure",
            json!({"content": [text("There is no Bernn.")], "isError": true}),
            "failed tool_error: There is no Bernn.",
        ),
        (
            "a structured failure",
            json!({"content": [], "structuredContent": {"code": 7}, "isError": true}),
            r#"failed tool_error: {"code":7}"#,
        ),
        (
            "a failure without a word",
            json!({"content": [], "isError": true}),
            "failed tool_error: The tool failed and gave no reason.",
        ),
        (
            "a question",
            json!({"resultType": "input_required", "requestState": "x", "inputRequests": {"a": {"method": "elicitation/create", "params": {"message": "Which Bern?", "requestedSchema": {"type": "object", "properties": {}}}}}}),
            "failed input_required: The tool needs an answer from a person, and nobody can be asked. Call it with what it needs, or do without. It asks: Which Bern?",
        ),
        (
            "a task",
            json!({"resultType": "task", "taskId": "t", "status": "working", "createdAt": "2026-01-01T00:00:00Z", "lastUpdatedAt": "2026-01-01T00:00:00Z", "ttlMs": null}),
            "failed task_unsupported: The tool answers with a task that has to be asked for later, which this service does not do.",
        ),
    ]
}

#[tokio::test]
async fn what_is_kept_of_each_result() {
    let given: Vec<Value> = cases().into_iter().map(|(_, given, _)| given).collect();
    for era in [Era::Old, Era::New] {
        let given = given.clone();
        let stand = Stand::scripted(era, json!([tool("walk")]), move |asked| {
            (asked.method == "tools/call").then(|| Reply::Result(given[asked.earlier].clone()))
        });
        let stand = stand.await;
        let server = server(&stand.url);
        for (name, _, expected) in cases() {
            let kept = call(&server, false, PATIENT).await;
            assert_eq!(kept, expected, "{name}, {era:?}");
        }
    }
}

#[tokio::test]
async fn what_is_nested_too_deeply_is_told() {
    let deep = (0..80).fold(json!(1), |inner, _| json!([inner]));
    let stand = Stand::scripted(Era::Old, json!([tool("walk")]), move |asked| {
        let result = json!({"content": [], "structuredContent": {"a": deep}});
        (asked.method == "tools/call").then_some(Reply::Result(result))
    });
    let stand = stand.await;
    let kept = call(&server(&stand.url), false, PATIENT).await;
    assert_eq!(
        kept,
        "failed bad_response: The tool answered with what is nested too deeply to be kept."
    );
}

/// A stream of events as some server writes it; `ANSWER` stands for the answer.
const STREAMS: [&str; 7] = [
    "data: ANSWER\n\n",
    "data: ANSWER\r\n\r\n",
    ": a comment\n\nevent: ping\ndata:\n\nid: 0\nretry: 1000\ndata:\n\nid: 1\nevent: message\ndata: ANSWER\n\n",
    "data: {\"type\":\"heartbeat\",\"timestamp\":1}\n\ndata: ANSWER\n\n",
    "data: HALF\ndata: OTHER\n\n",
    "\u{feff}data: ANSWER\n\n",
    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"hello\"}}\n\ndata: ANSWER\n\n",
];

#[tokio::test]
async fn every_form_of_a_stream_is_read() {
    for (at, stream) in STREAMS.into_iter().enumerate() {
        let stand = Stand::scripted(Era::Old, json!([tool("walk")]), move |asked| {
            let answer =
                json!({"jsonrpc": "2.0", "id": asked.id, "result": super::stand::text("There.")})
                    .to_string();
            let (half, other) = answer.split_at(answer.find(",\"id\"").unwrap());
            let body = stream
                .replace("ANSWER", &answer)
                .replace("HALF", half)
                .replace("OTHER", other);
            (asked.method == "tools/call")
                .then(|| Reply::Raw(200, "text/event-stream; charset=utf-8", body.clone()))
        });
        let stand = stand.await;
        let kept = call(&server(&stand.url), false, PATIENT).await;
        assert_eq!(kept, r#"{"text":"There."}"#, "{at}");
    }
}

#[tokio::test]
async fn a_result_comes_at_the_end_of_a_stream_too() {
    let note = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "On my way."}});
    for era in [Era::Old, Era::New] {
        let note = note.clone();
        let stand = Stand::scripted(era, json!([tool("walk")]), move |asked| {
            let stream = || {
                Reply::Stream(
                    vec![note.clone(), note.clone()],
                    super::stand::text("There."),
                )
            };
            (asked.method == "tools/call").then(stream)
        });
        let stand = stand.await;
        let kept = call(&server(&stand.url), false, PATIENT).await;
        assert_eq!(kept, r#"{"text":"There."}"#, "{era:?}");
    }
}
