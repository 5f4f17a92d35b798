//! Calls that leak into text, in every dialect and as models get them wrong, cut at every character.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod cases;
#[path = "../kit/mod.rs"]
mod kit;
#[path = "../kit/text.rs"]
mod texts;

use cases::{Case, INVENTED, MALFORMED, TEXT, WELL_FORMED};
use kit::{Outcome, offered, read};
use model::Decoder;
use serde_json::{Value, json};
use texts::{is_shown_as_it_is, thinks};

fn frame(delta: &Value, finish_reason: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

/// Reads a text that comes in pieces, and then the reason to finish, if any.
fn say(pieces: &[&str], finish_reason: Option<&str>) -> Outcome {
    let said = pieces
        .iter()
        .map(|piece| frame(&json!({"content": piece}), None));
    let end = finish_reason.map(|reason| frame(&json!({}), Some(reason)));
    let bytes: String = said.chain(end).collect();
    read(Decoder::new(offered()), [bytes.as_bytes()])
}

fn characters(text: &str) -> Vec<&str> {
    let mut rest = text;
    std::iter::from_fn(|| {
        let (head, tail) = rest.split_at(rest.chars().next()?.len_utf8());
        rest = tail;
        Some(head)
    })
    .collect()
}

/// What is shown of a text and the calls in it, the same however it is cut.
fn read_cut(text: &str, finish_reason: &str) -> (String, Vec<(String, String)>, usize) {
    let whole = say(&[text], Some(finish_reason));
    let single = say(&characters(text), Some(finish_reason));
    assert_eq!(single.ended, whole.ended, "{text}, by characters");
    for (at, _) in text.char_indices() {
        let (head, tail) = text.split_at(at);
        let cut = say(&[head, tail], Some(finish_reason));
        assert_eq!(cut.ended, whole.ended, "{text}, cut at {at}");
    }
    let message = whole.ended.unwrap();
    let calls = message.calls.into_iter();
    let calls = calls.map(|call| (call.name, call.arguments)).collect();
    (message.content, calls, message.cut_calls.len())
}

fn assert_read(cases: &[Case]) {
    for (text, shown, calls) in cases {
        let calls: Vec<_> = calls
            .iter()
            .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
            .collect();
        let found = read_cut(text, "stop");
        assert_eq!(found, ((*shown).to_owned(), calls, 0), "{text}");
    }
}

#[test]
fn calls_of_every_dialect_are_taken_out_of_the_text() {
    assert_read(WELL_FORMED);
}

#[test]
fn calls_are_read_as_models_get_them_wrong() {
    assert_read(MALFORMED);
}

#[test]
fn a_call_of_a_name_that_is_not_offered_is_one_where_it_fits_an_offered_tool_or_is_marked_as_a_call()
 {
    assert_read(INVENTED);
}

#[test]
fn text_that_only_looks_like_a_call_stays_text() {
    for text in TEXT {
        let found = read_cut(text, "stop");
        assert_eq!(found, ((*text).to_owned(), vec![], 0), "{text}");
    }
}

#[test]
fn without_offered_tools_everything_is_text() {
    for (text, _, _) in WELL_FORMED.iter().chain(MALFORMED) {
        let frames = frame(&json!({"content": text}), Some("stop"));
        let read = read(Decoder::new(model::Offered::default()), [frames.as_bytes()]);
        // What gpt-oss says beside its calls loses its header, with tools or without.
        if !text.contains("commentary<|message|>") && !thinks(text) {
            assert!(is_shown_as_it_is(&read.shown, text), "{text}");
        }
    }
}

#[test]
fn a_call_that_the_limit_has_cut_is_neither_run_nor_shown() {
    for (text, shown, calls) in WELL_FORMED {
        let ends = text.char_indices().map(|(at, _)| at);
        for at in ends {
            let found = say(&[&text[..at]], Some("length")).ended.unwrap();
            let names = found.calls.iter().map(|call| &*call.name);
            assert!(
                names.eq(calls.iter().map(|call| call.0).take(found.calls.len())),
                "{text}, ended at {at}"
            );
            for (call, (_, arguments)) in found.calls.iter().zip(*calls) {
                assert_eq!(call.arguments, *arguments, "{text}, ended at {at}");
            }
            // One byte that may begin a call stands in any text, and is not held against it.
            let without = found.content.strip_suffix(['<', '[', ']', '{', '`', 'f']);
            let is_shown = |content: &str| shown.starts_with(content);
            assert!(
                is_shown(&found.content) || without.is_some_and(is_shown),
                "{text}, ended at {at}: {}",
                found.content
            );
        }
    }
}

#[test]
fn brackets_are_closed_only_where_the_model_stopped_of_itself() {
    let texts = [
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}",
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}\n</tool_call>",
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}",
        "<tool_call><function=search><parameter=q>x",
        "[search(q='x'",
        "<tool_cal",
        "{\"name\": \"searc",
        "```json\n{\"na",
    ];
    for text in texts {
        for reason in ["length", "max_tokens", "MAX_TOKENS", "model_length", "new"] {
            assert_eq!(read_cut(text, reason), (String::new(), vec![], 1), "{text}");
        }
    }
    for reason in ["stop", "STOP", "eos_token", "end_turn", "tool_calls"] {
        assert_eq!(read_cut(texts[0], reason).1.len(), 1, "{reason}");
    }
}

