//! What is sent to servers that refuse some of it.

mod overrides;

use proptest::prelude::*;
use serde_json::json;

use super::styles::NO_SIGNATURE;
use super::*;

fn request() -> ChatRequest {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["query", "default"], "$schema": "x",
        "properties": {
            "query": {"type": ["null", "string"], "minLength": 1, "default": {"default": 1}},
            "default": {"type": "array", "items": {"anyOf": [{"const": 1, "format": "x"}, {"type": "integer"}]}},
        },
    });
    let function =
        json!({"name": "look", "description": "Looks.", "strict": true, "parameters": schema});
    let call = json!({"id": "r00010001", "type": "function", "function": {"name": "look", "arguments": "{}"}});
    let messages = [
        json!({"role": "system", "content": "Be brief."}),
        json!({"role": "user", "content": "How many?"}),
        json!({"role": "assistant", "tool_calls": [call]}),
        json!({"role": "tool", "tool_call_id": "r00010001", "content": "{}"}),
        json!({"role": "assistant", "content": "Hm.", "tool_calls": [call]}),
        json!({"role": "tool", "tool_call_id": "r00010001", "content": "{}"}),
    ];
    ChatRequest {
        messages: messages.map(ChatMessage::from).to_vec(),
        tools: vec![json!({"type": "function", "function": function})],
        calls: CallForm::Native,
        aliases: ["browser.look", "peek", "glance"]
            .map(|alias| (alias.to_owned(), "look".to_owned()))
            .to_vec(),
        temperature: Some(0.7),
        max_tokens: Some(4096),
        ..ChatRequest::default()
    }
}

/// What is sent; the limit of the reply that is told of it stands in it.
fn sent(request: &ChatRequest, profile: &RequestProfile) -> Value {
    let body = serde_json::to_value(profile.body(request, "m")).unwrap();
    let limit = ["max_tokens", "max_completion_tokens"].map(|name| body.get(name));
    let limit = limit.into_iter().flatten().find_map(Value::as_u64);
    assert_eq!(profile.reply_limit(request).map(u64::from), limit);
    body
}

fn without(names: &[&str]) -> Restriction {
    Restriction::Without(names.iter().map(|name| (*name).to_owned()).collect())
}

/// What is sent after each of these restrictions, one after the other, and what each is told as.
fn after(request: &ChatRequest, restrictions: &[Restriction]) -> (Vec<Option<String>>, Value) {
    let mut profile = RequestProfile::default();
    let told = restrictions
        .iter()
        .map(|restriction| profile.learn(restriction, request));
    (told.collect(), sent(request, &profile))
}

#[test]
fn a_field_is_left_out_or_renamed_and_each_restriction_is_learned_once() {
    let request = request();
    let told = |name: &str| Some(name.to_owned());
    let whole = sent(&request, &RequestProfile::default());
    assert_eq!(
        (
            &whole["temperature"],
            &whole["max_tokens"],
            &whole["stream"],
            &whole["stream_options"]
        ),
        (
            &json!(0.7),
            &json!(4096),
            &json!(true),
            &json!({"include_usage": true})
        )
    );
    let reply = without(&["max_tokens", "max_completion_tokens"]);
    let (names, body) = after(&request, &[without(&["stream_options"]), reply.clone()]);
    assert_eq!(names, [told("stream_options"), told("max_tokens")]);
    assert_eq!(body.get("stream_options"), None);
    assert_eq!(
        (body.get("max_tokens"), &body["max_completion_tokens"]),
        (None, &json!(4096))
    );

    // Where neither name is taken no length is asked for; and nothing is learned twice.
    let (names, body) = after(&request, &[reply.clone(), reply.clone(), reply]);
    assert_eq!(
        names,
        [told("max_tokens"), told("max_completion_tokens"), None]
    );
    assert_eq!(
        (body.get("max_tokens"), body.get("max_completion_tokens")),
        (None, None)
    );

    for name in [
        "model",
        "messages",
        "tools",
        "stream",
        "type",
        "properties",
        "top_p",
        "name",
    ] {
        let restriction = without(&[name]);
        let (names, body) = after(&request, &[restriction]);
        if name == "type" {
            let kind = &body["tools"][0]["function"]["parameters"]["properties"]["query"]["type"];
            assert_eq!(*kind, "string");
            continue;
        }
        assert_eq!((&names[..], &body), (&[None][..], &whole), "{name}");
    }
}

