//! Refusals of a request's form, as servers and gateways word them.

mod refusals;
mod styles;
mod wordings;

use std::sync::Arc;

use refusals::{FIELDS, LIMITS, Told};
use wordings::{LEFT_OUT, NOT_MEANT};

use super::*;
use crate::next::Next;
use crate::request::{MAX_COMPLETION_TOKENS, MAX_TOKENS, STREAM_OPTIONS};
use crate::wire_error::WireError;
use crate::{AskError, CallForm, ChatRequest, DecisionSchema, RequestProfile};

impl From<Told> for Next {
    fn from(told: Told) -> Self {
        match told {
            Told::Without(names) => Self::Adapt(Restriction::Without(
                names.iter().map(|name| (*name).to_owned()).collect(),
            )),
            Told::Shorter(numbers) => Self::Adapt(Restriction::ShorterReply(numbers.to_vec())),
            Told::ShorterDescriptions(numbers) => {
                Self::Adapt(Restriction::ShorterDescriptions(numbers.to_vec()))
            }
            Told::ToolNames(names) => Self::Adapt(Restriction::OtherToolNames(
                names.iter().map(|name| (*name).to_owned()).collect(),
            )),
            Told::Temperature => Self::Adapt(Restriction::OtherTemperature),
            Told::Another(style) => Self::Adapt(Restriction::Another(style)),
            Told::PlainTurns => Self::PlainTurns,
            Told::ToolsInText => Self::ToolsInText,
            Told::ToolsInTextNow => Self::ToolsInTextNow,
        }
    }
}

/// What is none of these: nothing of the request's form would change it.
const OTHERS: [(u16, &str, Next); 10] = [
    (
        400,
        r#"{"error":{"message":"Unknown parameter: 'messages[1].reasoning'.","param":"messages[1].reasoning"}}"#,
        Next::GiveUp,
    ),
    (
        400,
        r#"{"error":{"message":"Unsupported value: 'model' does not support this.","param":"model"}}"#,
        Next::GiveUp,
    ),
    (
        422,
        r#"{"detail":[{"type":"extra_forbidden","loc":["body","messages",0,"foo"],"msg":"Extra inputs are not permitted"}]}"#,
        Next::GiveUp,
    ),
    (
        401,
        r#"{"error":{"message":"Unsupported key 'temperature'"}}"#,
        Next::OtherModel,
    ),
    (
        429,
        r#"{"error":{"message":"max_tokens: 32768 > 8192 tokens are left in this minute"}}"#,
        Next::Retry { after: None },
    ),
    (
        503,
        r#"{"error":{"message":"streaming is not supported now"}}"#,
        Next::Retry { after: None },
    ),
    (
        400,
        r#"{"error":{"message":"Invalid value: 'x'."}}"#,
        Next::GiveUp,
    ),
    (400, r#"{"error":{"message":"Bad request"}}"#, Next::GiveUp),
    (
        422,
        r#"{"detail":[{"type":"string_too_long","loc":["body","user"],"msg":"String should have at most 64 characters"}]}"#,
        Next::GiveUp,
    ),
    (
        400,
        r#"{"error":{"message":"A description has to be a text."}}"#,
        Next::GiveUp,
    ),
];

#[test]
fn a_refusal_of_the_form_says_what_is_not_taken() {
    for (who, status, body, told) in [FIELDS, LIMITS, styles::STYLES].concat() {
        let expected = Next::from(told);
        let mut next = AskError::refused(status, body.as_bytes(), None).next();
        // Behind those in the words the field that is named apart from them comes again.
        if let (Next::Adapt(Restriction::Without(names)), Told::Without(expected)) =
            (&mut next, told)
        {
            names.truncate(expected.len());
        }
        let names = |next: &Next| match next {
            Next::Adapt(Restriction::Without(names)) => names.clone(),
            _ => Vec::new(),
        };
        let names = (names(&next), names(&expected));
        assert_eq!(next, expected, "{who}: {names:?}");
    }
}

#[test]
fn a_refusal_of_anything_else_teaches_nothing() {
    for (status, body, expected) in OTHERS {
        let next = AskError::refused(status, body.as_bytes(), None).next();
        assert_eq!(next, expected, "{body}");
    }
}

/// What is left of the fields that may be left out when a refusal has been learned from; `None` where it teaches nothing.
fn left(status: u16, body: &str) -> Option<Vec<&'static str>> {
    let request = ChatRequest {
        temperature: Some(0.0),
        max_tokens: Some(4096),
        ..ChatRequest::default()
    };
    let mut profile = RequestProfile::default();
    let Next::Adapt(restriction) = AskError::refused(status, body.as_bytes(), None).next() else {
        return None;
    };
    profile.learn(&restriction, &request)?;
    let sent = serde_json::to_value(profile.body(&request, "m")).unwrap();
    let is_left = |field: &&str| sent.get(*field).is_some();
    Some(OPTIONAL.into_iter().filter(is_left).collect())
}

