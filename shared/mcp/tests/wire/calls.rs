//! Sessions: begun when they are needed, kept, lost and renewed; and calls that nobody waits for any more.

use serde_json::{Value, json};

use super::client::{PATIENT, call, server};
use super::stand::{Asked, Era, Reply, Stand, tool};

const DONE: &str = r#"{"text":"{\"to\":\"Bern\"}"}"#;

#[tokio::test]
async fn a_session_is_begun_once_and_the_era_is_remembered() {
    for era in [Era::Old, Era::New] {
        let stand = Stand::start(era, json!([tool("walk")])).await;
        let server = server(&stand.url);
        for _ in 0..5 {
            assert_eq!(call(&server, false, PATIENT).await, DONE);
        }
        let begun = stand.asked(if era == Era::Old {
            "initialize"
        } else {
            "server/discover"
        });
        assert_eq!(begun.len(), 1, "{era:?}");
        let called = &stand.asked("tools/call")[4];
        let version = called.headers["mcp-protocol-version"].to_str().unwrap();
        assert_eq!(
            version,
            if era == Era::Old {
                "2025-06-18"
            } else {
                "2026-07-28"
            }
        );
        assert_eq!(called.headers["authorization"], "s3cr3t-token");
        // Nothing is declared that a server could ask of us.
        let declared = &begun[0].params;
        let declared = if era == Era::Old {
            &declared["capabilities"]
        } else {
            &declared["_meta"]["io.modelcontextprotocol/clientCapabilities"]
        };
        assert_eq!(*declared, json!({}), "{era:?}");
    }
}

#[tokio::test]
async fn a_server_that_answers_whatever_it_does_not_know_is_asked_in_the_older_way() {
    let anything =
        |asked: &Asked| (asked.method == "server/discover").then(|| Reply::Result(json!({})));
    let stand = Stand::scripted(Era::Old, json!([tool("walk")]), anything).await;
    let server = server(&stand.url);
    assert_eq!(call(&server, false, PATIENT).await, DONE);
    assert_eq!(call(&server, false, PATIENT).await, DONE);
    assert_eq!(stand.asked("server/discover").len(), 1);
}

/// A script under which the first call meets a fault that a server shows once.
fn once(fault: fn(&Asked) -> Reply) -> impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static {
    move |asked| (asked.method == "tools/call" && asked.earlier == 0).then(|| fault(asked))
}

