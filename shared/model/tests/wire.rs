//! Replies in the form in which real servers write them, cut at every byte: the same message comes out.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod kit;

use std::fs;
use std::path::{Path, PathBuf};

use kit::{Outcome, offered, read};
use model::{AskError, Decoder, Next, Piece, Window};
use serde_json::{Value, json};

/// The outcome in the form of the expectation files.
fn told(outcome: &Outcome) -> Value {
    match &outcome.ended {
        Ok(message) => json!({
            "content": message.content,
            "reasoning": message.reasoning,
            "calls": message.calls.iter()
                .map(|call| json!({"name": call.name, "arguments": call.arguments}))
                .collect::<Vec<_>>(),
            "cut_calls": message.cut_calls.len(),
            "finish_reason": message.finish_reason,
            "usage": [message.usage.input_tokens, message.usage.output_tokens],
        }),
        Err(error) => json!({
            "content": outcome.shown,
            "error": {"code": error.code(), "says": error.to_string(), "next": next(error)},
        }),
    }
}

fn next(error: &AskError) -> String {
    match error.next() {
        Next::Retry { .. } => "retry".to_owned(),
        Next::Shrink { window: None } => "shrink".to_owned(),
        Next::Shrink {
            window: Some(window),
        } => {
            let Window {
                prompt_tokens,
                context_tokens,
            } = window;
            format!("shrink {}/{context_tokens}", prompt_tokens.unwrap_or(0))
        }
        Next::ToolsInText => "tools_in_text".to_owned(),
        Next::ToolsInTextNow => "tools_in_text_now".to_owned(),
        Next::WithoutSchema => "without_schema".to_owned(),
        Next::WithoutSchemaNow => "without_schema_now".to_owned(),
        Next::Adapt(restriction) => format!("adapt {restriction:?}"),
        Next::PlainTurns => "plain_turns".to_owned(),
        Next::OtherModel => "other_model".to_owned(),
        Next::GiveUp => "give_up".to_owned(),
        Next::Stop => "stop".to_owned(),
    }
}

/// Fills in what an expectation leaves open, and shortens an error to the words that are expected of it.
fn fitted(mut told: Value, expected: &Value) -> Value {
    if expected["usage"].is_null()
        && let Some(fields) = told.as_object_mut()
        && let Some(usage) = fields.get_mut("usage")
    {
        *usage = Value::Null;
    }
    if let Some(says) = expected["error"]["says"].as_str()
        && told["error"]["says"]
            .as_str()
            .unwrap_or_default()
            .contains(says)
    {
        told["error"]["says"] = says.into();
    }
    told
}

fn fixtures(server: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(server);
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut replies: Vec<_> = files
        .filter(|file| !file.to_str().unwrap().ends_with(".expected.json"))
        .collect();
    replies.sort();
    assert!(!replies.is_empty());
    replies
}

fn holds_for(server: &str) {
    for file in fixtures(server) {
        let name = file.display();
        let bytes = fs::read(&file).unwrap();
        let expected = fs::read(file.with_extension("expected.json")).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let whole = read(Decoder::new(offered()), [bytes.as_slice()]);
        assert_eq!(fitted(told(&whole), &expected), expected, "{name}");
        let single = read(Decoder::new(offered()), bytes.chunks(1));
        assert_eq!(single, whole, "{name}, byte by byte");
        for at in 0..bytes.len() {
            let (head, tail) = bytes.split_at(at);
            let cut = read(Decoder::new(offered()), [head, tail]);
            assert_eq!(cut, whole, "{name}, cut at {at}");
        }
    }
}

macro_rules! servers {
    ($($test:ident: $folder:literal,)*) => {
        $(#[test]
        fn $test() {
            holds_for($folder);
        })*

        #[test]
        fn every_folder_of_fixtures_is_read() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
            let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let mut folders: Vec<_> = entries
                .filter(|path| path.is_dir())
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            folders.sort();
            assert_eq!(folders, [$($folder),*]);
        }
    };
}

servers! {
    bedrock_is_read: "bedrock",
    litellm_is_read: "litellm",
    llama_cpp_python_is_read: "llama-cpp-python",
    llama_server_is_read: "llama-server",
    lm_studio_is_read: "lm-studio",
    ollama_is_read: "ollama",
    openai_is_read: "openai",
    sglang_is_read: "sglang",
    tgi_is_read: "tgi",
    vllm_is_read: "vllm",
}

#[test]
fn content_of_a_model_that_thinks_first_is_held_back_only_where_the_server_leaves_its_thought_in_it()
 {
    let frame = |delta: &Value| format!("data: {}\n\n", json!({"choices": [{"delta": delta}]}));
    let shown = |deltas: &[Value]| {
        let mut decoder = Decoder::for_thinking_first(offered());
        for delta in deltas {
            decoder.feed(frame(delta).as_bytes());
        }
        decoder.next_piece().unwrap()
    };
    let said = |text: &str| Some(Piece::Content(text.to_owned()));
    let (thought, so) = (
        json!({"reasoning_content": "Hm."}),
        json!({"content": "So"}),
    );
    assert_eq!(shown(&[thought, so.clone()]), said("So"));
    assert_eq!(shown(std::slice::from_ref(&so)), None);
    assert_eq!(shown(&[json!({"content": "Hm.</think>"}), so]), said("So"));
}
