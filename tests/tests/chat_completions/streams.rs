//! An answer as it is streamed.

use serde_json::{Value, json};
use tests::duckduckgo::DuckDuckGo;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::openapi::{OpenApi, fits};
use tests::script::{
    Part, Step, answer, call, calls, finish, gate, reasoning, says, sse, text, unfinished, usage,
};
use tests::stack::Setup;

use crate::kit::{Chunks, Said, ask, stack, streamed};

#[tokio::test]
async fn the_steps_are_told_and_the_answer_comes_as_it_is_written() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        reasoning("I have to\nthink of phi."),
        answer("answer-2"),
        usage(10, 5),
    ])]);
    models.experts([sse([
        text("Ninety-"),
        gate(&held),
        text("seven."),
        finish("stop"),
        usage(20, 7),
    ])]);
    let mut body = streamed("How many?");
    body["stream_options"] = json!({"include_usage": true});
    let mut chunks = Chunks::ask(&stack.client, &body).await;
    chunks.until(|said| said.content == "Ninety-").await;
    held.open();
    let run_id = chunks.run_id.clone();
    let said = chunks.rest().await;
    assert_eq!(said.content, "Ninety-seven.");
    assert_eq!(said.reasoning, "I have to\nthink of phi.\nanswer (phi)\n");
    assert_eq!(said.finish_reason.as_deref(), Some("stop"));
    let usage = said.usage.unwrap();
    assert_eq!(usage["prompt_tokens"], 30);
    assert_eq!(usage["completion_tokens"], 12);
    assert_eq!(usage["total_tokens"], 42);
    let api = OpenApi::new();
    let chunk = api.schema("ChatChunk");
    for frame in &said.frames {
        fits(&chunk, frame, "a chunk");
        assert_eq!(frame["id"], format!("chatcmpl-{run_id}"));
        assert_eq!(frame["model"], "orchestrator");
        assert_eq!(frame["created"], said.frames[0]["created"]);
    }
    let first = &said.frames[0]["choices"][0]["delta"];
    assert_eq!(*first, json!({"role": "assistant", "content": ""}));
    let last = said.frames.last().unwrap();
    assert_eq!(last["choices"], json!([]), "what it took comes last");
    let stored = stack.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(stored["answer"], "Ninety-seven.");
    assert_eq!(stored["status"], "completed");
    models.assert_spent();
}

#[tokio::test]
async fn without_the_wish_nothing_is_said_of_what_it_took() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven.")]);
    let said = Chunks::ask(&stack.client, &streamed("How many?"))
        .await
        .rest()
        .await;
    assert_eq!(said.content, "Seven.");
    assert!(said.frames.iter().all(|frame| frame.get("usage").is_none()));
}

/// The official clients give out an event for each frame with an `id:` line, and fail on its missing data.
#[tokio::test]
async fn no_frame_has_an_id_or_a_name() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Seven.")]);
    let response = ask(&stack.client, &streamed("How many?")).await;
    let told = response.text().await.unwrap();
    let lines = told.lines().filter(|line| !line.is_empty());
    assert!(lines.clone().count() > 3);
    for line in lines {
        assert!(line.starts_with("data: "), "{line}");
    }
}

fn found() -> Value {
    let topic = |text: &str, url: &str| json!({"Text": text, "FirstURL": url});
    json!({
        "Heading": "Python",
        "AbstractText": "Python is a language.",
        "AbstractURL": "https://en.wikipedia.org/wiki/Python_(programming_language)",
        "RelatedTopics": [topic("Monty [Python]", "https://example.org/monty")],
    })
}

/// Clients that read lines as Python splits them would lose the frame.
#[tokio::test]
async fn no_frame_holds_what_some_take_for_the_end_of_a_line() {
    let (models, stack) = stack().await;
    let answer = "One\u{2028}two\u{2029}three\u{85}four\\u2028.";
    models.orchestrator([says(answer)]);
    let response = ask(&stack.client, &streamed("How many?")).await;
    let told = response.text().await.unwrap();
    assert!(!told.contains(['\u{85}', '\u{2028}', '\u{2029}']));
    let frames = told.lines().filter_map(|line| line.strip_prefix("data: {"));
    let frames = frames.map(|frame| serde_json::from_str::<Value>(&format!("{{{frame}")).unwrap());
    let texts = frames.filter_map(|frame| {
        let content = frame.pointer("/choices/0/delta/content")?;
        content.as_str().map(str::to_owned)
    });
    assert_eq!(texts.collect::<String>(), answer);
}

