//! Requests at the edge of what is allowed: they are taken, and their runs are whole.

use serde_json::{Map, Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::{call, call_text, calls, says};
use tests::stack::{Counted, Setup};

async fn service() -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let service = Setup::with_models(&models).start_counted().await;
    (models, service)
}

#[tokio::test]
async fn a_question_may_have_32_000_characters_of_any_width() {
    let (models, service) = service().await;
    for c in ["a", "é", "七", "🦀"] {
        models.orchestrator([says("Many.")]);
        let query = c.repeat(32_000);
        let told = service.client.question(&query).await;
        assert_eq!(told.of("start")[0]["query"], query);
        let replayed = service.client.events(&told.run_id, 0).await.told().await;
        assert_eq!(replayed.frames, told.stored());
    }
    models.assert_spent();
}

#[tokio::test]
async fn the_longest_request_is_whole_however_json_writes_its_characters() {
    let (models, service) = service().await;
    // JSON writes each of these as six bytes.
    let odd = "\u{1}";
    models.orchestrator([says("Odd.")]);
    let instructions = odd.repeat(4_000);
    let body = json!({"query": odd.repeat(32_000), "preferences": {"instructions": instructions}});
    let told = service.client.ask(&body).await;
    let replayed = service.client.events(&told.run_id, 0).await.told().await;
    assert_eq!(replayed.frames, told.stored());
}

#[tokio::test]
async fn a_body_may_have_1_048_576_bytes() {
    let (models, service) = service().await;
    models.orchestrator([says("Done.")]);
    let mut body = br#"{"query": "Go"}"#.to_vec();
    body.resize(1_048_576, b' ');
    let response = send(service.client.start_request(body)).await;
    assert_eq!(response.status(), 200);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("\"final_answer\":\"Done.\"")
    );
}

#[tokio::test]
async fn numbers_at_their_bounds_are_taken() {
    let (models, service) = service().await;
    for sent in [
        json!({"max_rounds": 1, "temperature": 0, "max_tokens": 1}),
        json!({"max_rounds": 50, "temperature": 2, "max_tokens": 32_768}),
        json!({"max_rounds": 50, "temperature": 2.0, "max_tokens": 32_768, "preferences": {}}),
        json!({"temperature": 1e-300, "preferences": {"tools": {}}}),
    ] {
        models.orchestrator([says("Done.")]);
        let mut body = json!({"query": "Go"});
        body.as_object_mut()
            .unwrap()
            .extend(sent.as_object().unwrap().clone());
        assert_eq!(service.client.ask(&body).await.answer(), "Done.");
    }
}

#[tokio::test]
async fn the_charset_of_a_json_body_may_be_named() {
    let (models, service) = service().await;
    for kind in [
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ] {
        models.orchestrator([says("Done.")]);
        let request = service
            .client
            .request(reqwest::Method::POST, "/api/chat/orchestrator/stream");
        let request = request
            .header("content-type", kind)
            .body(r#"{"query": "Go"}"#);
        let response = send(request).await;
        assert_eq!(response.status(), 200, "{kind}");
        response.text().await.unwrap();
    }
}

#[tokio::test]
async fn a_list_that_repeats_a_name_many_times_is_taken_as_one_that_names_it_once() {
    let (models, service) = service().await;
    let (models_of, tools_of) = (
        |names| json!({"models": names}),
        |names| json!({"tools": {"deny": names}}),
    );
    for (once, many) in [
        (models_of(vec!["qwen"]), models_of(vec!["qwen"; 100_000])),
        (tools_of(vec!["search"]), tools_of(vec!["search"; 100_000])),
    ] {
        models.orchestrator([says("Done.")]);
        let body = json!({"query": "Go", "preferences": many});
        let told = service.client.ask(&body).await;
        assert_eq!(told.answer(), "Done.");
        let snapshot = service
            .client
            .json(&format!("/api/runs/{}", told.run_id))
            .await;
        for (name, value) in once.as_object().unwrap() {
            assert_eq!(&snapshot["request"]["preferences"][name], value);
        }
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_run_may_take_fifty_rounds() {
    let (models, service) = service().await;
    let reason = || json!({"model": "reasoner-2", "problem": "Go"});
    let think = || tests::script::calls([tests::script::call("enhance_reasoning", reason())]);
    models.orchestrator((1..50).map(|_| think()));
    models.experts((1..50).map(|_| says("Not yet.")));
    models.orchestrator([says("At last.")]);
    let told = service
        .client
        .ask(&json!({"query": "Go", "max_rounds": 50}))
        .await;
    assert_eq!(told.summary()["total_rounds"], Value::from(50));
    assert_eq!(told.answer(), "At last.");
    models.assert_spent();
}

#[tokio::test]
async fn what_is_nested_deeper_than_a_log_can_hold_is_refused_and_the_run_stays_readable() {
    let models = ModelServer::start().await;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let answers = move |request: tool::Request| {
        let levels = request.arguments["query"].as_str().unwrap().parse();
        let nested = serde_json::from_str(&deep(levels.unwrap())).unwrap();
        tool::Response::Ok {
            result: Map::from_iter([("nested".to_owned(), nested)]),
            artifacts: Vec::new(),
        }
    };
    let service = Setup::with_models(&models).tool("search", answers);
    let service = service.start_counted().await;
    let search = |levels: u32| call("search", json!({"query": levels.to_string()}));
    let nested = |levels| call_text("telepathy", &format!("{{\"a\": {}}}", deep(levels)));
    models.orchestrator([
        calls([
            search(63),
            search(64),
            search(110),
            nested(63),
            nested(64),
            nested(110),
        ]),
        says("Done."),
    ]);
    let told = service.client.question("Go").await;
    assert_eq!(told.answer(), "Done.");
    let results = told.of("tool_result").into_iter();
    let mut results: Vec<_> = results
        .map(|it| (it["call_id"].clone(), it["result"]["error"]["code"].clone()))
        .collect();
    results.sort_by_key(|(call, _)| call.to_string());
    let codes: Vec<_> = results.into_iter().map(|(_, code)| code).collect();
    let bad = json!("bad_response");
    let unknown = json!("unknown_tool");
    assert_eq!(
        codes,
        [&Value::Null, &bad, &bad, &unknown, &unknown, &unknown].map(Clone::clone)
    );
    let kept = told.of("tool_call").into_iter();
    let kept: Vec<_> = kept.map(|it| it["arguments"] == json!({})).collect();
    assert_eq!(kept, [false, false, false, false, true, true]);
    let replayed = service.client.events(&told.run_id, 0).await.told().await;
    assert_eq!(replayed.frames, told.stored());
}
