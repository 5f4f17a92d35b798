//! What older logs do not have, and what is not written because its absence says it.

use run::{
    Cost, Event, Mode, ModelId, Preferences, Priority, Start, ToldOfModel, ToolFilter, ToolName,
};
use serde_json::json;

use crate::kit::*;

#[test]
fn logs_from_before_owners_belong_to_who_has_no_name() {
    let mut stored = serde_json::to_value(start()).unwrap();
    stored.as_object_mut().unwrap().remove("owner");
    let start: Start = serde_json::from_value(stored).unwrap();
    assert_eq!(start.owner.as_str(), "anonymous");
    assert_eq!(start.must_end_by_ms(), BEGIN_MS + TIME_LIMIT_MS);
}

#[test]
fn logs_from_before_words_about_models_were_kept_have_none_and_those_that_have_none_say_nothing() {
    let stored = serde_json::to_value(start()).unwrap();
    assert_eq!(stored.get("told"), None);
    let read: Start = serde_json::from_value(stored).unwrap();
    assert!(read.told.is_empty());
    let words = |latency: Option<&str>| ToldOfModel {
        input: "$0.2".to_owned(),
        output: "unknown".to_owned(),
        latency: latency.map(str::to_owned),
    };
    for (latency, stored_words) in [
        (None, json!({"input": "$0.2", "output": "unknown"})),
        (
            Some("about 9 s"),
            json!({"input": "$0.2", "output": "unknown", "latency": "about 9 s"}),
        ),
    ] {
        let mut kept = start();
        kept.told
            .insert(ModelId::new("a \"b\"\n🦀"), words(latency));
        let stored = serde_json::to_value(&kept).unwrap();
        assert_eq!(stored["told"], json!({"a \"b\"\n🦀": stored_words}));
        assert!(words(latency).bytes() >= stored_words.to_string().len());
        let read: Start = serde_json::from_value(stored).unwrap();
        assert_eq!(read, kept);
    }
}

#[test]
fn pages_of_calls_from_before_tools_declared_them_are_their_results() {
    let stored = |sources: Option<serde_json::Value>| {
        let mut stored = json!({
            "event": "tool_call", "call_id": "r1.1", "tool": "search", "arguments": {}, "role": "work", "repeatable": true,
        });
        if let Some(sources) = sources {
            stored["sources"] = sources;
        }
        stored
    };
    for (sources, read) in [
        (None, Some("results")),
        (Some(json!(null)), None),
        (Some(json!("pages")), Some("pages")),
    ] {
        let Event::ToolCall(call) = serde_json::from_value(stored(sources)).unwrap() else {
            panic!("another event");
        };
        assert_eq!(call.spec.sources.as_deref(), read);
    }
}

#[test]
fn what_a_caller_leaves_to_the_service_is_not_written() {
    let tools = || vec![ToolName::new("search")];
    let of_all = Preferences {
        priority: Priority::Quality,
        models: Some(vec![ModelId::new("qwen")]),
        tools: ToolFilter::Deny(tools()),
        instructions: Some("Be short.".to_owned()),
        mode: Mode::Discussion,
        max_cost: Some(Cost {
            nano_usd: 50_000_000,
        }),
    };
    for (preferences, stored) in [
        (Preferences::default(), json!({"priority": "balanced"})),
        (
            Preferences {
                tools: ToolFilter::Allow(tools()),
                ..Preferences::default()
            },
            json!({"priority": "balanced", "tools": {"allow": ["search"]}}),
        ),
        (
            of_all,
            json!({
                "priority": "quality", "models": ["qwen"], "tools": {"deny": ["search"]}, "instructions": "Be short.",
                "mode": "discussion", "max_cost": 50_000_000,
            }),
        ),
    ] {
        assert_eq!(serde_json::to_value(&preferences).unwrap(), stored);
        assert_eq!(
            serde_json::from_value::<Preferences>(stored).unwrap(),
            preferences
        );
    }
    assert_eq!(
        serde_json::from_value::<Preferences>(json!({})).unwrap(),
        Preferences::default()
    );
}

#[test]
fn what_is_told_again_of_a_request_is_kept_as_it_is_and_is_nothing_in_older_logs() {
    let stored = serde_json::to_value(start()).unwrap();
    assert_eq!(stored["request"].get("echo"), None);
    let mut read: Start = serde_json::from_value(stored).unwrap();
    assert!(!read.request.is_forgotten() && !read.request.is_in_background());
    let echo = json!({"store": false, "background": true, "metadata": {"b": "1", "a": "2"}});
    read.request.echo = echo.as_object().cloned().map(Box::new);
    assert!(read.request.is_forgotten() && read.request.is_in_background());
    let again: Start = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
    assert_eq!(again, read);
}
