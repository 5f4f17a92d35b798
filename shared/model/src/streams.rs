//! Streams as real servers write them, cut at every byte.

use crate::chunk::{self, Frame};
use crate::frames::Frames;
use crate::message::{AskedCall, Draft, Piece};

/// Who writes it, the stream, the text that comes out, and the calls.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    (
        "llama-server: id and name once, then fragments",
        concat!(
            "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n",
            "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"ep9z\",\"type\":\"function\",\"function\":{\"name\":\"search\",\"arguments\":\"{\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"q\\\": \\\"é\\\"}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"finish_reason\":\"tool_calls\",\"index\":0,\"delta\":{}}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\n",
            "data: [DONE]\n\n",
        ),
        "",
        &[("search", "{\"q\": \"é\"}")],
    ),
    (
        "llama-cpp-python: id and name in every delta, nulls everywhere",
        concat!(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"search\",\"arguments\":\"{\\\"q\\\":\"}}]},\"finish_reason\":null}],\"usage\":null}\r\n\r\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"search\",\"arguments\":\"1}\"}}]},\"finish_reason\":null}]}\r\n\r\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\r\n\r\n",
        ),
        "",
        &[("search", "{\"q\":1}")],
    ),
    (
        "vLLM: the name delta lacks arguments, content shares the finish chunk",
        concat!(
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"f\"}},{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"tail\"},\"finish_reason\":\"stop\"}]}\n\n",
            "data: [DONE]\n\n",
        ),
        "tail",
        &[("f", "{}")],
    ),
    (
        "Ollama: whole calls, index 0 for all",
        concat!(
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c2\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":2}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
        ),
        "",
        &[("f", "{\"a\":1}"), ("f", "{\"a\":2}")],
    ),
    (
        "older Ollama: no index at all",
        concat!(
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"c2\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        ),
        "",
        &[("f", "{}"), ("g", "{}")],
    ),
    (
        "plain JSON, arguments as an object (TGI)",
        "{\"choices\":[{\"message\":{\"content\":\"so\",\"tool_calls\":[{\"id\":\"0\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\":[1]}}}]},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
        "so",
        &[("f", "{\"a\":[1]}")],
    ),
];

fn read(pieces: &[&[u8]], is_json: bool) -> (String, Vec<AskedCall>) {
    let mut frames = Frames::default();
    let mut datas = Vec::new();
    if is_json {
        datas.push(pieces.concat());
    } else {
        for piece in pieces {
            datas.extend(frames.feed(piece).unwrap());
        }
        datas.extend(frames.finish());
    }
    let mut draft = Draft::default();
    let mut text = String::new();
    for data in datas {
        match chunk::read(&data) {
            Frame::Chunk(chunk) => {
                if let Some(Piece::Content(piece)) = draft.add(chunk).unwrap() {
                    text.push_str(&piece);
                }
            }
            Frame::Done => {}
            other @ (Frame::Error(_) | Frame::Unreadable) => panic!("{other:?}"),
        }
    }
    assert!(draft.is_finished());
    (text, draft.finish(0).calls)
}

#[test]
fn real_streams_read_the_same_wherever_they_are_cut() {
    for (who, stream, text, calls) in CASES {
        let bytes = stream.as_bytes();
        let calls: Vec<_> = calls
            .iter()
            .map(|(name, arguments)| AskedCall {
                name: (*name).to_owned(),
                arguments: (*arguments).to_owned(),
            })
            .collect();
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            let (said, asked) = read(&[head, tail], stream.starts_with('{'));
            assert_eq!(said, *text, "{who}, cut at {at}");
            assert_eq!(asked, calls, "{who}, cut at {at}");
        }
    }
}

#[test]
fn errors_are_seen_in_every_form_before_anything_else() {
    let cases = [
        (r#"{"error": "model crashed"}"#, "model crashed"),
        (
            r#"{"error": {"message": "no memory", "code": 500}, "choices": []}"#,
            "no memory",
        ),
        (
            r#"{"object": "error", "message": "bad template", "code": 400}"#,
            "bad template",
        ),
        (r#"{"error": {"type": "odd"}}"#, r#"{"type":"odd"}"#),
    ];
    for (data, expected) in cases {
        match chunk::read(data.as_bytes()) {
            Frame::Error(message) => assert_eq!(message, expected),
            other => panic!("{data}: {other:?}"),
        }
    }
}

#[test]
fn unknown_shapes_are_no_chunks() {
    for data in ["", "nonsense", "[1]", "{\"choices\": 7}"] {
        assert!(
            matches!(chunk::read(data.as_bytes()), Frame::Unreadable),
            "{data}"
        );
    }
}
