//! `tools call`.

use std::fs;

use serde_json::{Value, json};
use tests::script::says;

use crate::desk::{Desk, tool};

fn weather(server: &str) -> Value {
    json!({"http": {"url": format!("{server}/weather"), "headers": {"authorization": {"env": "WEATHER_TOKEN"}}}})
}

async fn desk() -> Desk {
    Desk::with(|server, endpoint, closed| {
        vec![
            tool("weather", &weather(server)),
            tool("forecast", &json!({"lambda": "forecast", "endpoint": endpoint})),
            tool("down", &json!({"http": {"url": closed}})),
            tool("unset", &json!({"http": {"url": server, "headers": {"x-key": {"env": "NOT_SET_ANYWHERE"}}}})),
        ]
    })
    .await
}

#[tokio::test]
async fn a_call_prints_the_response_and_stores_nothing() {
    let desk = desk().await;
    let (printed, ended) = desk.call(&["weather", r#"{"city": "Bern"}"#]).await;
    let listed = json!([{"name": "map.svg", "media_type": "image/svg+xml", "bytes": 6}]);
    assert_eq!(
        printed,
        json!({"ok": true, "result": {"city": "Bern", "sent": "[redacted]"}, "artifacts": listed})
    );
    assert_eq!((ended.code, &*ended.err), (Some(0), ""));
    let (printed, _) = desk.call(&["forecast", r#"{"city": "Bern"}"#]).await;
    assert_eq!(printed, json!({"ok": true, "result": {"n": 7}}));
    assert_eq!(desk.stored(), ["catalogue.json"]);
}

#[tokio::test]
async fn files_are_written_where_somebody_says_and_replace_none() {
    let desk = desk().await;
    let folder = desk.data_dir.path().join("made");
    let call = [
        "weather",
        r#"{"city": "Bern"}"#,
        "--files",
        folder.to_str().unwrap(),
    ];
    let (_, ended) = desk.call(&call).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(fs::read(folder.join("map.svg")).unwrap(), b"<svg/>");
    fs::write(folder.join("map.svg"), "mine").unwrap();
    let arguments: Vec<_> = ["tools", "call"].into_iter().chain(call).collect();
    let error = desk.commands.fails(1, &arguments).await;
    assert!(error.contains("map.svg"), "{error}");
    assert_eq!(fs::read(folder.join("map.svg")).unwrap(), b"mine");
}

#[tokio::test]
async fn a_call_is_checked_and_fails_as_that_of_a_run() {
    let desk = desk().await;
    for (arguments, code, says) in [
        (
            &["weather", r#"{"city": 7, "x": 1}"#][..],
            "invalid_arguments",
            "x",
        ),
        (
            &["weather", r#"{"town": "Bern"}"#],
            "invalid_arguments",
            "city",
        ),
        (&["weather", "{"], "invalid_arguments", "not valid JSON"),
        (&["weather"], "invalid_arguments", "city"),
        (&["no_such_tool", "{}"], "unknown_tool", "weather"),
        (
            &["unset", r#"{"city": "Bern"}"#],
            "tool_not_configured",
            "NOT_SET_ANYWHERE",
        ),
        (
            &["down", r#"{"city": "Bern"}"#],
            "tool_unreachable",
            "cannot be reached",
        ),
    ] {
        let (printed, ended) = desk.call(arguments).await;
        assert_eq!(printed["ok"], false, "{arguments:?}");
        assert_eq!(printed["error"]["code"], code, "{arguments:?}: {printed}");
        let message = printed["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{arguments:?}: {message}");
        let last = ended.err.lines().last().unwrap_or_default();
        assert_eq!(
            (ended.code, last),
            (Some(1), &*format!("error: the call failed: {code}"))
        );
    }
}

#[tokio::test]
async fn a_model_is_a_tool_like_any_other() {
    let desk = desk().await;
    desk.models.experts([says("It is seven.")]);
    let call = [
        "answer",
        r#"{"model": "answer-1"}"#,
        "--question",
        "How many?",
    ];
    let (printed, ended) = desk.call(&call).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        printed["result"],
        json!({"content": "It is seven.", "model_name": "Qwen 2.5-7B", "finish_reason": "stop"})
    );
    let asked = desk.models.asked_of_experts()[0]["messages"].to_string();
    assert!(asked.contains("How many?"), "{asked}");
}

#[tokio::test]
async fn a_discussion_says_that_only_a_run_makes_it() {
    let desk = desk().await;
    let (printed, ended) = desk.call(&["discuss", "{}"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(printed["error"]["code"], "several_calls");
    let message = printed["error"]["message"].as_str().unwrap();
    assert!(message.contains("preferences"), "{message}");
    assert!(desk.models.asked_of_experts().is_empty());
}

#[tokio::test]
async fn a_program_runs_with_nothing_else_started() {
    let desk = desk().await;
    let (printed, ended) = desk
        .call(&["code_interpreter", r#"{"code": "print(6 * 7)"}"#])
        .await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(printed["result"]["stdout"], "42\n");
    assert_eq!(desk.stored(), ["catalogue.json"]);
}