#[test]
fn text_is_held_back_only_while_it_may_become_a_call() {
    let cases = [
        ("Hello", "Hello"),
        ("a <", "a "),
        ("a < b", "a < b"),
        ("a <tool_", "a "),
        ("a <tools", "a <tools"),
        ("see [", "see "),
        ("see [se", "see "),
        ("see [seat", "see [seat"),
        ("see [search](", "see [search]("),
        ("of", "of"),
        ("a f", "a "),
        ("a fu", "a "),
        ("a fun", "a "),
        ("a fun ", "a fun "),
        ("```", ""),
        ("[Search(q ", ""),
        ("[Search(q x", "[Search(q x"),
        ("```py", "```py"),
        ("```tool_code\n(1", "```tool_code\n(1"),
        ("```tool_code\nx = 1", "```tool_code\nx = 1"),
        (
            "x\n```json\n{\"name\": \"invented\", \"par",
            "x\n```json\n{\"name\": \"invented\", \"par",
        ),
        ("```tool_code\n{\"rows\": [1", "```tool_code\n{\"rows\": [1"),
        ("{\"arguments\": 3", "{\"arguments\": 3"),
        ("{\"arguments\": {", ""),
        (
            "{\"function\": {\"tool_calls\": [1",
            "{\"function\": {\"tool_calls\": [1",
        ),
        ("{\"rows\"", "{\"rows\""),
        ("{\"name\" x", "{\"name\" x"),
        (
            "{\"name\": \"Search\", \"parameters\": {}} is",
            "{\"name\": \"Search\", \"parameters\": {}} is",
        ),
        (
            "{\"name\": \"Search\", \"parameters\": {}}</tool_call> is",
            "{\"name\": \"Search\", \"parameters\": {}}</tool_call> is",
        ),
        ("[TOOL_CALLS]are what", "[TOOL_CALLS]are what"),
        ("[TOOL_CALLS]search", ""),
        ("<tool_call>search<arg_key>q</arg_key> <arg_val", ""),
        (
            "<tool_call>search<arg_key>q</arg_key>x",
            "<tool_call>search<arg_key>q</arg_key>x",
        ),
        ("```json\n{\"na", ""),
        ("```json\n{\"rows", "```json\n{\"rows"),
        ("{\"name\": \"", ""),
        ("{\"name\": \"A", ""),
        ("{\"name\": \"A\", \"par", "{\"name\": \"A\", \"par"),
        ("{\"name\": \"Search\", \"par", ""),
        ("{\"name\": \"A\", \"ag", "{\"name\": \"A\", \"ag"),
        ("{\"name\": \"A\"}", "{\"name\": \"A\"}"),
        ("x\n{\"name\": \"A", "x\n{\"name\": \"A"),
        ("[seat", ""),
        ("[seat] is", "[seat] is"),
        // A mark of MiniMax begins with this.
        ("[seat]", "[seat"),
        ("[seat]<", "[seat"),
        ("[seat]<b", "[seat]<b"),
        ("[seat(", "[seat("),
        ("[Search(", ""),
        ("[Search(1", ""),
        ("[Search(1,", "[Search(1,"),
        ("[seat(1,", "[seat(1,"),
        ("{ \"x", "{ \"x"),
        ("so {\"name\": \"search\"", "so {\"name\": \"search\""),
        ("<tool_call>\nwhat", ""),
        ("<tool_call>\nwhat is", "<tool_call>\nwhat is"),
        ("<tool_call>what?", "<tool_call>what?"),
        ("<|ch", ""),
        ("<|chat", "<|chat"),
        ("<|channel|>n", "<|channel|>n"),
        ("<|channel|>final<|message|>The", "The"),
        ("<|end|> of", "<|end|> of"),
        (
            "<tool_call>{\"name\": \"search\", \"arguments\": {}}</tool_call> Then",
            "Then",
        ),
    ];
    for (text, shown) in cases {
        let frames = frame(&json!({"content": text}), None);
        let mut decoder = Decoder::new(offered());
        decoder.feed(frames.as_bytes());
        let piece = decoder.next_piece().unwrap();
        let expected = (!shown.is_empty()).then(|| model::Piece::Content(shown.to_owned()));
        assert_eq!(piece, expected, "{text}");
    }
}

