use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::super::message::{Message, Request};
use super::{Era, VERSIONS, negotiated};

fn request(method: &str, params: &Value) -> Request {
    let text = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    match Message::read(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        Ok(Message::OfNoAnswer) | Err(_) => panic!("no request: {text}"),
    }
}

fn headers(named: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in named {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn meta(version: &str) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// The era, or the code and the status of the fault.
fn era(request: &Request, named: &[(&str, &str)]) -> Result<Era, (i64, u16)> {
    Era::of(request, &headers(named)).map_err(|fault| {
        let response = fault.respond(&request.id);
        (fault.code().into(), response.status().as_u16())
    })
}

const VERSION: (&str, &str) = ("mcp-protocol-version", "2026-07-28");
const CALL: (&str, &str) = ("mcp-method", "tools/call");

#[test]
fn a_request_without_metadata_is_of_the_handshake_whatever_older_version_its_head_names() {
    for version in VERSIONS.iter().skip(1) {
        for method in ["tools/list", "tools/call", "ping", "nothing"] {
            let request = request(method, &json!({}));
            let named = [("mcp-protocol-version", *version)];
            assert_eq!(era(&request, &named), Ok(Era::Handshake));
            assert_eq!(era(&request, &[]), Ok(Era::Handshake));
        }
    }
    // A handshake is one, whatever it asks for.
    let handshake = request("initialize", &json!({"protocolVersion": "2026-07-28"}));
    assert_eq!(era(&handshake, &[VERSION]), Ok(Era::Handshake));
    assert_eq!(
        era(&handshake, &[("mcp-protocol-version", "9")]),
        Ok(Era::Handshake)
    );
}

#[test]
fn a_handshake_comes_to_the_version_that_is_asked_for_or_to_the_newest() {
    for version in VERSIONS.iter().skip(1) {
        let request = request("initialize", &json!({"protocolVersion": version}));
        assert_eq!(negotiated(&request), *version);
    }
    for other in [
        json!("2026-07-28"),
        json!("2031-01-01"),
        json!(7),
        json!(null),
    ] {
        let request = request("initialize", &json!({"protocolVersion": other}));
        assert_eq!(negotiated(&request), "2025-11-25");
    }
}

#[test]
fn what_the_head_says_is_what_the_body_says() {
    let ask = request(
        "tools/call",
        &json!({"name": "ask", "_meta": meta("2026-07-28")}),
    );
    let mismatch = Err((-32020, 400));
    for (named, expected) in [
        (vec![VERSION, CALL, ("mcp-name", "ask")], Ok(Era::Stateless)),
        (
            vec![VERSION, CALL, ("mcp-name", "=?base64?YXNr?=")],
            Ok(Era::Stateless),
        ),
        (
            vec![VERSION, CALL, ("mcp-name", "=?base64?YXN?=")],
            mismatch,
        ),
        (vec![VERSION, CALL, ("mcp-name", "get_run")], mismatch),
        (vec![VERSION, CALL, ("mcp-name", "Ask")], mismatch),
        (vec![VERSION, CALL], mismatch),
        (
            vec![VERSION, ("mcp-method", "tools/list"), ("mcp-name", "ask")],
            mismatch,
        ),
        (vec![VERSION, ("mcp-name", "ask")], mismatch),
        (vec![CALL, ("mcp-name", "ask")], mismatch),
        (vec![VERSION, CALL, CALL, ("mcp-name", "ask")], mismatch),
        (vec![VERSION, VERSION, CALL, ("mcp-name", "ask")], mismatch),
        (
            vec![VERSION, CALL, ("mcp-name", "ask"), ("mcp-name", "ask")],
            mismatch,
        ),
        (
            vec![
                ("mcp-protocol-version", "2025-11-25"),
                CALL,
                ("mcp-name", "ask"),
            ],
            mismatch,
        ),
    ] {
        assert_eq!(era(&ask, &named), expected, "{named:?}");
    }
    let list = request("tools/list", &json!({"_meta": meta("2026-07-28")}));
    assert_eq!(
        era(&list, &[VERSION, ("mcp-method", "tools/list")]),
        Ok(Era::Stateless)
    );
}

#[test]
fn a_version_that_is_not_spoken_and_metadata_that_lack_something_are_told_apart() {
    let newer = request("tools/list", &json!({"_meta": meta("2031-01-01")}));
    let named = [
        ("mcp-protocol-version", "2031-01-01"),
        ("mcp-method", "tools/list"),
    ];
    assert_eq!(era(&newer, &named), Err((-32022, 400)));
    let without = request("tools/list", &json!({}));
    assert_eq!(era(&without, &named), Err((-32022, 400)));
    let list = [VERSION, ("mcp-method", "tools/list")];
    for params in [
        json!({}),
        json!({"_meta": {}}),
        json!({"_meta": "2026-07-28"}),
        json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}),
        json!({"_meta": {"io.modelcontextprotocol/protocolVersion": 7, "io.modelcontextprotocol/clientCapabilities": {}}}),
        json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": null}}),
    ] {
        let request = request("tools/list", &params);
        assert_eq!(era(&request, &list), Err((-32602, 400)), "{params}");
    }
    // Discovery is of the newer way alone.
    assert_eq!(
        era(&request("server/discover", &json!({})), &[]),
        Err((-32602, 400))
    );
}

#[test]
fn a_result_names_its_server_where_no_handshake_has() {
    let result = || json!({"tools": []}).as_object().unwrap().clone();
    assert_eq!(Era::Handshake.result(result()), json!({"tools": []}));
    let told = Era::Stateless.result(result());
    assert_eq!(told["resultType"], "complete");
    let server = &told["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(server["name"], "serverless-llm");
}
