//! A follow-up question knows the run that it follows, also when that one is gone.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, gate, says, sse, text, usage};
use tests::stack::{Counted, Setup};
use tests::table::Operation;

const URL: &str = "https://example.org/seven";

struct Stand {
    models: ModelServer,
    _search: DuckDuckGo,
    service: Counted,
}

async fn stand() -> Stand {
    let models = ModelServer::start().await;
    let search = DuckDuckGo::saying(&article("Seven", "There are seven.", URL)).await;
    let setup = Setup::with_models(&models).search(&search);
    Stand {
        models,
        _search: search,
        service: setup.start_counted().await,
    }
}

impl Stand {
    /// A run that found a source and answered.
    async fn first(&self) -> String {
        self.models.orchestrator([
            calls([call("search", json!({"query": "seven"}))]),
            calls([answer("answer-1")]),
        ]);
        self.models.experts([says("THE FIRST ANSWER")]);
        let told = self.service.client.question("THE FIRST QUESTION").await;
        told.run_id
    }

    /// Asks a follow-up with an expert in it, and gives the prompts of both models.
    async fn follow(&self, previous: &str) -> [String; 2] {
        self.models.orchestrator([calls([answer("answer-2")])]);
        self.models.experts([says("Eight.")]);
        let body = json!({"query": "And then?", "previous_run_id": previous});
        let told = self.service.client.ask(&body).await;
        assert_eq!(told.answer(), "Eight.");
        let shown = self
            .service
            .client
            .json(&format!("/api/runs/{}", told.run_id))
            .await;
        assert_eq!(shown["request"]["previous_run_id"], previous);
        assert_eq!(shown["sources"], json!([{"title": "Seven", "url": URL}]));
        self.models.assert_spent();
        let last = |prompts: Vec<Value>| prompts.last().unwrap()["messages"].to_string();
        [
            last(self.models.asked_of_orchestrator()),
            last(self.models.asked_of_experts()),
        ]
    }
}

fn tells_of_the_first(prompts: [String; 2]) {
    for prompt in prompts {
        for text in ["THE FIRST QUESTION", "THE FIRST ANSWER", URL, "And then?"] {
            assert!(prompt.contains(text), "no {text} in {prompt}");
        }
    }
}

#[tokio::test]
async fn its_prompts_hold_question_answer_and_sources() {
    let stand = stand().await;
    let first = stand.first().await;
    tells_of_the_first(stand.follow(&first).await);
}

#[tokio::test]
async fn it_keeps_what_it_knows_when_the_run_that_it_follows_is_deleted() {
    let stand = stand().await;
    let first = stand.first().await;
    stand.service.table.until(Operation::ends_run).await;
    let held = Gate::shut();
    stand.models.orchestrator([
        sse([
            gate(&held),
            call("search", json!({"query": "eight"})),
            finish("tool_calls"),
            usage(10, 5),
        ]),
        calls([answer("answer-2")]),
    ]);
    stand.models.experts([says("Eight.")]);
    let client = &stand.service.client;
    let body = json!({"query": "And then?", "previous_run_id": first});
    let events = client.start(&body).await;
    held.reached().await;
    let delete = client.request(Method::DELETE, &format!("/api/runs/{first}"));
    assert_eq!(send(delete).await.status(), 204);
    held.open();
    let told = events.told().await;
    assert_eq!(told.status(), "completed");
    let last = |prompts: Vec<Value>| prompts.last().unwrap()["messages"].to_string();
    tells_of_the_first([
        last(stand.models.asked_of_orchestrator()),
        last(stand.models.asked_of_experts()),
    ]);
    // And the chain goes on from it.
    stand.models.orchestrator([says("Nine.")]);
    let body = json!({"query": "And after that?", "previous_run_id": told.run_id});
    assert_eq!(client.ask(&body).await.answer(), "Nine.");
}

/// Control characters take six bytes each in JSON, in which an event is stored.
#[tokio::test]
async fn the_longest_question_may_follow_one_as_long_and_its_long_answer() {
    let stand = stand().await;
    let client = &stand.service.client;
    let longest = "\u{1}".repeat(32_000);
    stand.models.orchestrator([says(&longest), says("Eight.")]);
    let first = client.question(&longest).await;
    assert_eq!(first.answer(), longest);
    let body = json!({
        "query": longest, "previous_run_id": first.run_id,
        "preferences": {"instructions": "\u{1}".repeat(4_000)},
    });
    assert_eq!(client.ask(&body).await.answer(), "Eight.");
}

#[tokio::test]
async fn an_unknown_run_is_not_found_and_one_that_goes_on_is_a_conflict() {
    let stand = stand().await;
    let client = &stand.service.client;
    let held = Gate::shut();
    stand.models.orchestrator([sse([
        gate(&held),
        text("Seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let events = client.start(&json!({"query": "How many?"})).await;
    held.reached().await;
    let refused = [
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", 404, "not_found"),
        (&*events.run_id, 409, "conflict"),
    ];
    for (previous, status, code) in refused {
        let body = json!({"query": "And then?", "previous_run_id": previous});
        let response = send(client.start_request(body.to_string())).await;
        assert_eq!(response.status(), status);
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["code"], code);
        assert_eq!(error["error"]["field"], "previous_run_id");
    }
    held.open();
    events.told().await;
    let runs = client.json("/api/runs").await;
    assert_eq!(
        runs["runs"].as_array().unwrap().len(),
        1,
        "nothing is stored for a refused start"
    );
}