#[test]
fn a_reply_is_as_long_as_the_server_allows() {
    let request = request();
    let shorter = |numbers: &[u32]| Restriction::ShorterReply(numbers.to_vec());
    for (numbers, expected) in [
        (&[1, 2048][..], Some(2048)),
        (&[4096, 1024, 4096], Some(1024)),
        (&[2048, 512], Some(2048)),
        (&[8192], None),
        (&[4096], None),
        (&[1], None),
        (&[], None),
    ] {
        let (names, body) = after(&request, &[shorter(numbers)]);
        assert_eq!(names[0].is_some(), expected.is_some(), "{numbers:?}");
        assert_eq!(body["max_tokens"], expected.unwrap_or(4096), "{numbers:?}");
    }
    let (names, body) = after(&request, &[without(&["max_tokens"]), shorter(&[100])]);
    assert_eq!(names[1].as_deref(), Some("max_completion_tokens"));
    assert_eq!(body["max_completion_tokens"], 100);
}

#[test]
fn a_temperature_that_was_refused_is_not_sent_again_and_milder_ones_are() {
    let at = |temperature| ChatRequest {
        temperature: Some(temperature),
        ..request()
    };
    let mut profile = RequestProfile::default();
    let refuse = |profile: &mut RequestProfile, temperature| {
        profile
            .learn(&Restriction::OtherTemperature, &at(temperature))
            .is_some()
    };
    let told = |profile: &RequestProfile, temperature| {
        sent(&at(temperature), profile).get("temperature").cloned()
    };
    assert!(refuse(&mut profile, 1.8));
    assert_eq!(told(&profile, 1.8), None);
    assert_eq!(told(&profile, 2.0), None);
    assert_eq!(told(&profile, 1.0), Some(json!(1.0)));
    assert_eq!(told(&profile, 0.0), Some(json!(0.0)));
    assert!(refuse(&mut profile, 0.0));
    assert_eq!(told(&profile, 0.0), Some(json!(NEXT_TO_ZERO)));
    assert!(
        refuse(&mut profile, 0.0),
        "what is next to it may be refused too"
    );
    assert_eq!(told(&profile, 0.0), None);
    assert_eq!(told(&profile, 0.7), Some(json!(0.7)));
    assert!(refuse(&mut profile, 1.0));
    assert_eq!(told(&profile, 0.7), None, "1 is refused: any is");
    assert!(!refuse(&mut profile, 0.7));
}

#[test]
fn a_temperature_of_one_that_is_refused_leaves_none_that_is_taken() {
    let at = |temperature| ChatRequest {
        temperature: Some(temperature),
        ..request()
    };
    let mut profile = RequestProfile::default();
    let told = profile.learn(&Restriction::OtherTemperature, &at(1.0));
    assert_eq!(told.as_deref(), Some(TEMPERATURE));
    for temperature in [0.0, 0.7, 1.0, 1.2] {
        let sent = sent(&at(temperature), &profile);
        assert_eq!(sent.get(TEMPERATURE), None, "{temperature}");
    }
}

#[test]
fn what_is_not_sent_is_not_left_out() {
    let restrictions = [
        Restriction::Another(RequestStyle::Unstreamed),
        without(&[STREAM_OPTIONS, TEMPERATURE]),
        without(&[STREAM_OPTIONS]),
    ];
    let (told, _) = after(&request(), &restrictions);
    let told: Vec<_> = told.iter().map(Option::as_deref).collect();
    assert_eq!(told, [Some("stream"), Some(TEMPERATURE), None]);
}

#[test]
fn a_request_that_offers_no_tool_names_none() {
    let request = ChatRequest {
        tools: Vec::new(),
        ..request()
    };
    let body = sent(&request, &RequestProfile::default());
    assert_eq!((body.get("tools"), body.get("tool_choice")), (None, None));
}

#[test]
fn a_style_is_told_by_the_field_that_it_is_about() {
    for (style, field) in [
        (RequestStyle::Unstreamed, "stream"),
        (RequestStyle::NoSystem, "messages.system"),
        (RequestStyle::EmptyContent, "messages.content"),
        (
            RequestStyle::CallsAlone,
            "messages.content beside tool_calls",
        ),
        (
            RequestStyle::SignedCalls,
            "messages.tool_calls.thought_signature",
        ),
        (RequestStyle::NamedResults, "messages.tool.name"),
    ] {
        let (told, _) = after(&request(), &[Restriction::Another(style)]);
        assert_eq!(told, [Some(field.to_owned())]);
    }
}

