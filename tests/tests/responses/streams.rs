//! A response as it is streamed.

use reqwest::Method;
use serde_json::{Value, json};
use tests::duckduckgo::DuckDuckGo;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{
    Part, Step, answer, call, calls, finish, gate, reasoning, says, sse, text, unfinished, usage,
};
use tests::stack::Setup;

use crate::kit::{self, Frames, at, kinds, stack, streamed};

#[tokio::test]
async fn steps_and_answer_are_items_whose_frames_are_numbered_from_zero() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        reasoning("I think of phi."),
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
    let mut frames = Frames::ask(&stack.client, &streamed("How many?")).await;
    frames.until("output_text.delta").await;
    held.open();
    let run_id = frames.run_id.clone();
    let seen = frames.rest().await;
    let summary = [
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
    ];
    let mut expected = vec!["created", "in_progress", "output_item.added"];
    expected.extend(summary);
    expected.extend(summary);
    expected.extend([
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]);
    assert_eq!(kinds(&seen), expected);
    assert_eq!(seen[0]["sequence_number"], 0);
    let begun = &seen[0]["response"];
    assert_eq!(begun["id"], format!("resp_{run_id}"));
    assert_eq!(
        (&begun["output"], &begun["usage"]),
        (&json!([]), &Value::Null)
    );
    let response = &seen.last().unwrap()["response"];
    assert_eq!(response["status"], "completed");
    assert_eq!(kit::text(response), "Ninety-seven.");
    assert_eq!(kit::lines(response), ["I think of phi.", "answer (phi)"]);
    let used = &response["usage"];
    assert_eq!(
        (&used["input_tokens"], &used["output_tokens"]),
        (&json!(30), &json!(12))
    );
    assert_eq!(used["total_tokens"], 42);
    let again = Frames::after(&stack.client, &run_id, None).await;
    assert_eq!(again.rest().await, seen);
    for cut in [0, 1, 9, seen.len() - 1] {
        let number = u64::try_from(cut).unwrap();
        let rest = Frames::after(&stack.client, &run_id, Some(number)).await;
        assert_eq!(rest.rest().await, seen[cut + 1..]);
    }
}

#[tokio::test]
async fn no_frame_has_an_id_and_none_holds_what_some_take_for_the_end_of_a_line() {
    let (models, stack) = stack().await;
    let answer = "One\u{2028}two\u{2029}three\u{85}four\\u2028.";
    models.orchestrator([says(answer)]);
    let told = tests::client::send(kit::request(&stack.client, &streamed("How many?"))).await;
    let told = told.text().await.unwrap();
    assert!(!told.contains(['\u{85}', '\u{2028}', '\u{2029}']));
    let lines = told.lines().filter(|line| !line.is_empty());
    assert!(lines.clone().count() > 10);
    for line in lines {
        assert!(
            line.starts_with("data: ") || line.starts_with("event: "),
            "{line}"
        );
    }
    assert!(told.ends_with("data: [DONE]\n\n"));
}

fn found() -> Value {
    json!({
        "Heading": "Python",
        "AbstractText": "Python is a language.",
        "AbstractURL": "https://en.wikipedia.org/wiki/Python_(programming_language)",
        "RelatedTopics": [{"Text": "Monty [Python]", "FirstURL": "https://example.org/monty"}],
    })
}