#[test]
fn a_field_that_a_refusal_names_is_left_out_whatever_the_words() {
    for (body, field) in LEFT_OUT {
        let mut expected = vec![STREAM_OPTIONS, TEMPERATURE, MAX_TOKENS];
        expected.retain(|name| name != field);
        if *field == MAX_TOKENS {
            expected.push(MAX_COMPLETION_TOKENS);
        }
        for status in OF_THE_FORM {
            assert_eq!(
                left(status, body),
                Some(expected.clone()),
                "{status}: {body}"
            );
        }
        // Under a status that says nothing of the form, a name alone is no refusal of it.
        assert_ne!(left(401, body), Some(expected), "{body}");
    }
}

#[test]
fn a_field_that_is_named_for_another_reason_stays() {
    for body in NOT_MEANT {
        assert_eq!(left(400, body), None, "{body}");
    }
}

#[test]
fn an_error_in_a_stream_is_read_by_the_status_that_it_names() {
    let error = |code: u16| {
        let body = format!(
            r#"{{"error":{{"message":"invalid temperature: only 1 is allowed","code":{code}}}}}"#
        );
        AskError::reported(WireError::read(body.as_bytes()).unwrap()).next()
    };
    assert_eq!(error(400), Next::from(Told::Without(&["temperature"])));
    assert_eq!(error(503), Next::Retry { after: None });
}

/// Each row of a table is there for a refusal that was seen.
#[test]
fn every_wording_that_is_looked_for_is_in_a_refusal() {
    let refusals = [FIELDS, LIMITS, styles::STYLES].concat();
    let seen = refusals.iter().flat_map(|(_, _, body, _)| {
        let error = WireError::read(body.as_bytes());
        let error = error.unwrap_or_else(|| WireError::from_text(body.as_bytes()));
        sentences(body.as_bytes(), &error.message)
    });
    let seen = seen.collect::<Vec<_>>().join("\n").to_lowercase();
    let seen = seen.replace('"', "'");
    let manners = STYLES.map(|(words, _)| words);
    let refused = REFUSED_STYLES.map(|(words, _)| words);
    let tables: [&[&str]; 10] = [
        &manners,
        &refused,
        &TURNS,
        &THOUGHT,
        &VAGUE,
        &[TOOL_NAMES],
        &REFUSING,
        &RANGE,
        &TOO_LONG,
        &REPLY,
    ];
    for words in tables.concat() {
        assert!(seen.contains(words), "{words}");
    }
}

#[test]
fn a_restriction_for_a_log_repeats_nothing_of_the_refusal() {
    let refusal = r#"{"error":{"message":"Unknown parameter: 'what_a_person_wrote'"}}"#;
    let next = AskError::refused(400, refusal.as_bytes(), None).next();
    assert!(matches!(next, Next::Adapt(_)));
    assert!(!format!("{next:?}").contains("person"));
    let names = || vec!["a".to_owned(), "b".to_owned()];
    for (restriction, told) in [
        (Restriction::Without(names()), "Without(2 names)"),
        (
            Restriction::OtherToolNames(names()),
            "OtherToolNames(2 names)",
        ),
        (Restriction::ShorterReply(vec![1]), "ShorterReply"),
        (
            Restriction::ShorterDescriptions(vec![1]),
            "ShorterDescriptions",
        ),
        (Restriction::OtherTemperature, "OtherTemperature"),
        (
            Restriction::Another(RequestStyle::NoSystem),
            "Another(NoSystem)",
        ),
    ] {
        assert_eq!(format!("{restriction:?}"), told);
    }
}

