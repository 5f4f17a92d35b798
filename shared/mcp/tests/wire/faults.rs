//! Servers with one thing wrong: what a call comes to, whether it may have been done, and whether it may succeed later.

use serde_json::json;

use super::client::{PATIENT, QUICK, call, server};
use super::stand::{Asked, Era, Reply, Stand, text, tool};

/// A fault: its name, when it is there, what stands in the place of the right answer, and what the call comes to.
struct Fault {
    name: &'static str,
    when: &'static str,
    reply: fn(&Asked) -> Reply,
    told: &'static str,
}

const fn fault(
    name: &'static str,
    when: &'static str,
    reply: fn(&Asked) -> Reply,
    told: &'static str,
) -> Fault {
    Fault {
        name,
        when,
        reply,
        told,
    }
}

fn page() -> Reply {
    Reply::Raw(
        200,
        "text/html",
        "<html>Log in. s3cr3t-token</html>".to_owned(),
    )
}

const CALL: &str = "tools/call";
const BEGIN: &str = "initialize";

#[expect(clippy::too_many_lines, reason = "a table, one case a line")]
fn faults() -> Vec<Fault> {
    let unreadable = "bad_response, may be done: It answered with what is no answer to this";
    vec![
        // While a session begins.
        fault(
            "a page in the place of the first answer",
            BEGIN,
            |_| page(),
            "bad_response, may be done: It answered with text/html, not with JSON: is this the address of an MCP server?",
        ),
        fault(
            "no JSON",
            BEGIN,
            |_| Reply::Raw(200, "application/json", "{".to_owned()),
            unreadable,
        ),
        fault(
            "an unknown version",
            BEGIN,
            |_| {
                Reply::Result(
                    json!({"protocolVersion": "1999-01-01", "capabilities": {}, "serverInfo": {"name": "x", "version": "1"}}),
                )
            },
            "tool_refused: It speaks version `1999-01-01` of the protocol, which is not known here",
        ),
        fault(
            "another result",
            BEGIN,
            |_| Reply::Result(json!({"tools": []})),
            unreadable,
        ),
        fault(
            "an error",
            BEGIN,
            |_| Reply::Error(-32602, "Unsupported protocol version"),
            "tool_error: It answered: Unsupported protocol version",
        ),
        fault(
            "who are you",
            BEGIN,
            |_| Reply::Raw(401, "text/plain", "s3cr3t-token is unknown".to_owned()),
            "tool_refused, passing: It refuses who asks (401): look at its `headers` and their variables",
        ),
        fault(
            "who are you, with a challenge",
            BEGIN,
            |_| {
                Reply::Head(
                    401,
                    "www-authenticate",
                    "Bearer resource_metadata=\"https://a.example\"".to_owned(),
                )
            },
            "tool_refused, passing: It refuses who asks (401): look at its `headers` and their variables",
        ),
        fault(
            "not you",
            BEGIN,
            |_| Reply::Raw(403, "text/plain", "no s3cr3t-token".to_owned()),
            "tool_refused: It refuses who asks (403): look at its `headers` and their variables",
        ),
        fault(
            "nothing here",
            BEGIN,
            |_| Reply::Raw(404, "text/plain", "Not found".to_owned()),
            "tool_refused: It answers 404: is this the address of an MCP server?",
        ),
        fault(
            "a redirect",
            BEGIN,
            |_| {
                Reply::Head(
                    307,
                    "location",
                    "http://127.0.0.1:9/?s3cr3t-token".to_owned(),
                )
            },
            "tool_refused: It answers with a redirect (307), which is not followed: set its `url` to where it is",
        ),
        fault(
            "no room",
            BEGIN,
            |_| Reply::Head(503, "retry-after", "7".to_owned()),
            "tool_busy, passing: It has no room now (503), for 7 s",
        ),
        fault(
            "it fails",
            BEGIN,
            |_| Reply::Raw(500, "text/plain", "s3cr3t-token".to_owned()),
            "tool_unreachable, may be done, passing: It failed (500)",
        ),
        // While the tool is called.
        fault("a page", CALL, |_| page(), "bad_response, may be done"),
        fault(
            "half an answer",
            CALL,
            |_| {
                Reply::Raw(
                    200,
                    "application/json",
                    r#"{"jsonrpc": "2.0", "id"#.to_owned(),
                )
            },
            unreadable,
        ),
        fault(
            "nothing",
            CALL,
            |_| Reply::Raw(200, "application/json", String::new()),
            unreadable,
        ),
        fault(
            "null",
            CALL,
            |_| Reply::Raw(200, "application/json", "null".to_owned()),
            unreadable,
        ),
        fault(
            "two answers",
            CALL,
            |_| Reply::Raw(200, "application/json", "{}{}".to_owned()),
            unreadable,
        ),
        fault(
            "a list of answers",
            CALL,
            |asked| {
                Reply::Raw(
                    200,
                    "application/json",
                    json!([{"jsonrpc": "2.0", "id": asked.id, "result": text("x")}]).to_string(),
                )
            },
            unreadable,
        ),
        fault(
            "bytes that are no text",
            CALL,
            |_| Reply::Raw(200, "application/json", "\u{0}\u{fffd}".to_owned()),
            unreadable,
        ),
        fault(
            "what is too much",
            CALL,
            |_| Reply::Raw(200, "application/json", "x".repeat(9_000_000)),
            "bad_response, may be done: It answered with more than can be read",
        ),
        fault(
            "an event that is too much",
            CALL,
            |_| {
                Reply::Raw(
                    200,
                    "text/event-stream",
                    format!("data: {}\n\n", "x".repeat(9_000_000)),
                )
            },
            "closed",
        ),
        fault("the connection ends", CALL, |_| Reply::Breaks, "closed"),
        fault(
            "a stream ends without the answer",
            CALL,
            |_| Reply::Ends,
            "closed",
        ),
        fault(
            "events that are no messages",
            CALL,
            |_| {
                Reply::Raw(
                    200,
                    "text/event-stream",
                    "data: hello\n\nevent: x\ndata: {}\n\n".to_owned(),
                )
            },
            "closed",
        ),
        fault(
            "accepted, and no answer",
            CALL,
            |_| Reply::Raw(202, "text/plain", String::new()),
            "timeout, may be done, passing: It did not answer within 0.",
        ),
        fault(
            "no content",
            CALL,
            |_| Reply::Raw(204, "text/plain", String::new()),
            "timeout, may be done, passing: It did not answer within 0.",
        ),
        fault(
            "an error without a reason",
            CALL,
            |_| Reply::Error(-32603, ""),
            "tool_error: It answered: ",
        ),
        fault(
            "the tool is unknown",
            CALL,
            |_| Reply::Error(-32602, "Unknown tool: walk"),
            "tool_error: It answered: Unknown tool: walk",
        ),
        fault(
            "too fast",
            CALL,
            |_| Reply::Head(429, "retry-after", "soon".to_owned()),
            "tool_busy, passing: It has no room now (429)",
        ),
        fault(
            "bad request",
            CALL,
            |_| Reply::Raw(400, "text/plain", "s3cr3t-token".to_owned()),
            "tool_refused: It refuses the request (400)",
        ),
        fault(
            "not you any more",
            CALL,
            |_| {
                Reply::Raw(
                    403,
                    "application/json",
                    json!({"error": "s3cr3t-token"}).to_string(),
                )
            },
            "tool_refused: It refuses who asks (403): look at its `headers` and their variables",
        ),
        fault(
            "a redirect of a call",
            CALL,
            |_| Reply::Head(302, "location", "/login".to_owned()),
            "tool_refused: It answers with a redirect (302), which is not followed: set its `url` to where it is",
        ),
        fault(
            "a gateway's page",
            CALL,
            |_| Reply::Raw(502, "text/html", "<html>".to_owned()),
            "tool_unreachable, may be done, passing: It failed (502)",
        ),
        fault(
            "it hangs",
            CALL,
            |_| Reply::Hangs,
            "timeout, may be done, passing: It did not answer within 0.",
        ),
        fault(
            "progress for ever",
            CALL,
            |_| Reply::Progress,
            "timeout, may be done, passing: It did not answer within 0.",
        ),
        // What servers do and nobody minds.
        fault(
            "an id as a text",
            CALL,
            |asked| {
                Reply::Raw(
                    200,
                    "application/json",
                    json!({"jsonrpc": "2.0", "id": asked.id.to_string(), "result": text("x")})
                        .to_string(),
                )
            },
            r#"{"text":"x"}"#,
        ),
        fault(
            "a note that is answered with a page",
            "notifications/initialized",
            |_| page(),
            r#"{"text":"{\"to\":\"Bern\"}"}"#,
        ),
        fault(
            "a note that is answered with nothing",
            "notifications/initialized",
            |_| Reply::Raw(200, "text/plain", String::new()),
            r#"{"text":"{\"to\":\"Bern\"}"}"#,
        ),
        fault(
            "a media type with more behind it",
            CALL,
            |asked| {
                Reply::Raw(
                    200,
                    "application/json; charset=UTF-8",
                    json!({"jsonrpc": "2.0", "id": asked.id, "result": text("x")}).to_string(),
                )
            },
            r#"{"text":"x"}"#,
        ),
    ]
}