#[tokio::test]
async fn a_search_is_an_item_and_sources_are_places_in_the_answer() {
    let models = ModelServer::start().await;
    let duckduckgo = DuckDuckGo::saying(&found()).await;
    let setup = Setup::with_models(&models).search(&duckduckgo);
    let stack = setup.start().await;
    models.orchestrator([
        calls([call("search", json!({"query": "python"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("Näh 😀: Python is a language [1].")]);
    let frames = Frames::ask(&stack.client, &streamed("What is Python?")).await;
    let seen = frames.rest().await;
    let of_search: Vec<_> = kinds(&seen)
        .into_iter()
        .filter(|kind| kind.starts_with("web_search_call"))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        of_search,
        ["in_progress", "searching", "completed"].map(|it| format!("web_search_call.{it}"))
    );
    let response = &seen.last().unwrap()["response"];
    let search = &response["output"][0];
    assert_eq!(
        (&search["type"], &search["status"]),
        (&json!("web_search_call"), &json!("completed"))
    );
    assert_eq!(
        (&search["action"]["query"], &search["action"]["queries"]),
        (&json!("python"), &json!(["python"]))
    );
    let sources = search["action"]["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2);
    let message = response["output"].as_array().unwrap().last().unwrap();
    let content: Vec<char> = kit::text(response).chars().collect();
    let annotations = message["content"][0]["annotations"].as_array().unwrap();
    assert_eq!(annotations.len(), 2);
    let places: Vec<String> = annotations
        .iter()
        .map(|annotation| {
            let index = |name: &str| usize::try_from(annotation[name].as_u64().unwrap()).unwrap();
            content[index("start_index")..index("end_index")]
                .iter()
                .collect()
        })
        .collect();
    assert_eq!(places[0], "[1]");
    assert!(
        places[1].starts_with('[') && places[1].ends_with(')'),
        "{places:?}"
    );
    let told: Vec<_> = seen
        .iter()
        .filter(|frame| frame["type"] == "response.output_text.annotation.added")
        .map(|frame| frame["annotation"].clone())
        .collect();
    assert_eq!(&told, annotations);
}

#[tokio::test]
async fn a_program_is_an_item_where_the_caller_names_its_tool_and_else_a_line() {
    for (wish, kind) in [
        (json!({}), "reasoning"),
        (
            json!({"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}),
            "code_interpreter_call",
        ),
        (
            json!({"include": ["code_interpreter_call.outputs"]}),
            "code_interpreter_call",
        ),
    ] {
        let (models, stack) = stack().await;
        models.orchestrator([
            calls([call("code_interpreter", json!({"code": "print(6 * 7)"}))]),
            says("42."),
        ]);
        let mut body = streamed("How many?");
        body.as_object_mut()
            .unwrap()
            .extend(wish.as_object().unwrap().clone());
        let seen = Frames::ask(&stack.client, &body).await.rest().await;
        let response = &seen.last().unwrap()["response"];
        let item = &response["output"][0];
        assert_eq!(item["type"], kind);
        if kind == "reasoning" {
            assert_eq!(kit::lines(response), ["code_interpreter: print(6 * 7)"]);
            continue;
        }
        assert_eq!(item["code"], "print(6 * 7)");
        assert_eq!(item["outputs"], json!([{"type": "logs", "logs": "42\n"}]));
        let kinds = kinds(&seen);
        for name in [
            ".in_progress",
            "_code.delta",
            "_code.done",
            ".interpreting",
            ".completed",
        ] {
            assert!(
                kinds.contains(&&*format!("code_interpreter_call{name}")),
                "{name}"
            );
        }
    }
}

/// What was shown cannot be taken back: the item says that it is none of the answer.
#[tokio::test]
async fn an_answer_that_starts_over_is_another_item() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([
        unfinished([
            text("The answer is not kno"),
            gate(&held),
            Part::Step(Step::Break),
        ]),
        says("It is 42."),
    ]);
    let mut frames = Frames::ask(&stack.client, &streamed("What is it?")).await;
    frames.until("output_text.delta").await;
    held.open();
    let seen = frames.rest().await;
    let response = &seen.last().unwrap()["response"];
    let output = response["output"].as_array().unwrap();
    let messages = output.iter().filter(|item| item["type"] == "message");
    let told: Vec<_> = messages
        .map(|item| {
            (
                item["status"].as_str().unwrap(),
                item["content"][0]["text"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("incomplete", "The answer is not kno"),
            ("completed", "It is 42.")
        ]
    );
}

#[tokio::test]
async fn a_cancelled_response_ends_with_what_there_is_and_all_of_its_items_are_done() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("So far"), gate(&held), text(".")])]);
    let mut frames = Frames::ask(&stack.client, &streamed("How many?")).await;
    frames.until("output_text.delta").await;
    let cancel = at(
        &stack.client,
        Method::POST,
        &format!("resp_{}/cancel", frames.run_id),
    );
    let cancelled = kit::response(cancel.try_clone().unwrap()).await;
    let seen = frames.rest().await;
    let last = seen.last().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(last["response"]["status"], "cancelled");
    assert_eq!(last["response"], cancelled);
    assert_eq!(kit::text(&cancelled), "So far");
    let added = kinds(&seen)
        .iter()
        .filter(|kind| **kind == "output_item.added")
        .count();
    let done = kinds(&seen)
        .iter()
        .filter(|kind| **kind == "output_item.done")
        .count();
    assert_eq!((added, done), (3, 3));
    // What is over stays as it is.
    assert_eq!(kit::response(cancel).await, cancelled);
    held.open();
}

#[tokio::test]
async fn silence_is_told_to_live_by_a_comment_without_a_number() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let mut response =
        tests::client::send(kit::request(&stack.client, &streamed("How many?"))).await;
    let mut told = String::new();
    while !told.ends_with(": ping\n\n") {
        let more = tests::wait::within("a ping", response.chunk())
            .await
            .unwrap()
            .unwrap();
        told.push_str(str::from_utf8(&more).unwrap());
    }
    held.open();
    told.push_str(&response.text().await.unwrap());
    let frames = told
        .split("\n\n")
        .filter_map(|frame| frame.split_once("\ndata: "));
    let numbers = frames
        .map(|(_, data)| serde_json::from_str::<Value>(data).unwrap()["sequence_number"].as_u64());
    let numbers: Vec<_> = numbers.map(Option::unwrap).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
}