#[test]
fn calls_in_their_own_field_end_the_search_for_others() {
    let call = json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "search", "arguments": "{}"}}]});
    let leak = "<tool_call>{\"name\": \"get_weather\", \"arguments\": {}}</tool_call>";
    let frames = [
        frame(&json!({"content": leak}), None),
        frame(&json!({"content": "and <tool"}), None),
        frame(&call, None),
        frame(&json!({"content": "[search()]"}), Some("tool_calls")),
    ];
    let read = read(Decoder::new(offered()), [frames.concat().as_bytes()]);
    let message = read.ended.unwrap();
    assert_eq!(message.content, "and <tool[search()]");
    let names: Vec<_> = message.calls.iter().map(|call| &*call.name).collect();
    assert_eq!(names, ["search"]);
}

#[test]
fn a_call_inside_a_thought_is_none_and_one_behind_it_is() {
    let call = "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}</tool_call>";
    let text = format!("<think>I could {call}</think>\n{call}");
    let (shown, calls, _) = read_cut(&text, "stop");
    assert_eq!((shown.as_str(), calls.len()), ("", 1));
    let late = format!("I could {call}</think>\n{call}");
    assert_eq!(read_cut(&late, "stop").1.len(), 1);
}

#[test]
fn the_channels_of_gpt_oss_are_told_apart_wherever_they_are_cut() {
    let cases = [
        (
            "<|channel|>analysis<|message|>Hm, \"so\"<|end|><|start|>assistant<|channel|>final<|message|>He said \"so\"<|return|>",
            "He said \"so\"",
            Some("Hm, \"so\""),
            0,
        ),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.search<|constrain|>json<|message|>{\"q\": \"<|end|>\"}<|call|>",
            "",
            Some("Hm."),
            1,
        ),
        ("<|channel|>analysis<|message|>Hm", "", Some("Hm"), 0),
        (
            "<|channel|>final<|message|>a <| b <|en<|end|>",
            "a <| b <|en",
            None,
            0,
        ),
    ];
    for (text, shown, reasoning, calls) in cases {
        let (content, found, _) = read_cut(text, "stop");
        assert_eq!((&*content, found.len()), (shown, calls), "{text}");
        let message = say(&[text], Some("stop")).ended.unwrap();
        assert_eq!(message.reasoning.as_deref(), reasoning, "{text}");
    }
}

#[test]
fn a_tag_that_ends_a_message_is_no_part_of_it_also_where_a_limit_has_cut_it() {
    let said = "<|channel|>final<|message|>So.";
    for (behind, reason, shown) in [
        ("<|ret", "length", "So."),
        ("<|", "length", "So."),
        ("<", "length", "So.<"),
        ("<|ret", "stop", "So.<|ret"),
        ("<|call|>More.", "stop", "So.More."),
        (" 1 < 2.<|end|>", "stop", "So. 1 < 2."),
        (" 1 < 2<|call|>.", "stop", "So. 1 < 2."),
    ] {
        let text = format!("{said}{behind}");
        assert_eq!(
            read_cut(&text, reason),
            (shown.to_owned(), vec![], 0),
            "{text}"
        );
    }
    let thought = say(&["<|channel|>analysis<|message|>Hm.<|en"], Some("length"));
    assert_eq!(thought.ended.unwrap().reasoning.as_deref(), Some("Hm.<|en"));
}

#[test]
fn a_whole_call_before_an_end_without_a_reason_is_given_and_half_a_one_is_not() {
    let whole = "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}</tool_call>";
    assert_eq!(say(&[whole], None).ended.unwrap().calls.len(), 1);
    let half = "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}</tool_call>";
    assert_eq!(say(&[half], None).ended, Err(model::AskError::Cut));
    assert_eq!(
        say(&["<tool_call>{\"na"], None).ended,
        Err(model::AskError::Cut)
    );
}