#[test]
fn two_profiles_are_equal_for_a_request_that_both_leave_as_it_is() {
    let warm = request();
    let cold = ChatRequest {
        temperature: None,
        ..request()
    };
    let plain = RequestProfile::default();
    let mut other = RequestProfile::default();
    assert!(plain.are_equal_for(&other, &warm));
    assert!(other.learn(&without(&[TEMPERATURE]), &warm).is_some());
    assert!(!plain.are_equal_for(&other, &warm));
    assert!(plain.are_equal_for(&other, &cold));
    assert!(other.are_equal_for(&other.clone(), &warm));
}

#[test]
fn keywords_are_left_out_of_tools_where_they_are_keywords() {
    let request = request();
    let names = [
        "strict",
        "$schema",
        "additionalProperties",
        "default",
        "format",
        "minLength",
    ];
    let (told, body) = after(&request, &[without(&names), without(&names)]);
    assert!(told[0].is_some() && told[1].is_none());
    let function = &body["tools"][0]["function"];
    let expected = json!({
        "name": "look", "description": "Looks.",
        "parameters": {
            "type": "object", "required": ["query", "default"],
            "properties": {
                "query": {"type": ["null", "string"]},
                "default": {"type": "array", "items": {"anyOf": [{"const": 1}, {"type": "integer"}]}},
            },
        },
    });
    assert_eq!(*function, expected);
    let (told, body) = after(&request, &[without(&["type", "parameters", "required"])]);
    assert!(told[0].is_some());
    let parameters = &body["tools"][0]["function"]["parameters"];
    assert_eq!(parameters["properties"]["query"]["type"], "string");
    assert_eq!(parameters.get("required"), None);
}

#[test]
fn a_keyword_is_left_out_at_every_level_and_never_of_data() {
    let data = json!({"pattern": "p", "properties": {"pattern": 1}});
    let schema = |pattern: Option<&str>| {
        let mut text = json!({"type": "string", "default": data, "enum": [data], "const": data});
        if let Some(pattern) = pattern {
            text["pattern"] = json!(pattern);
        }
        let properties = json!({"pattern": text, "examples": {"items": text}});
        json!({"function": {"parameters": {
            "properties": properties, "items": text, "anyOf": [text, {"items": text}],
            "not": {"not": text}, "$defs": {"a": text}, "example": data, "examples": [data],
        }}})
    };
    let keys = ["pattern".to_owned()].into();
    let mut used = BTreeSet::new();
    let reduced = super::tools::reduced(&schema(Some("^a")), &keys, &mut used);
    assert_eq!((reduced, used), (schema(None), keys));
}

#[test]
fn a_tools_description_is_cut_to_what_the_server_takes() {
    let mut request = request();
    request.tools[0]["function"]["description"] = "é".repeat(1500).into();
    let shorter = |numbers: &[u32]| Restriction::ShorterDescriptions(numbers.to_vec());
    let (told, body) = after(
        &request,
        &[
            shorter(&[1024, 1500]),
            shorter(&[1024, 1500]),
            shorter(&[5]),
        ],
    );
    assert_eq!(told, [Some("tools.description".to_owned()), None, None]);
    let description = body["tools"][0]["function"]["description"]
        .as_str()
        .unwrap();
    assert_eq!(description, "é".repeat(1024));
}

#[test]
fn messages_are_put_in_another_manner() {
    let request = request();
    let messages = |style| {
        let (told, body) = after(&request, &[Restriction::Another(style)]);
        assert!(told[0].is_some(), "{style:?}");
        body["messages"].as_array().unwrap().clone()
    };
    let joined = messages(RequestStyle::NoSystem);
    assert_eq!(
        joined[0],
        json!({"role": "user", "content": "Be brief.\n\nHow many?"})
    );
    assert_eq!(joined.len(), request.messages.len() - 1);
    let whole = messages(RequestStyle::EmptyContent);
    assert_eq!(
        (&whole[2]["content"], &whole[4]["content"]),
        (&json!(""), &json!("Hm."))
    );
    let alone = messages(RequestStyle::CallsAlone);
    assert!(alone[4].get("content").is_none() && alone[4].get("tool_calls").is_some());
    let signed = messages(RequestStyle::SignedCalls);
    let signature = &signed[2]["tool_calls"][0]["extra_content"]["google"]["thought_signature"];
    assert_eq!(*signature, NO_SIGNATURE);
    let named = messages(RequestStyle::NamedResults);
    assert_eq!(
        (&named[3]["name"], named[2].get("name")),
        (&json!("look"), None)
    );

    let (_, body) = after(&request, &[Restriction::Another(RequestStyle::Unstreamed)]);
    assert_eq!(
        (&body["stream"], body.get("stream_options")),
        (&json!(false), None)
    );
    let (told, _) = after(
        &request,
        &[
            Restriction::Another(RequestStyle::Unstreamed),
            without(&["stream_options"]),
        ],
    );
    assert_eq!(told[1], None, "it is not sent any more");
}