#[tokio::test]
async fn each_fault_is_told_and_nothing_secret_with_it() {
    let closed = "tool_unreachable, may be done, passing: ";
    let mut wrong = Vec::new();
    for Fault {
        name,
        when,
        reply,
        told,
    } in faults()
    {
        let script = move |asked: &Asked| (asked.method == when).then(|| reply(asked));
        let stand = Stand::scripted(Era::Old, json!([tool("walk")]), script).await;
        let limits = if told.starts_with("timeout") {
            QUICK
        } else {
            PATIENT
        };
        let came = call(&server(&stand.url), false, limits).await;
        let expected = if told == "closed" { closed } else { told };
        if !came.starts_with(expected) {
            wrong.push(format!("{name}: {came}"));
        }
        // What may have been done is not done again.
        let may_be_done = came.contains("may be done") && when == CALL;
        if may_be_done && stand.asked(CALL).len() != 1 {
            wrong.push(format!("{name}: asked {} times", stand.asked(CALL).len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!(
        "http://{}/mcp?key=s3cr3t-token",
        socket.local_addr().unwrap()
    );
    let came = call(&server(&url), false, PATIENT).await;
    assert!(
        came.starts_with("tool_unreachable, passing: It could not be reached: Connection refused"),
        "{came}"
    );
}

/// A server of the newer era that stands behind what knows nothing of it.
#[tokio::test]
async fn faults_of_the_newer_era_are_told() {
    // Method, reply, and what the call comes to.
    type Case = (&'static str, fn(&Asked) -> Reply, &'static str);
    let cases: [Case; 6] = [
        (
            "server/discover",
            |_| Reply::Raw(500, "text/plain", String::new()),
            "tool_unreachable, may be done, passing: It failed (500)",
        ),
        (
            "server/discover",
            |_| Reply::Raw(401, "text/plain", String::new()),
            "tool_refused, passing: It refuses who asks (401)",
        ),
        (
            "server/discover",
            |_| Reply::Error(-32601, "No."),
            "tool_error: It answered: There is no such method.",
        ),
        (
            "server/discover",
            |asked| {
                Reply::Raw(400, "application/json", json!({"jsonrpc": "2.0", "id": asked.id, "error": {"code": -32022, "message": "No.", "data": {"supported": ["2030-01-01"]}}}).to_string())
            },
            "tool_refused: It speaks version `2030-01-01`",
        ),
        (
            "tools/call",
            |_| Reply::Ends,
            "tool_unreachable, may be done, passing: ",
        ),
        (
            "tools/call",
            |_| Reply::Error(-32020, "Header mismatch"),
            "tool_error: It answered: Header mismatch",
        ),
    ];
    let mut wrong = Vec::new();
    for (at, (when, reply, told)) in cases.into_iter().enumerate() {
        let script = move |asked: &Asked| (asked.method == when).then(|| reply(asked));
        let stand = Stand::scripted(Era::New, json!([tool("walk")]), script).await;
        let came = call(&server(&stand.url), false, PATIENT).await;
        if !came.starts_with(told) {
            wrong.push(format!("{at}: {came}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
