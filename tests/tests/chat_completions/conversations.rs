//! Conversations of many turns.

use serde_json::{Value, json};
use tests::script::{answer, calls, says};

use crate::kit::{self, request, stack};

/// The newest turns, as many as have room.
#[tokio::test]
async fn earlier_messages_are_earlier_turns_for_every_model() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([says("Hamburg.")]);
    let body = json!({"model": "orchestrator", "messages": [
        {"role": "system", "content": "Answer in one word."},
        {"role": "user", "content": "My name is Ada."},
        {"role": "assistant", "content": "Hello, Ada."},
        {"role": "user", "content": "I live in Hamburg."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "Where do I live?"},
    ]});
    let (status, headers, _) = kit::answer(request(&stack.client, &body)).await;
    assert_eq!(status, 200);
    let asked = models.asked_of_orchestrator();
    let told: Vec<_> = asked[0]["messages"].as_array().unwrap()[1..]
        .iter()
        .map(|message| {
            (
                message["role"].as_str().unwrap(),
                message["content"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("user", "My name is Ada."),
            ("assistant", "Hello, Ada."),
            ("user", "I live in Hamburg."),
            ("assistant", "Noted."),
            ("user", "Where do I live?"),
        ]
    );
    let system = asked[0]["messages"][0]["content"].as_str().unwrap();
    assert!(system.contains("Answer in one word."), "{system}");
    let expert = models.asked_of_experts()[0]["messages"].to_string();
    for text in [
        "My name is Ada.",
        "Hello, Ada.",
        "I live in Hamburg.",
        "Noted.",
    ] {
        assert!(expert.contains(text), "no {text} in {expert}");
    }
    let run_id = headers["x-run-id"].to_str().unwrap();
    let run = stack.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(run["request"]["query"], "Where do I live?");
    assert_eq!(
        run["request"]["preferences"]["instructions"],
        "Answer in one word."
    );
}

#[tokio::test]
async fn of_a_long_conversation_the_newest_turns_are_kept() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Yes.")]);
    let turns = (0..200).flat_map(|turn| {
        let text = format!("Turn {turn}: {}", "word ".repeat(100));
        [
            json!({"role": "user", "content": text}),
            json!({"role": "assistant", "content": format!("Said {turn}.")}),
        ]
    });
    let last = json!({"role": "user", "content": "And now?"});
    let messages: Vec<Value> = turns.chain([last]).collect();
    let body = json!({"model": "orchestrator", "messages": messages});
    let (status, ..) = kit::answer(request(&stack.client, &body)).await;
    assert_eq!(status, 200);
    let asked = models.asked_of_orchestrator()[0]["messages"].clone();
    let asked = asked.as_array().unwrap();
    assert!(asked.len() > 20 && asked.len() < 100, "{}", asked.len());
    let texts: Vec<_> = asked[1..]
        .iter()
        .map(|it| it["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts.last(), Some(&"And now?"));
    assert_eq!(texts[texts.len() - 2], "Said 199.");
    assert!(
        texts[0].starts_with("Turn "),
        "a turn is kept whole: {}",
        texts[0]
    );
}

/// A follow-up on the page knows the turns before the one that it follows, too.
#[tokio::test]
async fn a_follow_up_of_a_follow_up_knows_the_first_question() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Hello, Ada."), says("Noted."), says("Ada.")]);
    let mut previous = Value::Null;
    for query in ["My name is Ada.", "I live in Hamburg.", "What is my name?"] {
        let mut body = json!({"query": query});
        if !previous.is_null() {
            body["previous_run_id"] = previous;
        }
        previous = stack.client.ask(&body).await.run_id.into();
    }
    let asked = models.asked_of_orchestrator()[2]["messages"].to_string();
    for text in [
        "My name is Ada.",
        "Hello, Ada.",
        "I live in Hamburg.",
        "Noted.",
    ] {
        assert!(asked.contains(text), "no {text} in {asked}");
    }
}