#[tokio::test]
async fn a_lost_session_is_renewed_where_nothing_can_have_been_done() {
    // The fault, whether the call may be repeated, and how often the tool and a session are then asked for.
    type Case = (&'static str, fn(&Asked) -> Reply, bool, usize, usize);
    let cases: [Case; 9] = [
        (
            "400 without an id",
            |_| {
                Reply::Raw(400, "application/json", json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "Bad Request: No valid session ID provided"}}).to_string())
            },
            false,
            2,
            2,
        ),
        (
            "400 as an event",
            |_| {
                Reply::Raw(400, "text/event-stream", "event: message\ndata: {\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Bad Request: Server not initialized\"},\"id\":null}\n\n".to_owned())
            },
            false,
            2,
            2,
        ),
        (
            "200 with an error",
            |asked| {
                Reply::Raw(200, "application/json", json!({"jsonrpc": "2.0", "id": asked.id, "error": {"code": -32001, "message": "Session not found"}}).to_string())
            },
            false,
            2,
            2,
        ),
        (
            "404",
            |_| Reply::Raw(404, "text/plain", "Session not found".to_owned()),
            false,
            2,
            2,
        ),
        (
            "404 as JSON",
            |asked| {
                Reply::Raw(404, "application/json", json!({"jsonrpc": "2.0", "id": asked.id, "error": {"code": -32001, "message": "Session not found"}}).to_string())
            },
            false,
            2,
            2,
        ),
        (
            "401",
            |_| {
                Reply::Raw(
                    401,
                    "text/plain",
                    "Unauthorized: Session not found".to_owned(),
                )
            },
            false,
            2,
            2,
        ),
        ("a broken connection", |_| Reply::Breaks, true, 2, 2),
        ("a stream that ends", |_| Reply::Ends, true, 2, 2),
        (
            "a failing gateway",
            |_| Reply::Raw(502, "text/plain", String::new()),
            true,
            2,
            2,
        ),
    ];
    for (name, fault, may_repeat, calls, sessions) in cases {
        let stand = Stand::scripted(Era::Old, json!([tool("walk")]), once(fault)).await;
        let server = server(&stand.url);
        assert_eq!(call(&server, may_repeat, PATIENT).await, DONE, "{name}");
        assert_eq!(stand.asked("tools/call").len(), calls, "{name}");
        assert_eq!(stand.asked("initialize").len(), sessions, "{name}");
        // What speaks with sessions is not asked again whether it speaks without.
        assert_eq!(stand.asked("server/discover").len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_call_that_may_have_been_done_is_not_made_again() {
    let stand = Stand::scripted(Era::Old, json!([tool("walk")]), once(|_| Reply::Breaks)).await;
    let server = server(&stand.url);
    let came = call(&server, false, PATIENT).await;
    assert!(came.starts_with("tool_unreachable, may be done"), "{came}");
    // The next one has a session of its own.
    assert_eq!(call(&server, false, PATIENT).await, DONE);
    assert_eq!(stand.asked("tools/call").len(), 2);
}

#[tokio::test]
async fn a_server_that_keeps_losing_its_session_is_asked_no_more_than_twice() {
    let lost = |asked: &Asked| {
        let is_call = asked.method == "tools/call";
        is_call.then(|| Reply::Raw(401, "text/plain", String::new()))
    };
    let stand = Stand::scripted(Era::Old, json!([tool("walk")]), lost).await;
    let came = call(&server(&stand.url), true, PATIENT).await;
    assert!(came.starts_with("tool_refused"), "{came}");
    assert_eq!(stand.asked("tools/call").len(), 2);
}

#[tokio::test]
async fn a_server_that_has_learned_the_other_era_is_asked_again() {
    // Of one address, first the one and then the other server.
    let stand = Stand::scripted(Era::Old, json!([tool("walk")]), |asked| {
        match asked.method.as_str() {
            "tools/call" if asked.earlier == 0 => {
                Some(Reply::Raw(404, "text/plain", String::new()))
            }
            "initialize" if asked.earlier > 0 => {
                Some(Reply::Error(-32601, "There is no such method."))
            }
            "server/discover" if asked.earlier > 0 => Some(Reply::Result(json!({
                "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private",
            }))),
            _ => None,
        }
    });
    let stand = stand.await;
    assert_eq!(call(&server(&stand.url), false, PATIENT).await, DONE);
    assert_eq!(stand.asked("server/discover").len(), 2);
}

#[tokio::test]
async fn calls_at_once_share_a_session_and_are_not_more_than_a_server_bears() {
    let stand = Stand::start(Era::Old, json!([tool("walk")])).await;
    let server = server(&stand.url);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let server = std::sync::Arc::clone(&server);
        calls.spawn(async move { call(&server, false, PATIENT).await });
    }
    while let Some(came) = calls.join_next().await {
        assert_eq!(came.unwrap(), DONE);
    }
    assert_eq!(stand.asked("initialize").len(), 1);
}

#[tokio::test]
async fn a_server_is_told_that_nobody_waits_for_its_tool() {
    let hangs = |asked: &Asked| (asked.method == "tools/call").then_some(Reply::Hangs);
    let stand = Stand::scripted(Era::Old, json!([tool("walk")]), hangs).await;
    let server = server(&stand.url);
    let of_call = std::sync::Arc::clone(&server);
    let calling = tokio::spawn(async move { call(&of_call, false, PATIENT).await });
    stand.has_been_asked("tools/call", 1).await;
    calling.abort();
    stand.has_been_asked("notifications/cancelled", 1).await;
    let told = &stand.asked("notifications/cancelled")[0].params;
    assert_eq!(told["requestId"], stand.asked("tools/call")[0].id);
    let is_told = |told: &Value| told["reason"].is_string();
    assert!(is_told(told));
}

#[tokio::test]
async fn arguments_that_are_marked_for_headers_are_sent_so() {
    let walk = json!({
        "name": "walk",
        "inputSchema": {"type": "object", "properties": {"to": {"type": "string", "x-mcp-header": "Place"}}},
    });
    let bad = json!({"name": "bad", "inputSchema": {"type": "object", "x-mcp-header": "Whole"}});
    let stand = Stand::start(Era::New, json!([walk, bad])).await;
    // A process that has taken a run over calls without having listed.
    assert_eq!(call(&server(&stand.url), false, PATIENT).await, DONE);
    let called = &stand.asked("tools/call")[0];
    assert_eq!(called.headers["mcp-param-place"], "Bern");
    assert_eq!(called.headers["mcp-name"], "walk");
    assert_eq!(called.headers["mcp-method"], "tools/call");
    let listed = server(&stand.url)
        .list(&["bad"], PATIENT.whole)
        .await
        .unwrap();
    let names: Vec<_> = listed.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["walk"]);
}