/// Refusals of a reply by a schema.
const NO_SCHEMA: [(u16, &str); 8] = [
    (
        400,
        r#"{"error":{"code":400,"message":"Failed to initialize samplers: failed to parse grammar","type":"invalid_request_error"}}"#,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Failed to initialize samplers: std::exception","type":"invalid_request_error"}}"#,
    ),
    (
        500,
        r#"{"error":{"code":500,"message":"failed to parse grammar","type":"server_error"}}"#,
    ),
    (
        400,
        r#"{"error":{"message":"This model does not support response format `json_schema`. See supported models at https://console.groq.com/docs/structured-outputs","type":"invalid_request_error"}}"#,
    ),
    (
        400,
        r#"{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error","code":"invalid_request_error"}}"#,
    ),
    (
        400,
        r#"{"object":"error","message":"The provided JSON schema contains features not supported by xgrammar.","type":"BadRequestError","code":400}"#,
    ),
    (
        400,
        r#"[{"error":{"code":400,"message":"Invalid value at 'generation_config.response_schema' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema)","status":"INVALID_ARGUMENT"}}]"#,
    ),
    (
        400,
        r#"{"error":{"message":"Invalid schema for response_format 'decision': In context=('properties', 'call'), 'anyOf' is not permitted.","type":"invalid_request_error","param":"response_format","code":null}}"#,
    ),
];

#[test]
fn a_schema_of_replies_that_is_refused_is_left_out_and_nothing_else() {
    let schema = serde_json::json!({"type": "object"});
    let decision = DecisionSchema {
        schema,
        answer: None,
    };
    let request = ChatRequest {
        temperature: Some(0.0),
        max_tokens: Some(4096),
        calls: CallForm::Schema(Arc::new(decision)),
        ..ChatRequest::default()
    };
    for (status, body) in NO_SCHEMA {
        let next = AskError::refused(status, body.as_bytes(), None).next();
        let Next::Adapt(restriction) = next else {
            panic!("{body}: {next:?}");
        };
        let mut profile = RequestProfile::default();
        let part = profile.learn(&restriction, &request);
        assert_eq!(part.as_deref(), Some(RESPONSE_FORMAT), "{body}");
        assert!(!profile.takes_schema(), "{body}");
        let sent = serde_json::to_value(profile.body(&request, "m")).unwrap();
        let keys: Vec<_> = sent.as_object().unwrap().keys().collect();
        let all = [
            "model",
            "messages",
            "temperature",
            "max_tokens",
            "stream",
            "stream_options",
        ];
        assert_eq!(keys, all, "{body}");
    }
}

/// Refusals of a named schema that name the type `json_object` as what is taken: `llama-cpp-python`'s, in two versions of its
/// framework, those of its kind and of gateways.
const OTHER_SCHEMA: [(u16, &str); 7] = [
    (
        400,
        r#"{"error":{"message":"'response_format.type' must be 'text' or 'json_object'","type":"invalid_request_error","param":"response_format"}}"#,
    ),
    (
        422,
        r#"{"detail":[{"loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'","type":"literal_error"}]}"#,
    ),
    (
        500,
        r#"{"error":{"message":"[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema', 'ctx': {'expected': \"'text' or 'json_object'\"}}]","type":"internal_server_error","param":null,"code":null}}"#,
    ),
    (
        500,
        r#"{"error":{"message":"1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}","type":"internal_server_error","param":null,"code":null}}"#,
    ),
    (
        400,
        r#"{"error":{"message":"response_format of type `json_schema` is not supported by this model, use json_object","type":"invalid_request_error"}}"#,
    ),
    (
        400,
        r#"{"error":{"message":"Unsupported response_format type: json_schema. Supported types: text, json_object","code":"invalid_parameter"}}"#,
    ),
    (
        422,
        r#"{"detail":[{"type":"enum","loc":["body","response_format","type"],"msg":"Input should be 'json_object' or 'text'","input":"json_schema"}]}"#,
    ),
];