#[tokio::test]
async fn sources_are_links_behind_the_answer_and_places_in_it() {
    let models = ModelServer::start().await;
    let duckduckgo = DuckDuckGo::saying(&found()).await;
    let setup = Setup::with_models(&models).search(&duckduckgo);
    let stack = setup.start().await;
    models.orchestrator([
        calls([call("search", json!({"query": "python"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("Näh 😀: Python is a language [1].")]);
    let said = Chunks::ask(&stack.client, &streamed("What is Python?"))
        .await
        .rest()
        .await;
    let (text, links) = said.content.split_once("\n\n**Sources**\n\n").unwrap();
    assert_eq!(text, "Näh 😀: Python is a language [1].");
    assert!(links.starts_with("1. ["), "{links}");
    assert!(
        said.reasoning.starts_with("search: python\n"),
        "{}",
        said.reasoning
    );
    let content: Vec<char> = said.content.chars().collect();
    assert_eq!(said.annotations.len(), links.lines().count());
    let places: Vec<String> = said
        .annotations
        .iter()
        .map(|annotation| {
            assert_eq!(annotation["type"], "url_citation");
            let of = &annotation["url_citation"];
            let index = |field: &str| usize::try_from(of[field].as_u64().unwrap()).unwrap();
            assert!(of["url"].as_str().unwrap().starts_with("http"));
            content[index("start_index")..index("end_index")]
                .iter()
                .collect()
        })
        .collect();
    assert_eq!(places[0], "[1]");
    for place in &places[1..] {
        assert!(place.starts_with('[') && place.ends_with(')'), "{place}");
    }
}

/// What is said where an answer breaks off behind `before`, and is `then` at the next attempt.
async fn started_over(before: &str, then: &[&str]) -> Said {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    let pieces = then.iter().map(|piece| text(piece));
    models.experts([
        unfinished([text(before), gate(&held), Part::Step(Step::Break)]),
        sse(pieces.chain([finish("stop")])),
    ]);
    let mut chunks = Chunks::ask(&stack.client, &streamed("What is it?")).await;
    chunks.until(|said| said.content == before).await;
    held.open();
    chunks.rest().await
}

/// A client cannot be told to forget what it has shown.
#[tokio::test]
async fn an_answer_that_starts_over_begins_anew_behind_a_rule() {
    let said = Box::pin(started_over("The answer is not kno", &["It is ", "42."])).await;
    assert_eq!(said.content, "The answer is not kno\n\n---\n\nIt is 42.");
    assert_eq!(said.finish_reason.as_deref(), Some("stop"));
}

#[tokio::test]
async fn an_answer_that_starts_over_with_the_same_words_goes_on() {
    let said = Box::pin(started_over("The answer is 4", &["The ", "answer is 42."])).await;
    assert_eq!(said.content, "The answer is 42.");
}

/// What is written beside calls is a thought, and looks like an answer before the calls come.
#[tokio::test]
async fn what_the_orchestrator_writes_beside_calls_is_no_part_of_the_answer() {
    let (models, stack) = stack().await;
    models.orchestrator([sse([text("Let me ask."), answer("answer-1")])]);
    models.experts([says("Seven.")]);
    let said = Chunks::ask(&stack.client, &streamed("How many?"))
        .await
        .rest()
        .await;
    assert_eq!(said.content, "Seven.");
    assert!(
        said.reasoning.starts_with("Let me ask.\n"),
        "{}",
        said.reasoning
    );
}

#[tokio::test]
async fn a_failed_step_is_told_and_the_callers_tools_are_not_called() {
    let (models, stack) = stack().await;
    models.orchestrator([
        calls([call("nothing", json!({"a": 1, "b": 2}))]),
        says("Seven."),
    ]);
    let mut body = streamed("How many?");
    body["tools"] = json!([{"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}]);
    let said = Chunks::ask(&stack.client, &body).await.rest().await;
    assert_eq!(said.content, "Seven.");
    let lines: Vec<_> = said.reasoning.lines().collect();
    assert_eq!(lines[0], r#"nothing: {"a":1,"b":2}"#);
    assert!(
        lines[1].starts_with("nothing did not succeed: "),
        "{lines:?}"
    );
    let offered: Vec<Value> = models.asked_of_orchestrator();
    assert!(!offered[0]["tools"].to_string().contains("get_time"));
    assert!(
        said.frames
            .iter()
            .all(|frame| !frame.to_string().contains("tool_calls"))
    );
}

#[tokio::test]
async fn a_cancelled_run_ends_with_what_there_is() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("So far"), gate(&held), text(".")])]);
    let mut chunks = Chunks::ask(&stack.client, &streamed("How many?")).await;
    chunks.until(|said| said.content == "So far").await;
    let path = format!("/api/runs/{}/cancel", chunks.run_id);
    let cancel = stack.client.request(reqwest::Method::POST, &path);
    assert_eq!(tests::client::send(cancel).await.status(), 202);
    let said = chunks.rest().await;
    assert_eq!(said.content, "So far");
    assert_eq!(said.finish_reason.as_deref(), Some("stop"));
    held.open();
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_nothing() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let chunks = Chunks::ask(&stack.client, &streamed("How many?")).await;
    let run_id = chunks.run_id.clone();
    drop(chunks);
    held.open();
    let told = stack.client.events(&run_id, 0).await.told().await;
    assert_eq!(told.answer(), "Seven.");
}
