//! Frames that say nothing.

use super::{DONE, SO, STOP, assert_bodies, assert_reads, offered};
use model::Decoder;

/// What may stand anywhere between frames.
const NOTHING: [&str; 18] = [
    "data:\n\n",
    "data: \n\n",
    "data\n\n",
    "data: ping\n\n",
    "data: \"ping\"\n\n",
    "data: 1\n\n",
    "data: null\n\n",
    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: ping\ndata: {\"choices\":[{\"delta\":{\"content\":\"no\"}}]}\n\n",
    "event: heartbeat\ndata: {broken\n\n",
    "event: keepalive\n\n",
    ":\n\n",
    ": OPENROUTER PROCESSING\n\n",
    "data: : OPENROUTER PROCESSING\n\n",
    "id: 7\nretry: 3000\n\n",
    "data: {}\n\n",
    "data: {\"choices\":[]}\n\n",
    "\n\n\r\n",
];

#[test]
fn frames_that_say_nothing_change_nothing_wherever_they_stand() {
    for nothing in NOTHING {
        let frames = [SO, STOP, DONE].map(|frame| format!("data: {frame}\n\n"));
        let body = [
            nothing, &frames[0], nothing, &frames[1], nothing, &frames[2],
        ]
        .concat();
        assert_bodies(&[(body.as_bytes(), "So. |  |  | stop")]);
        let mut decoder = Decoder::new(offered());
        decoder.feed(body.as_bytes());
        assert_eq!(decoder.passed_over(), 0, "{nothing}");
    }
}

#[test]
fn a_stream_of_nothing_else_is_an_empty_reply_and_no_bad_one() {
    let all = NOTHING.concat();
    assert_bodies(&[
        (
            all.as_bytes(),
            " | model_empty_answer: answered with nothing",
        ),
        (
            b"data: ping\n\n",
            " | model_empty_answer: answered with nothing",
        ),
        (b"", " | model_empty_answer: answered with nothing"),
        (
            b"\xef\xbb\xbf\n\n",
            " | model_empty_answer: answered with nothing",
        ),
    ]);
    let role = r#"{"choices":[{"delta":{"role":"assistant"}}]}"#;
    assert_reads(&[
        (
            &[role, role],
            " | model_empty_answer: answered with nothing",
        ),
        (
            &[role, "{broken"],
            " | model_empty_answer: answered with nothing",
        ),
    ]);
}

#[test]
fn frames_are_told_apart_however_lines_end_and_whatever_stands_in_front() {
    let told = "So. |  |  | stop";
    let so = format!("data: {SO}");
    let stop = format!("data: {STOP}");
    let bodies = [
        format!("{so}\n{stop}\ndata: [DONE]\n"),
        format!("{so}\r\n{stop}\r\ndata: [DONE]\r\n"),
        format!("{so}\r{stop}\rdata: [DONE]\r"),
        format!("\u{feff}{so}\n\n{stop}\n\n"),
        format!("\u{feff}\n{so}\n\n\u{feff}{stop}\n\n"),
        format!("{so}\n\n{stop}"),
        format!("event:message\n{}\n\nid:2\n{}\n\n", so.replace(": {", ":{"), stop.replace(": {", ":{")),
        format!("data: {so}\n\ndata: {stop}\n\ndata: data: [DONE]\n\n"),
        format!("{SO}\n{STOP}\n"),
        format!("{SO}\n{STOP}\n[DONE]\n"),
        format!("{SO}{STOP}data: [DONE]"),
        format!("data: {SO}{STOP}\n\n"),
        format!("data: [{SO},{STOP}]\n\n"),
        "data: {\"choices\":[{\ndata: \"delta\":{\"content\":\"So.\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n".to_owned(),
        "\u{feff}{\n  \"choices\": [\n    {\"message\": {\"content\": \"So.\"},\n\n     \"finish_reason\": \"stop\"}\n  ]\n}\n".to_owned(),
        "{\"choices\":[{\"message\":{\"content\":\"So.\"},\"finish_reason\":\"stop\"}]}data: [DONE]".to_owned(),
    ];
    for body in &bodies {
        assert_bodies(&[(body.as_bytes(), told)]);
    }
}

#[test]
fn a_heartbeat_covers_one_line_of_data_and_never_the_end() {
    let told = "So. |  |  | stop";
    let bodies = [
        format!("event: ping\ndata: {{}}\ndata: {SO}\ndata: {STOP}\ndata: [DONE]\n"),
        format!("data: {SO}\nevent: ping\ndata: [DONE]\n\n"),
        format!("data: {SO}\n\nevent: error\ndata: [DONE]\n\n"),
        format!("data: \u{feff}{SO}\n\ndata: {STOP}data: [DONE]\n\n"),
        "data: {\"choices\": [\ndata: {\"index\":0,\"delta\":{\"content\":\"So.\"},\"finish_reason\":\"stop\"}\ndata: ]}\n\n".to_owned(),
    ];
    for body in &bodies {
        assert_bodies(&[(body.as_bytes(), told)]);
    }
}

#[test]
fn a_reply_that_goes_on_may_be_of_any_size_and_one_that_does_not_is_given_up() {
    let padding = "x".repeat(1 << 20);
    let text =
        format!(r#"data: {{"choices":[{{"delta":{{"content":"a"}}}}],"padding":"{padding}"}}"#);
    let text = format!("{text}\n\n");
    let nothing = format!(": {padding}\n\n");
    let fed = |frames: &[&str]| {
        let mut decoder = Decoder::new(offered());
        for frame in frames {
            decoder.feed(frame.as_bytes());
        }
        loop {
            match decoder.next_piece() {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(decoder.is_over()),
                Err(error) => break Err(error.to_string()),
            }
        }
    };
    let cut = || Err("broke off in the middle of its answer".to_owned());
    let too_large = || Err("sent more than is allowed in one answer".to_owned());
    assert_eq!(fed(&[&*text; 8]), Ok(false));
    assert_eq!(fed(&[&*nothing; 3]), Ok(false));
    assert_eq!(fed(&[&*nothing; 5]), too_large());
    assert_eq!(fed(&[&[&*text; 8][..], &[&*nothing; 5]].concat()), cut());
    let turns = [&*nothing, &*nothing, &*text].repeat(4);
    assert_eq!(fed(&turns), Ok(false));
    // Behind a reason to end, nothing more is waited for.
    let stop = String::from_utf8(super::stream(&[SO, STOP])).unwrap();
    assert_eq!(fed(&[&[&*stop][..], &[&*nothing; 5]].concat()), Ok(true));
}

#[test]
fn what_has_come_grows_with_texts_thoughts_and_calls() {
    let call = |part: &str| format!(r#"{{"tool_calls":[{{"index":0,{part}}}]}}"#);
    let mut decoder = Decoder::new(offered());
    let mut bytes = 0;
    for (delta, more) in [
        (r#"{"content":"four"}"#.to_owned(), 4),
        (r#"{"reasoning":"thoughts"}"#.to_owned(), 8),
        (r#"{"reasoning":"more"}"#.to_owned(), 4),
        (r#"{"content":"and so"}"#.to_owned(), 6),
        (call(r#""id":"a","function":{"name":"search"}"#), 6),
        (call(r#""function":{"arguments":"{\"query\":"}"#), 9),
        (call(r#""function":{"arguments":""}"#), 0),
        (call(r#""function":{"arguments":"\"a\"}"}"#), 4),
        (r#"{"content":""}"#.to_owned(), 0),
    ] {
        decoder.feed(&super::stream(&[&format!(
            r#"{{"choices":[{{"delta":{delta}}}]}}"#
        )]));
        bytes += more;
        assert_eq!(decoder.taken_bytes(), bytes, "{delta}");
    }
}