#[test]
fn a_tool_whose_name_is_refused_goes_by_its_first_alias_in_tools_and_history() {
    let request = request();
    let names = |names: &[&str]| {
        Restriction::OtherToolNames(names.iter().map(|name| (*name).to_owned()).collect())
    };
    let cases = [
        (vec![names(&["look"])], Some("peek")),
        (vec![names(&["look"]), names(&["peek"])], Some("glance")),
        (vec![names(&["look", "peek"])], Some("glance")),
        (vec![names(&["look", "peek", "glance"])], None),
        (vec![names(&["search"])], None),
        (vec![names(&[])], None),
    ];
    for (restrictions, expected) in cases {
        let (told, body) = after(&request, &restrictions);
        assert!(told.iter().all(|told| told.is_some() == expected.is_some()));
        let name = expected.unwrap_or("look");
        assert_eq!(body["tools"][0]["function"]["name"], name);
        for at in [2, 4] {
            let call = &body["messages"][at]["tool_calls"][0];
            assert_eq!(
                (&call["function"]["name"], &call["id"]),
                (&json!(name), &json!("r00010001"))
            );
        }
    }
    // A result that names its tool does so as its call does.
    let restrictions = [
        Restriction::Another(RequestStyle::NamedResults),
        names(&["look"]),
    ];
    let (_, body) = after(&request, &restrictions);
    assert_eq!(body["messages"][3]["name"], "peek");
}

fn restriction() -> impl Strategy<Value = Restriction> {
    let manners = [
        RequestStyle::Unstreamed,
        RequestStyle::NoSystem,
        RequestStyle::EmptyContent,
        RequestStyle::CallsAlone,
        RequestStyle::SignedCalls,
        RequestStyle::NamedResults,
    ];
    let names = prop_oneof![
        prop::sample::select(OPTIONAL.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec![
            "default", "type", "format", "strict", "messages", "tools", "model"
        ])
        .prop_map(str::to_owned),
        "[a-z$]{1,6}",
    ];
    prop_oneof![
        prop::collection::vec(names, 0..4).prop_map(Restriction::Without),
        prop::collection::vec(0..5000_u32, 0..3).prop_map(Restriction::ShorterReply),
        Just(Restriction::OtherTemperature),
        prop::collection::vec("look|peek|glance|[a-z]{1,4}", 0..3)
            .prop_map(Restriction::OtherToolNames),
        prop::sample::select(manners.to_vec()).prop_map(Restriction::Another),
    ]
}

proptest! {
    /// However often a server refuses, there is an end to what it is asked without; and model, messages and tools are in every
    /// request.
    #[test]
    fn a_restriction_changes_the_request_or_is_none(
        restrictions in prop::collection::vec(restriction(), 0..40),
        temperature in prop::sample::select(vec![0.0, 0.3, 1.0, 1.7]),
    ) {
        let request = ChatRequest { temperature: Some(temperature), ..request() };
        let mut profile = RequestProfile::default();
        let mut before = sent(&request, &profile);
        for restriction in &restrictions {
            let told = profile.learn(restriction, &request);
            let after = sent(&request, &profile);
            prop_assert_eq!(told.is_some(), after != before);
            prop_assert!(after["messages"].as_array().unwrap().len() >= request.messages.len() - 1);
            let name = &after["tools"][0]["function"]["name"];
            prop_assert!(*name == "look" || *name == "peek" || *name == "glance");
            prop_assert!(after["stream"].is_boolean() && after["model"] == "m");
            before = after;
        }
    }
}
