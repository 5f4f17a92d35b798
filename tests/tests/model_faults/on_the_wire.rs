//! Faults below the words: connections, heads, frames, bodies and their types.

use serde_json::{Value, json};
use tests::raw_server::Move;
use tests::script::{Script, Step, json_body, plain};

use super::{Fault, HTML, Reply, fault};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
const HALF: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half \"}}]}\n\n";
const UNREACHABLE: (&str, bool) = ("model_unreachable", true);
const GARBAGE: (&str, bool) = ("model_bad_answer", false);
const CUT: (&str, bool) = ("model_answer_cut", true);
const EMPTY: (&str, bool) = ("model_empty_answer", true);

pub fn faults() -> Vec<Fault> {
    [connections(), heads(), bodies(), types()]
        .into_iter()
        .flatten()
        .collect()
}

fn written(text: &str) -> Move {
    Move::Write(text.as_bytes().to_vec())
}

fn unreachable(name: &'static str, moves: Vec<Move>) -> Fault {
    fault(
        name,
        Reply::Raw(moves),
        UNREACHABLE,
        "cannot be reached",
        "URL",
    )
}

fn connections() -> Vec<Fault> {
    let no_tls = vec![Move::Read, written("HTTP/1.1 400 Bad Request\r\n\r\n")];
    vec![
        unreachable("closes every connection", Vec::new()),
        unreachable("resets every connection", vec![Move::Reset]),
        unreachable("closes after the question", vec![Move::Read]),
        unreachable("resets after the question", vec![Move::Read, Move::Reset]),
        fault(
            "speaks no TLS where it should",
            Reply::Tls(no_tls),
            UNREACHABLE,
            "cannot be reached",
            "URL",
        ),
        fault(
            "is in no directory of names",
            Reply::Unknown,
            UNREACHABLE,
            "cannot be reached",
            "URL",
        ),
        fault(
            "stalls in its head",
            Reply::Raw(vec![Move::Read, written("HTTP/1.1 200 O"), Move::Hang]),
            ("model_timeout", true),
            "sent nothing for",
            "URL",
        ),
        fault(
            "stalls in the head behind its status",
            Reply::Raw(vec![Move::Read, written(HEAD), Move::Hang]),
            ("model_timeout", true),
            "sent nothing for",
            "URL",
        ),
    ]
}

fn heads() -> Vec<Fault> {
    let many = format!("{HEAD}{}\r\n", "x-more: 1\r\n".repeat(500));
    let elsewhere =
        "HTTP/1.1 302 Found\r\nlocation: https://elsewhere.invalid/\r\ncontent-length: 0\r\n\r\n";
    let around = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /v1/chat/completions\r\ncontent-length: 0\r\n\r\n";
    vec![
        unreachable(
            "speaks another protocol",
            vec![Move::Read, written("SSH-2.0-OpenSSH_9.9\r\n")],
        ),
        unreachable(
            "sends half a status line",
            vec![Move::Read, written("HTTP/1.")],
        ),
        unreachable("closes within its head", vec![Move::Read, written(HEAD)]),
        unreachable("sends too many headers", vec![Move::Read, written(&many)]),
        unreachable(
            "sends a header that is none",
            vec![Move::Read, written("HTTP/1.1 200 OK\r\n:::\u{1}\r\n\r\n")],
        ),
        fault(
            "redirects to another server",
            Reply::Raw(vec![Move::Read, written(elsewhere)]),
            ("model_error", false),
            "302",
            "URL",
        ),
        unreachable("redirects to itself", vec![Move::Read, written(around)]),
        fault(
            "answers with no content",
            Reply::Raw(vec![Move::Read, written("HTTP/1.1 204 No Content\r\n\r\n")]),
            EMPTY,
            "nothing",
            "URL",
        ),
    ]
}

fn bodies() -> Vec<Fault> {
    let raw = |name, body: String, code, says| {
        let moves = vec![Move::Read, Move::Write(body.into_bytes())];
        fault(name, Reply::Raw(moves), code, says, "URL")
    };
    let chunk = format!("{:x}\r\n{HALF}\r\n", HALF.len());
    let reset = vec![
        Move::Read,
        written(&format!("{HEAD}\r\n{HALF}")),
        Move::Hang,
    ];
    vec![
        raw(
            "ends before the length that it named",
            format!("{HEAD}content-length: 5000\r\n\r\n{HALF}"),
            CUT,
            "broke off",
        ),
        raw(
            "names a length and sends nothing",
            format!("{HEAD}content-length: 5000\r\n\r\n"),
            UNREACHABLE,
            "cannot be reached",
        ),
        raw(
            "sends a chunk whose length is none",
            format!("{HEAD}transfer-encoding: chunked\r\n\r\n{chunk}zz\r\n"),
            CUT,
            "broke off",
        ),
        raw(
            "ends within a chunk",
            format!("{HEAD}transfer-encoding: chunked\r\n\r\n{chunk}ff\r\ndata: {{"),
            CUT,
            "broke off",
        ),
        raw(
            "says that it compresses and does not",
            format!("{HEAD}content-encoding: gzip\r\n\r\n{HALF}"),
            UNREACHABLE,
            "cannot be reached",
        ),
        fault(
            "stalls in its text without a length",
            Reply::Raw(reset),
            ("model_timeout", true),
            "sent nothing for",
            "URL",
        ),
        fault(
            "sends a body without an end",
            Reply::Scripted(plain(200, "application/json", "[".repeat(5 << 20))),
            GARBAGE,
            "more than is allowed",
            "URL",
        ),
    ]
}

fn types() -> Vec<Fault> {
    let json = |name, body: &Value, code, says| {
        fault(
            name,
            Reply::Scripted(json_body(200, body)),
            code,
            says,
            "URL",
        )
    };
    let typed = |name, content_type, body: &[u8]| {
        let script = plain(200, content_type, body);
        fault(
            name,
            Reply::Scripted(script),
            GARBAGE,
            "no chat completion",
            "URL",
        )
    };
    let with_200 = |body: &Value| Reply::Scripted(json_body(200, body));
    vec![
        typed(
            "sends a picture",
            "image/png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        ),
        typed("sends plain words", "text/plain", b"Internal error"),
        typed(
            "sends XML",
            "application/xml",
            b"<?xml version=\"1.0\"?><error/>",
        ),
        typed(
            "sends a page as a stream",
            "text/event-stream",
            HTML.as_bytes(),
        ),
        json("sends a list", &json!([]), GARBAGE, "no chat completion"),
        json("sends a number", &json!(7), GARBAGE, "no chat completion"),
        json(
            "sends choices that are a text",
            &json!({"choices": "no"}),
            EMPTY,
            "nothing",
        )
        .asked(3),
        json("sends no choice", &json!({"choices": []}), EMPTY, "nothing").asked(3),
        fault(
            "tells an error with 200",
            with_200(&json!({"error": {"message": "no memory", "type": "server_error"}})),
            ("model_error", false),
            "no memory",
            "URL",
        ),
        fault(
            "tells an error in a detail with 200",
            with_200(&json!({"detail": "Not Found"})),
            ("model_error", false),
            "Not Found",
            "URL",
        ),
        fault(
            "streams nothing but nulls",
            Reply::Scripted(Script::Stream(vec![Step::Bytes(
                b"data: null\n\ndata: null\n\n".to_vec(),
            )])),
            EMPTY,
            "nothing",
            "URL",
        )
        .asked(3),
    ]
}
