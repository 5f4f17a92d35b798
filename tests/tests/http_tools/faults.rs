//! Servers that answer rubbish, late, too much, an error, or not at all: each is a failed result that says what is wrong, and the run goes on.

use std::io::Write as _;
use std::net::Ipv6Addr;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tests::loopback::ClosedPort;

use crate::server::{Received, Step, ToolServer, answers, json_with, succeeds};
use crate::service::{Service, asks, at, results, tool, with};

/// How a server answers, and what is told of it.
struct Fault {
    name: &'static str,
    steps: Vec<Step>,
    code: &'static str,
    says: &'static str,
    retryable: bool,
    /// How often it is asked where a call may be repeated.
    asked: usize,
}

const fn fault(
    name: &'static str,
    steps: Vec<Step>,
    code: &'static str,
    says: &'static str,
) -> Fault {
    Fault {
        name,
        steps,
        code,
        says,
        retryable: false,
        asked: 1,
    }
}

impl Fault {
    /// One that passes, for all that is known.
    const fn passing(mut self, asked: usize) -> Self {
        self.retryable = true;
        self.asked = asked;
        self
    }
}

fn raw(bytes: impl Into<Vec<u8>>) -> Vec<Step> {
    vec![Step::Writes(bytes.into())]
}

fn success(body: impl AsRef<[u8]>) -> Vec<Step> {
    answers(200, &["content-type: application/json"], body)
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A response whose body goes on for ever.
fn endless(piece: &[u8]) -> Vec<Step> {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
    vec![Step::Writes(head.to_vec()), Step::WritesForEver(chunk)]
}

/// Success whose body is no response.
fn rubbish() -> Vec<Fault> {
    let nested = format!(
        r#"{{"ok": true, "result": {{"a": {}{}}}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let too_deep = format!(
        r#"{{"ok": true, "result": {{"a": {}{}}}}}"#,
        "[".repeat(100),
        "]".repeat(100)
    );
    let bad = |name, body: &[u8], says| fault(name, success(body), "bad_response", says);
    vec![
        bad("empty", b"", "its body is empty"),
        bad("blanks", b" \r\n\t", "its body is empty"),
        bad("page", b"<!doctype html><title>Sign in</title>", "its body is a page, not JSON"),
        bad("xml", b"\n<?xml version=\"1.0\"?><a/>", "its body is a page, not JSON"),
        bad("null", b"null", "invalid type: null"),
        bad("number", b"7", "invalid type: integer"),
        bad("text", b"\"sunny\"", "invalid type: string"),
        bad("words", b"sunny", "expected value at line 1 column 1"),
        bad("array", b"[]", "its body is a list"),
        bad("fields in order", br#"[true, {"n": 7}, [], null]"#, "its body is a list"),
        bad("bare result", br#"{"celsius": 21}"#, "missing field `ok`"),
        bad("ok is a text", br#"{"ok": "true", "result": {}}"#, "expected a boolean"),
        bad("no result", br#"{"ok": true}"#, "`result` is missing"),
        bad("result is a list", br#"{"ok": true, "result": [1]}"#, "invalid type: sequence, expected a map"),
        bad("result is a text", br#"{"ok": true, "result": "sunny"}"#, "invalid type: string"),
        bad("no error", br#"{"ok": false}"#, "`error` is missing"),
        bad("error is a text", br#"{"ok": false, "error": "no"}"#, "invalid type: string"),
        bad("error without a code", br#"{"ok": false, "error": {"message": "no", "retryable": false}}"#, "missing field `code`"),
        bad("cut", br#"{"ok": true, "result": {"a"#, "EOF while parsing"),
        bad("two values", br#"{"ok": true, "result": {}} {"ok": true, "result": {}}"#, "trailing characters"),
        bad("lines", b"{\"ok\": true, \"result\": {}}\n{\"ok\": false}", "trailing characters"),
        bad("events", b"data: {\"ok\": true, \"result\": {}}\n\n", "expected value at line 1 column 1"),
        bad("NaN", br#"{"ok": true, "result": {"a": NaN}}"#, "expected value at line 1"),
        bad("single quotes", b"{'ok': True, 'result': {}}", "key must be a string at line 1"),
        bad("no UTF-8", b"{\"ok\": true, \"result\": {\"a\": \"\xff\"}}", "invalid unicode code point"),
        bad("UTF-16", b"\xff\xfe{\0\"\0o\0k\0\"\0", "expected value at line 1"),
        bad("key twice", br#"{"ok": true, "ok": false, "result": {}}"#, "duplicate field `ok`"),
        bad("10,000 levels", nested.as_bytes(), "recursion limit exceeded"),
        bad("100 levels", too_deep.as_bytes(), "nested deeper"),
        bad("half a character", br#"{"ok": true, "result": {"a": "\ud83d"}}"#, "hex escape"),
        bad("files without base64", br#"{"ok": true, "result": {}, "artifacts": [{"name": "a", "media_type": "b", "data": "%"}]}"#, "Invalid"),
    ]
}

/// Other statuses than success.
fn statuses() -> Vec<Fault> {
    let said = |status, body: &Value| json_with(status, body);
    let plain = |status: u16, body: &str| answers(status, &["content-type: text/plain"], body);
    let mine = json!({"ok": false, "error": {"code": "no_city", "message": "There is no city Bernn.", "retryable": true}});
    let page = "<html><body>524: A timeout occurred</body></html>";
    let to = |status, to: &str| answers(status, &[&format!("location: {to}")], "");
    let moved = "has to put the address that answers into the catalogue";
    vec![
        fault("204", raw("HTTP/1.1 204 No Content\r\n\r\n"), "bad_response", "its body is empty"),
        fault("205", answers(205, &[], ""), "bad_response", "its body is empty"),
        fault("300", answers(300, &[], ""), "bad_response", "neither success nor error (300)"),
        fault("304", raw("HTTP/1.1 304 Not Modified\r\n\r\n"), "bad_response", "neither success nor error (304)"),
        fault("302 to nowhere", answers(302, &[], ""), "bad_response", "neither success nor error (302)"),
        fault("301 here", to(301, "/elsewhere?key=1#there"), "tool_redirected", "/elsewhere (301)"),
        fault("308 here", to(308, "/tool/"), "tool_redirected", moved),
        fault("302 away", to(302, "https://me:pw@example.org/login?next=1"), "tool_redirected", "redirects to https://example.org/login (302)"),
        fault("303 away", to(303, "//example.org/login"), "tool_redirected", "redirects to http://example.org/login (303)"),
        fault("307 to rubbish", to(307, "http://[::bad"), "bad_response", "neither success nor error (307)"),
        fault("307 to a script", to(307, "javascript:alert(1)"), "tool_redirected", moved),
        fault("400", plain(400, "Bad Request"), "tool_refused", "refused the call (400). It says: Bad Request"),
        fault("401", plain(401, ""), "tool_unauthorized", "has to check the headers of its entry"),
        fault("403", plain(403, "no"), "tool_unauthorized", "(403)"),
        fault("404 page", answers(404, &["content-type: text/html"], "<h1>Not Found</h1>"), "tool_not_found", "has to check the address in the catalogue (404)."),
        fault("405", answers(405, &["allow: GET"], ""), "tool_not_found", "takes no POST there"),
        fault("409 in our words", said(409, &mine), "no_city", "There is no city Bernn.").passing(1),
        fault("410", plain(410, ""), "tool_not_found", "(410)"),
        fault("413", plain(413, ""), "request_too_large", "its files included (413)"),
        fault("418", plain(418, "I'm a teapot"), "tool_refused", "I'm a teapot"),
        fault("422 of FastAPI", said(422, &json!({"detail": [{"loc": ["body", "city"], "msg": "field required"}]})), "tool_refused", "field required"),
        fault("422 of others", said(422, &json!({"errors": ["Due date must be later"]})), "tool_refused", "Due date must be later"),
        fault("400 of a problem", said(400, &json!({"type": "about:blank", "title": "Out of credit"})), "tool_refused", "It says: Out of credit"),
        fault("400 nested", said(400, &json!({"error": {"message": "City?"}})), "tool_refused", "It says: City?"),
        fault("400 of escapes", plain(400, "a\u{1b}[31m\r\nb\u{0}"), "tool_refused", "It says: a [31m  b "),
        fault("408", plain(408, ""), "tool_busy", "did not take the call").passing(1),
        fault("425", plain(425, ""), "tool_busy", "did not take the call").passing(1),
        fault("429", plain(429, ""), "tool_busy", "no room for another call now (429)").passing(3),
        fault("429 for long", answers(429, &["retry-after: 86400"], ""), "tool_busy", "to be left alone for 86400 s").passing(1),
        fault("429 in our words", said(429, &json!({"ok": false, "error": {"code": "quota", "message": "Come tomorrow.", "retryable": false}})), "quota", "Come tomorrow.").asked(3),
        fault("500", plain(500, ""), "tool_error", "failed (500)").passing(1),
        fault("500 of success", said(500, &json!({"ok": true, "result": {}})), "tool_error", "failed (500)").passing(1),
        fault("501", plain(501, ""), "tool_not_found", "(501)"),
        fault("502", plain(502, "Bad Gateway"), "tool_unavailable", "a gateway that got no answer from it (502)").passing(3),
        fault(
            "502 of half a JSON",
            answers(502, &["content-type: application/json"], "{bad"),
            "tool_unavailable",
            "It says: {bad",
        )
        .passing(3),
        fault("503", plain(503, ""), "tool_busy", "is not available now").passing(3),
        fault("504", plain(504, ""), "tool_unavailable", "(504)").passing(3),
        fault("524 page", answers(524, &[], page), "tool_unavailable", "got no answer from it (524).").passing(1),
        fault("599", plain(599, ""), "tool_error", "(599)").passing(1),
        fault("999", raw("HTTP/1.1 999 No\r\ncontent-length: 0\r\n\r\n"), "tool_error", "(999)").passing(1),
    ]
}

/// Connections that end, and what is no HTTP.
fn connections() -> Vec<Fault> {
    let lost = |name, steps, says| fault(name, steps, "connection_lost", says).passing(3);
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"ok\": true";
    let gone = "ended the connection without an answer";
    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(2_000_000));
    let gzip = &["content-type: application/json", "content-encoding: gzip"];
    let packed = compressed(br#"{"ok": true, "result": {}}"#);
    vec![
        lost("closed", vec![], gone),
        lost("reset", vec![Step::Resets], gone),
        lost("half a head", raw("HTTP/1.1 200 OK\r\ncontent-le"), gone),
        lost("half a body", raw(half), "broke off"),
        lost(
            "reset in the body",
            vec![Step::Writes(half.into()), Step::Resets],
            "broke off",
        ),
        lost(
            "wrong chunks",
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
            "broke off",
        ),
        lost("another protocol", raw("SSH-2.0-OpenSSH_9.9\r\n"), gone),
        lost("TLS", raw([0x15, 3, 1, 0, 2, 2, 70]), gone),
        lost("HTTP/3.0", raw("HTTP/3.0 200 OK\r\n\r\n"), gone),
        lost(
            "two lengths",
            raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"),
            gone,
        ),
        lost("head of 2 MB", raw(head), gone),
        lost(
            "half a gzip",
            answers(200, gzip, &packed[..packed.len() - 12]),
            "broke off",
        ),
        lost(
            "no gzip",
            answers(200, gzip, br#"{"ok": true, "result": {}}"#),
            "broke off",
        ),
        fault(
            "101",
            raw("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
            "bad_response",
            "(101)",
        ),
        fault(
            "says 7 MB",
            answers(200, &[], vec![b' '; 7_000_000]),
            "result_too_large",
            "more than 6291556 bytes",
        ),
        fault(
            "has no end",
            endless(&b" ".repeat(65_536)),
            "result_too_large",
            "Ask it for less",
        ),
        fault(
            "bomb",
            answers(200, gzip, compressed(&vec![b' '; 16_000_000])),
            "result_too_large",
            "more than 6291556 bytes",
        ),
        fault(
            "result over its cap",
            succeeds(&json!({"a": "x".repeat(200_000), "b": (0..50_000).collect::<Vec<_>>()})),
            "result_too_large",
            "65536 are allowed",
        ),
    ]
}

impl Fault {
    const fn asked(mut self, asked: usize) -> Self {
        self.asked = asked;
        self
    }
}

fn faults() -> Vec<Fault> {
    [rubbish(), statuses(), connections()]
        .into_iter()
        .flatten()
        .collect()
}

/// What does not fit in how a fault was told.
fn misfit(fault: &Fault, result: &Value, asked: usize) -> Option<String> {
    let error = &result["error"];
    let message = error["message"].as_str().unwrap_or_default();
    let fits = error["code"] == fault.code
        && message.contains(fault.says)
        && error["retryable"] == fault.retryable
        && message.len() < 1000;
    let name = fault.name;
    (!fits || asked != fault.asked).then(|| format!("{name}: asked {asked} times, {result}"))
}

#[tokio::test]
async fn whatever_a_server_does_is_the_result_of_that_call() {
    let faults = Arc::new(faults());
    let known = Arc::clone(&faults);
    let server = ToolServer::start(move |request, _| {
        let fault = known.iter().find(|fault| fault.name == request.fault());
        fault.unwrap().steps.clone()
    })
    .await;
    let service = Service::start([tool("weather", &at(&server.address))]).await;
    assert!(faults.len() >= 80);
    let rounds = faults.chunks(16).map(|faults| {
        let calls = faults.iter().map(|fault| asks("weather", fault.name));
        calls.collect()
    });
    let told = service.run(rounds).await;
    let results = results(&told);
    assert_eq!(results.len(), faults.len());
    let misfits = faults.iter().zip(&results);
    let misfits: Vec<_> = misfits
        .filter_map(|(fault, result)| misfit(fault, result, server.asked(fault.name)))
        .collect();
    assert!(misfits.is_empty(), "{}", misfits.join("\n"));
}

/// A server that takes its time is given up when the tool's is over, and told of it by the end of the connection.
#[tokio::test]
async fn what_is_late_is_given_up() {
    let server = ToolServer::start(|request: &Received, _| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec();
        match request.fault() {
            "no head" => vec![Step::WaitsForTheEnd],
            "no body" => vec![Step::Writes(head), Step::WaitsForTheEnd],
            "half a head" => vec![Step::Writes(b"HTTP/1.1 200".to_vec()), Step::WaitsForTheEnd],
            "continues" => vec![
                Step::Writes(
                    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n".to_vec(),
                ),
                Step::WaitsForTheEnd,
            ],
            "error without an end" => vec![
                Step::Writes(b"HTTP/1.1 500 \r\ncontent-length: 9\r\n\r\nno".to_vec()),
                Step::WaitsForTheEnd,
            ],
            other => panic!("{other}"),
        }
    })
    .await;
    let late = [
        "no head",
        "no body",
        "half a head",
        "continues",
        "error without an end",
    ];
    let hurried = with(tool("weather", &at(&server.address)), "timeout_ms", 500);
    let once = with(with(hurried.clone(), "retry", "never"), "timeout_ms", 500);
    let mut once = once;
    once["function"]["name"] = json!("pay");
    let service = Service::start([hurried, once]).await;
    for (tool, codes) in [
        ("weather", ["timeout", "tool_error"]),
        ("pay", ["outcome_unknown"; 2]),
    ] {
        let told = service
            .run([late.iter().map(|fault| asks(tool, fault)).collect()])
            .await;
        for (fault, result) in late.iter().zip(results(&told)) {
            let code = result["error"]["code"].as_str().unwrap();
            assert!(codes.contains(&code), "{fault}: {result}");
            assert_eq!(result["error"]["retryable"], tool == "weather", "{fault}");
        }
    }
    server.left_by(2 * late.len()).await;
    assert_eq!(server.requests().len(), 2 * late.len());
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_and_may_be_tried_again() {
    let closed = ClosedPort::take();
    let plain = ToolServer::start(|_, _| succeeds(&json!({}))).await;
    let over_tls = plain.address.replace("http:", "https:");
    let long = format!("http://{}.example/", "a".repeat(64));
    let unreached = [
        ("refused", &*closed.address, "cannot be reached"),
        ("plain", &over_tls, "cannot be reached"),
        ("unnamed", &long, "cannot be reached"),
    ];
    let never = unreached
        .iter()
        .map(|(name, url, _)| with(tool(&format!("{name}_once"), &at(url)), "retry", "never"));
    let tools = unreached.iter().map(|(name, url, _)| tool(name, &at(url)));
    let service = Service::start(tools.chain(never)).await;
    let calls = unreached
        .iter()
        .flat_map(|(name, _, _)| [asks(name, ""), asks(&format!("{name}_once"), "")]);
    let told = service.run([calls.collect()]).await;
    let results = results(&told);
    assert_eq!(results.len(), 2 * unreached.len());
    for (pair, (name, _, says)) in results.chunks(2).zip(unreached) {
        for result in pair {
            let error = &result["error"];
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("tool_unreachable"), &json!(true)),
                "{name}: {error}"
            );
            assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        }
    }
    assert!(plain.requests().is_empty());
}

/// What is unusual and right.
#[tokio::test]
async fn what_is_a_response_is_taken_however_it_comes() {
    let server = ToolServer::start(|request: &Received, _| {
        let body = r#"{"ok": true, "result": {"n": 7}}"#;
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        match request.fault() {
            "200" => answers(200, &[], body),
            "201" => answers(201, &["content-type: text/html"], body),
            "202" => answers(202, &["content-type: text/plain; charset=utf-16"], body),
            "203" => answers(203, &[], format!("\n\n  {body}\n\n")),
            "byte order mark" => answers(200, &[], format!("\u{feff}{body}")),
            "chunks of one byte" => {
                let chunks: Vec<_> = body.chars().map(|c| format!("1\r\n{c}\r\n")).collect();
                let chunks = chunks.concat();
                vec![
                    Step::Writes(format!("{chunked}{chunks}0\r\n\r\n").into_bytes()),
                    Step::KeepsOpen,
                ]
            }
            "no length" => vec![Step::Writes(
                format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes(),
            )],
            "HTTP/1.0" => vec![Step::Writes(
                format!("HTTP/1.0 200 OK\r\n\r\n{body}").into_bytes(),
            )],
            "gzip" => answers(
                200,
                &["content-encoding: gzip"],
                compressed(body.as_bytes()),
            ),
            "after 100" => {
                let mut steps = vec![Step::Writes(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())];
                steps.extend(answers(200, &[], body));
                steps
            }
            "after 103" => {
                let hints = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".to_vec();
                let mut steps = vec![Step::Writes(hints)];
                steps.extend(answers(200, &[], body));
                steps
            }
            "more fields" => answers(
                200,
                &[],
                r#"{"ok": true, "v": 2, "result": {"n": 7}, "error": null, "artifacts": []}"#,
            ),
            "key twice" => answers(200, &[], r#"{"ok": true, "result": {"n": 1, "n": 7}}"#),
            other => panic!("{other}"),
        }
    })
    .await;
    let right = [
        "200",
        "201",
        "202",
        "203",
        "byte order mark",
        "chunks of one byte",
        "no length",
        "HTTP/1.0",
        "gzip",
        "after 100",
        "after 103",
        "more fields",
        "key twice",
    ];
    let service = Service::start([tool("weather", &at(&server.address))]).await;
    let told = service
        .run([right.iter().map(|name| asks("weather", name)).collect()])
        .await;
    for (name, result) in right.iter().zip(results(&told)) {
        assert_eq!(result["n"], 7, "{name}: {result}");
        assert_eq!(server.asked(name), 1);
    }
}

#[tokio::test]
async fn a_server_may_have_an_address_of_the_newer_kind() {
    let server = ToolServer::at(Ipv6Addr::LOCALHOST.into(), |_, _| {
        succeeds(&json!({"n": 7}))
    })
    .await;
    let service = Service::start([tool("weather", &at(&server.address))]).await;
    let told = service.run([vec![asks("weather", "")]]).await;
    assert_eq!(results(&told)[0]["n"], 7);
    let host = server.address.trim_start_matches("http://");
    assert_eq!(server.requests()[0].headers["host"], host);
}
