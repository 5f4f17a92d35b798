//! What a server lists.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{server, told};
use super::stand::{Asked, Era, Reply, Stand, tool};

const LIMIT: Duration = Duration::from_secs(20);

/// What comes of a list, in one line.
async fn listed(stand: &Stand, wanted: &[&str]) -> String {
    match server(&stand.url).list(wanted, LIMIT).await {
        Ok(tools) => {
            let names: Vec<_> = tools.iter().map(|tool| &*tool.name).collect();
            names.join(" ")
        }
        Err(problem) => told(&problem),
    }
}

#[tokio::test]
async fn both_eras_list_their_tools_and_say_what_they_take() {
    for era in [Era::Old, Era::New] {
        let walk = json!({
            "name": "walk", "title": "Walk", "description": "Walks\u{200b} on.\u{1b}[31m",
            "inputSchema": {"type": "object", "properties": {"to": {"type": "string", "description": "W\u{202e}here"}}},
            "outputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true},
        });
        let stand = Stand::start(era, json!([walk])).await;
        let tools = server(&stand.url).list(&["walk"], LIMIT).await.unwrap();
        let [tool] = &*tools else { panic!("{tools:?}") };
        // Nothing that nobody sees is handed on.
        assert_eq!(tool.description, "Walks on.[31m");
        assert_eq!(tool.parameters["properties"]["to"]["description"], "Where");
        assert!(tool.results.is_some());
        let asked = stand.asked("tools/list");
        assert_eq!(asked[0].headers["authorization"], "s3cr3t-token");
        let session = asked[0].headers.get("mcp-session-id").is_some();
        assert_eq!(session, era == Era::Old);
    }
}

/// Pages without end: each names another one, or the same, which has so many tools.
fn pages(asked: &Asked, tools: usize, cursor: &str) -> Option<Reply> {
    let at = asked.earlier;
    let next = cursor.replace('#', &at.to_string());
    let listed: Vec<_> = (0..tools).map(|n| tool(&format!("t{at}-{n}"))).collect();
    (asked.method == "tools/list")
        .then(|| Reply::Result(json!({"tools": listed, "nextCursor": next})))
}

#[tokio::test]
async fn lists_without_end_end() {
    // Pages' tools, their cursor, what is wanted, and how many pages are asked for.
    let cases = [
        (1, "#", "nothing", 50),
        (1, "same", "nothing", 2),
        (0, "#", "nothing", 50),
        // An empty cursor is one, and leads back to itself.
        (1, "", "nothing", 2),
        (100, "#", "nothing", 20),
        (10_000, "#", "nothing", 1),
        (1, "#", "t2-0", 3),
        (100, "#", "t0-7", 1),
    ];
    for (tools, cursor, wanted, asked) in cases {
        let stand = Stand::scripted(Era::Old, json!([]), move |it| pages(it, tools, cursor)).await;
        listed(&stand, &[wanted]).await;
        assert_eq!(
            stand.asked("tools/list").len(),
            asked,
            "{tools} {cursor} {wanted}"
        );
    }
}

#[tokio::test]
async fn one_tool_that_is_like_none_takes_no_other_away() {
    let odd = json!([
        tool("a"), {"name": "no-schema"}, {"name": "odd-schema", "inputSchema": "none"}, {"description": "no name"}, 7, null,
        {"name": "odd-title", "inputSchema": {"type": "object"}, "title": 7}, {"name": 7, "inputSchema": {}}, tool("b"),
    ]);
    for era in [Era::Old, Era::New] {
        let stand = Stand::start(era, odd.clone()).await;
        let names = listed(&stand, &["b"]).await;
        assert_eq!(names, "a no-schema odd-schema odd-title b", "{era:?}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_told() {
    type Case = (fn() -> Reply, &'static str);
    let cases: [Case; 6] = [
        (
            || Reply::Result(json!({})),
            "bad_response, may be done: It answered with what is no answer to this",
        ),
        (
            || Reply::Result(json!({"tools": "none"})),
            "bad_response, may be done: It answered with what is no answer to this",
        ),
        (
            || Reply::Result(Value::Null),
            "bad_response, may be done: It answered with what is no answer to this",
        ),
        (
            || Reply::Error(-32603, "The  disk\nis full."),
            "tool_error: It answered: The disk is full.",
        ),
        (
            || Reply::Raw(500, "text/plain", "s3cr3t-token".to_owned()),
            "tool_unreachable, may be done, passing: It failed (500)",
        ),
        (|| Reply::Result(json!({"tools": []})), ""),
    ];
    for (reply, expected) in cases {
        let stand = Stand::scripted(Era::Old, json!([]), move |asked| {
            (asked.method == "tools/list").then(reply)
        })
        .await;
        assert_eq!(listed(&stand, &["walk"]).await, expected);
    }
}