#[test]
fn a_schema_that_is_refused_under_its_name_is_put_beside_the_type_of_objects_and_then_left_out() {
    let schema = serde_json::json!({"type": "object"});
    let decision = DecisionSchema {
        schema: schema.clone(),
        answer: None,
    };
    let request = ChatRequest {
        calls: CallForm::Schema(Arc::new(decision)),
        ..ChatRequest::default()
    };
    let of_object = serde_json::json!({"type": "json_object", "schema": schema});
    for (status, body) in OTHER_SCHEMA {
        let next = AskError::refused(status, body.as_bytes(), None).next();
        let Next::Adapt(restriction) = next else {
            panic!("{body}: {next:?}");
        };
        let mut profile = RequestProfile::default();
        let parts = [(); 3].map(|()| profile.learn(&restriction, &request));
        let first = profile.clone();
        assert_eq!(
            parts[0].as_deref(),
            Some("response_format.json_schema"),
            "{body}"
        );
        assert_eq!(parts[1].as_deref(), Some(RESPONSE_FORMAT), "{body}");
        assert_eq!(parts[2], None, "{body}");
        assert!(!first.takes_schema(), "{body}");
        let mut profile = RequestProfile::default();
        profile.learn(&restriction, &request).unwrap();
        assert!(profile.takes_schema(), "{body}");
        let sent = serde_json::to_value(profile.body(&request, "m")).unwrap();
        assert_eq!(sent[RESPONSE_FORMAT], of_object, "{body}");
    }
    // OpenAI's word about `json_object` itself: neither form is taken.
    let wanting = r#"{"error":{"message":"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.","type":"invalid_request_error","param":"messages"}}"#;
    let next = AskError::refused(400, wanting.as_bytes(), None).next();
    let mut profile = RequestProfile::default();
    let Next::Adapt(restriction) = next else {
        panic!("{next:?}");
    };
    profile.learn(&restriction, &request).unwrap();
    profile.learn(&restriction, &request).unwrap();
    assert!(!profile.takes_schema());
}

#[test]
fn what_a_refusal_lists_as_taken_is_not_left_out() {
    // Bedrock's, of a field that an operator has set.
    let listing = r#"{"message":"The model returned the following errors: Failed to deserialize the JSON body into the target type: thinking: unknown field `thinking`, expected one of `messages`, `model`, `reasoning_effort`, `max_tokens`, `max_completion_tokens`, `response_format`, `stream_options`, `temperature`, `tools` at line 1 column 445"}"#;
    let decision = DecisionSchema {
        schema: serde_json::json!({"type": "object"}),
        answer: None,
    };
    for calls in [CallForm::Native, CallForm::Schema(Arc::new(decision))] {
        let request = ChatRequest {
            tools: vec![
                serde_json::json!({"type": "function", "function": {"name": "look", "parameters": {}}}),
            ],
            temperature: Some(0.0),
            max_tokens: Some(4096),
            calls,
            ..ChatRequest::default()
        };
        for listing in [listing.to_owned(), listing.replace('`', "")] {
            let next = AskError::refused(400, listing.as_bytes(), None).next();
            let mut profile = RequestProfile::default();
            if let Next::Adapt(restriction) = &next {
                assert_eq!(profile.learn(restriction, &request), None, "{listing}");
            } else {
                assert!(matches!(next, Next::GiveUp), "{next:?}: {listing}");
            }
        }
    }
}

#[test]
fn a_name_is_told_by_what_stands_around_it() {
    for (sentence, tools, names) in [
        ("give look a name", &["look"][..], &[][..]),
        ("not permitted: look", &["look"], &["look"]),
        ("not permitted:  look", &["look"], &["look"]),
        ("not permitted: look", &[], &[]),
        ("'tools.3' is wrong", &[], &["tools"]),
        ("'tools[3].look' is wrong", &[], &["look"]),
        ("'body.0.look' is wrong", &[], &["look"]),
        ("'7' is wrong", &[], &[]),
        ("'messages.0.look' is wrong", &[], &[]),
    ] {
        assert_eq!(text::names(sentence, tools), names, "{sentence}");
    }
}
