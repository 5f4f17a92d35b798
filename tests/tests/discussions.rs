//! Discussions on whole stacks: who is asked what, and what becomes of them when a model, a driver or the caller is lost.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::Client;
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{Script, call, calls, finish, gate, json_body, says, sse, text, usage};
use tests::stack::Setup;
use tests::story::Told;
use tests::stream::Frame;
use tests::table::Table;

const QUESTION: &str = "Tea or coffee?";
const OPINION: &str = "Now each answers it by itself";
const REPLY: &str = "now you are shown your answer";
const SYNTHESIS: &str = "You write the result of a discussion";

/// Three servers, one for each model of the catalogue.
struct Models {
    qwen: ModelServer,
    phi: ModelServer,
    llama: ModelServer,
}

impl Models {
    async fn start() -> Self {
        Self {
            qwen: ModelServer::start().await,
            phi: ModelServer::start().await,
            llama: ModelServer::start().await,
        }
    }

    fn all(&self) -> [&ModelServer; 3] {
        [&self.qwen, &self.phi, &self.llama]
    }

    fn setup(&self) -> Setup {
        self.serve(Setup::new())
    }

    fn serve(&self, setup: Setup) -> Setup {
        setup
            .model("qwen", self.qwen.address())
            .model("phi", self.phi.address())
            .model("llama", self.llama.address())
    }

    /// The orchestrator has them discuss, and then answers.
    fn discuss_and_answer(&self) {
        self.qwen
            .orchestrator([calls([call("discuss", json!({}))]), says("Tea.")]);
    }

    fn all_take_part(&self) {
        for (models, name) in self.all().into_iter().zip(["qwen", "phi", "llama"]) {
            models.expert(OPINION, says(&format!("Opinion of {name}.")));
            models.expert(REPLY, says(&format!("Reply of {name}.")));
        }
    }

    /// The same where that one has been given elsewhere.
    fn all_but_opinion_of_llama(&self) {
        for (models, name) in [(&self.qwen, "qwen"), (&self.phi, "phi")] {
            models.expert(OPINION, says(&format!("Opinion of {name}.")));
            models.expert(REPLY, says(&format!("Reply of {name}.")));
        }
        self.llama.expert(REPLY, says("Reply of llama."));
    }

    fn assert_spent(&self) {
        for models in self.all() {
            models.assert_spent();
        }
    }
}

/// A refusal that is not tried again.
fn refuses() -> Script {
    json_body(401, &json!({"error": {"message": "Invalid API key"}}))
}

fn result_of(told: &Told, call_id: &str) -> Value {
    let results = told.of("tool_result");
    let found = results.into_iter().find(|it| it["call_id"] == call_id);
    found
        .unwrap_or_else(|| panic!("no result of {call_id}"))
        .clone()
}

fn said(model: &str, what: &str) -> Value {
    json!({"model_id": model, "content": format!("{what} of {model}.")})
}

/// The steps that were made: each with its stage, its model, and whether it ended well.
fn steps(told: &Told) -> Vec<(String, String, bool)> {
    let made = told.of("tool_call");
    let made = made.iter().filter(|it| it["within"] == "r1.1");
    made.map(|it| {
        let stage = it["arguments"]["stage"].as_str().unwrap().to_owned();
        let ok = result_of(told, it["call_id"].as_str().unwrap())["ok"] == true;
        (stage, it["model"].as_str().unwrap().to_owned(), ok)
    })
    .collect()
}

fn step(stage: &str, model: &str, ok: bool) -> (String, String, bool) {
    (stage.to_owned(), model.to_owned(), ok)
}

#[tokio::test]
async fn each_answers_replies_to_the_others_and_one_says_who_held_what() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    models.discuss_and_answer();
    models.all_take_part();
    models.qwen.expert(SYNTHESIS, says("All held tea."));
    let told = stack.client.question(QUESTION).await;
    let result = result_of(&told, "r1.1");
    assert_eq!(
        result["result"],
        json!({
            "content": "All held tea.",
            "rounds": [
                [said("qwen", "Opinion"), said("phi", "Opinion"), said("llama", "Opinion")],
                [said("qwen", "Reply"), said("phi", "Reply"), said("llama", "Reply")],
            ],
            "model_id": "qwen",
        })
    );
    let summary = &told.of("complete")[0]["summary"];
    assert_eq!(summary["tools_used"], json!(["discuss"]));
    assert_eq!(summary["by_tool"]["discuss"]["calls"], 1);
    let shown = stack
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    let calls = shown["rounds"][0]["calls"].as_array().unwrap();
    let within: Vec<_> = calls.iter().map(|it| it["within"].as_str()).collect();
    assert_eq!(within, [vec![None], vec![Some("r1.1"); 7]].concat());
    // Each was shown the others' answers, and the writer all of it.
    let asked = models.phi.asked_of_experts();
    let [opinion, reply] = &asked[..] else {
        panic!("{asked:?}");
    };
    let shown_to = |request: &Value| {
        request["messages"][1]["content"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(shown_to(opinion), format!("Problem:\n{QUESTION}"));
    let reply = shown_to(reply);
    let (own, others) = reply.split_once("The others' answers").unwrap();
    assert!(
        own.contains("Opinion of phi.") && !own.contains("Opinion of qwen."),
        "{reply}"
    );
    assert!(
        others.contains("by=\"Qwen 2.5-7B (qwen)\"") && others.contains("Opinion of llama."),
        "{reply}"
    );
    let asked = models.qwen.asked_of_experts();
    let synthesis = shown_to(asked.last().unwrap());
    assert!(
        synthesis.contains("Opinion of llama.") && synthesis.contains("Reply of phi."),
        "{synthesis}"
    );
    // The orchestrator is told what came of it alone.
    let decided = models.qwen.asked_of_orchestrator();
    let told = decided[1]["messages"].to_string();
    assert!(
        told.contains("All held tea.") && !told.contains("Opinion of"),
        "{told}"
    );
    models.assert_spent();
}

#[tokio::test]
async fn a_model_that_is_down_is_left_out() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    models.discuss_and_answer();
    models.phi.experts([refuses()]);
    for (server, name) in [(&models.qwen, "qwen"), (&models.llama, "llama")] {
        server.expert(OPINION, says(&format!("Opinion of {name}.")));
        server.expert(REPLY, says(&format!("Reply of {name}.")));
    }
    models.qwen.expert(SYNTHESIS, says("Two held tea."));
    let told = stack.client.question(QUESTION).await;
    let result = &result_of(&told, "r1.1")["result"];
    assert_eq!(
        result["rounds"],
        json!([
            [said("qwen", "Opinion"), said("llama", "Opinion")],
            [said("qwen", "Reply"), said("llama", "Reply")]
        ])
    );
    assert_eq!(
        result["left_out"],
        json!([{"model_id": "phi", "stage": "opinion", "code": "model_error"}])
    );
    let asked = models.qwen.asked_of_experts();
    let synthesis = asked.last().unwrap()["messages"].to_string();
    assert!(
        synthesis.contains("say so: phi did not answer."),
        "{synthesis}"
    );
    models.assert_spent();
}

#[tokio::test]
async fn where_all_are_down_the_run_goes_on_without_it() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    models.discuss_and_answer();
    for server in models.all() {
        server.experts([refuses()]);
    }
    let told = stack.client.question(QUESTION).await;
    let result = result_of(&told, "r1.1");
    assert_eq!(
        (&result["ok"], &result["result"]["error"]["code"]),
        (&json!(false), &json!("model_error"))
    );
    assert_eq!(told.answer(), "Tea.");
    models.assert_spent();
}

#[tokio::test]
async fn another_writes_where_the_writer_is_down_and_once() {
    for second in [true, false] {
        let models = Models::start().await;
        let stack = models.setup().start().await;
        models.discuss_and_answer();
        models.all_take_part();
        models.qwen.expert(SYNTHESIS, refuses());
        let writes = if second {
            says("All held tea.")
        } else {
            refuses()
        };
        models.phi.expert(SYNTHESIS, writes);
        let told = stack.client.question(QUESTION).await;
        let result = result_of(&told, "r1.1");
        let tries: Vec<_> = steps(&told).split_off(6);
        assert_eq!(
            tries,
            [
                step("synthesis", "qwen", false),
                step("synthesis", "phi", second)
            ]
        );
        assert_eq!(result["ok"], second);
        if second {
            assert_eq!(result["result"]["model_id"], "phi");
            assert_eq!(result["result"]["content"], "All held tea.");
        }
        assert_eq!(told.answer(), "Tea.");
        models.assert_spent();
    }
}

/// The shipped catalogue with a discussion that may take so long.
fn catalog_with_timeout(timeout_ms: u64) -> Value {
    let mut catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    let tools = catalog["tools"].as_array_mut().unwrap();
    let discuss = tools
        .iter_mut()
        .find(|it| it["function"]["name"] == "discuss");
    discuss.unwrap()["timeout_ms"] = timeout_ms.into();
    catalog
}

#[tokio::test]
async fn a_model_that_is_silent_leaves_the_others_their_time() {
    let models = Models::start().await;
    let setup = Setup::with_catalog(&catalog_with_timeout(12_000));
    let stack = models.serve(setup).start().await;
    models.discuss_and_answer();
    models.llama.experts([Script::Silence]);
    for (server, name) in [(&models.qwen, "qwen"), (&models.phi, "phi")] {
        server.expert(OPINION, says(&format!("Opinion of {name}.")));
        server.expert(REPLY, says(&format!("Reply of {name}.")));
    }
    models.qwen.expert(SYNTHESIS, says("Two held tea."));
    let told = stack.client.question(QUESTION).await;
    let result = &result_of(&told, "r1.1")["result"];
    assert_eq!(
        result["left_out"],
        json!([{"model_id": "llama", "stage": "opinion", "code": "timeout"}])
    );
    assert_eq!(result["content"], "Two held tea.");
    models.assert_spent();
}

#[tokio::test]
async fn a_discussion_of_which_all_are_silent_times_out() {
    let models = Models::start().await;
    let setup = Setup::with_catalog(&catalog_with_timeout(1000));
    let stack = models.serve(setup).start().await;
    models.discuss_and_answer();
    for server in models.all() {
        server.experts([Script::Silence]);
    }
    let told = stack.client.question(QUESTION).await;
    let result = result_of(&told, "r1.1");
    assert_eq!(result["result"]["error"]["code"], "timeout");
    assert_eq!(told.answer(), "Tea.");
    models.assert_spent();
}

fn is_call_of(stage: &'static str) -> impl Fn(&Frame) -> bool {
    move |frame| frame.event() == "tool_call" && frame.data["arguments"]["stage"] == stage
}

#[tokio::test]
async fn a_cancel_ends_what_is_under_way() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    let never = Gate::shut();
    models.discuss_and_answer();
    for server in models.all() {
        server.expert(OPINION, says("Tea."));
        server.expert(REPLY, sse([text("Still"), gate(&never)]));
    }
    let mut events = stack.client.start(&json!({"query": QUESTION})).await;
    let seen = events.until(is_call_of("reply")).await;
    let cancel = format!("/api/runs/{}/cancel", events.run_id);
    tests::client::send(stack.client.request(Method::POST, &cancel)).await;
    let told = events.told_after(seen).await;
    tests::laws::check(&told.frames);
    let summary = &told.of("complete")[0]["summary"];
    assert_eq!(summary["status"], "cancelled");
    assert_eq!(summary["tools_used"], json!(["discuss"]));
    let last = told.of("tool_result").last().unwrap()["call_id"].clone();
    assert_eq!(last, "r1.1", "its steps end before it");
    let result = result_of(&told, "r1.1");
    assert_eq!(result["result"]["error"]["code"], "cancelled");
}

/// A process is stopped in the middle of a stage: what had ended is not asked for again.
#[tokio::test]
async fn a_takeover_repeats_only_what_had_not_ended() {
    let models = Models::start().await;
    let table = Table::start().await;
    let lease = Duration::from_secs(15);
    let process = || models.setup().lease(lease).process(&table);
    let (app, services) = process();
    let first = Served::start(app).await;
    let never = Gate::shut();
    models.discuss_and_answer();
    // The reply of one is under way when its process is stopped.
    let held = sse([
        text("Well,"),
        gate(&never),
        text(" tea."),
        finish("stop"),
        usage(1, 1),
    ]);
    models.llama.experts([says("Opinion of llama."), held]);
    models.all_but_opinion_of_llama();
    models.qwen.expert(SYNTHESIS, says("All held tea."));
    let client = Client::new(&first.address);
    let mut events = client.start(&json!({"query": QUESTION})).await;
    let run_id = events.run_id.clone();
    let mut seen = events.until(is_result_of("r1.5")).await;
    if !seen.iter().any(is_result_of("r1.6")) {
        seen.extend(events.until(is_result_of("r1.6")).await);
    }
    models.llama.received(2).await;
    services.stop().await;
    drop(events);
    let (app, _services) = process();
    let second = Served::start(app).await;
    let last = seen.iter().filter_map(|it| it.id).next_back().unwrap();
    let after = Client::new(&second.address).events(&run_id, last).await;
    let told = after.told_after(seen).await;
    tests::laws::check(&told.frames);
    let retried: Vec<_> = told
        .of("retry")
        .iter()
        .map(|it| it["call_id"].clone())
        .collect();
    assert_eq!(retried, ["r1.7"], "what had ended is not asked for again");
    assert_eq!(
        result_of(&told, "r1.1")["result"]["content"],
        "All held tea."
    );
    models.assert_spent();
}

fn is_result_of(call_id: &'static str) -> impl Fn(&Frame) -> bool {
    move |frame| frame.event() == "tool_result" && frame.data["call_id"] == call_id
}

#[tokio::test]
async fn a_run_whose_caller_wants_a_discussion_ends_by_one_alone() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    models.qwen.orchestrator([says("I say tea.")]);
    models.all_take_part();
    models.qwen.expert(SYNTHESIS, says("All held tea."));
    let body = json!({"query": QUESTION, "preferences": {"mode": "discussion"}});
    let told = stack.client.ask(&body).await;
    tests::laws::check(&told.frames);
    assert_eq!(told.answer(), "All held tea.");
    assert_eq!(told.of("orchestrator_thinking")[0]["content"], "I say tea.");
    let offered = &models.qwen.asked_of_orchestrator()[0]["tools"];
    let offered: Vec<_> = offered.as_array().unwrap().iter().collect();
    let names: Vec<_> = offered
        .iter()
        .map(|it| it["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "enhance_reasoning",
            "search",
            "code_interpreter",
            "read_url",
            "discuss"
        ]
    );
    let shown = stack
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    assert_eq!(shown["request"]["preferences"]["mode"], "discussion");
    assert_eq!(shown["answer"], "All held tea.");
    models.assert_spent();
}

#[tokio::test]
async fn a_mode_that_there_is_not_or_that_cannot_be_is_refused_and_nothing_is_stored() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    let cases = [
        (json!({"mode": "debate"}), "must be one of auto, discussion"),
        (json!({"mode": null}), "must be one of auto, discussion"),
        (
            json!({"mode": ["discussion"]}),
            "must be one of auto, discussion",
        ),
        (
            json!({"mode": "discussion", "tools": {"deny": ["discuss"]}}),
            "no discussion is offered to this run",
        ),
        (
            json!({"mode": "discussion", "tools": {"allow": ["search"]}}),
            "no discussion is offered to this run",
        ),
    ];
    for (preferences, says) in cases {
        let body = json!({"query": QUESTION, "preferences": preferences});
        let request = stack.client.start_request(body.to_string());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400, "{preferences}");
        let refusal: Value = response.json().await.unwrap();
        let error = &refusal["error"];
        assert_eq!(error["field"], "preferences.mode", "{error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    let runs = stack.client.json("/api/runs").await;
    assert_eq!(runs["runs"], json!([]));
    models.qwen.orchestrator([says("Tea.")]);
    let body = json!({"query": QUESTION, "preferences": {"mode": "auto"}});
    assert_eq!(stack.client.ask(&body).await.answer(), "Tea.");
}

/// The stand-in takes part in every stage, and says what is so.
#[tokio::test]
async fn the_rehearsal_model_discusses_with_itself_and_says_so() {
    let stack = Setup::new().start().await;
    let body = json!({
        "query": "Generate the first 10 Fibonacci numbers and find their sum",
        "preferences": {"mode": "discussion", "tools": {"allow": ["discuss"]}},
    });
    let told = stack.client.ask(&body).await;
    tests::laws::check(&told.frames);
    let answer = told.answer();
    assert!(
        answer.contains("88") && answer.contains("held this alike"),
        "{answer}"
    );
    assert_eq!(steps(&told).len(), 7, "{:?}", steps(&told));
}

/// What others have met where models are asked side by side and one merges what they wrote.
#[tokio::test]
async fn an_empty_synthesis_is_none_and_no_thought_is_shown_to_the_others() {
    let models = Models::start().await;
    let stack = models.setup().start().await;
    models.discuss_and_answer();
    // It thinks within its text, as some do whose server does not tell thoughts apart.
    let thought = "<think>The others are fools.</think>Opinion of qwen.";
    models.qwen.expert(OPINION, says(thought));
    models.qwen.expert(REPLY, says("Reply of qwen."));
    for (server, name) in [(&models.phi, "phi"), (&models.llama, "llama")] {
        server.expert(OPINION, says(&format!("Opinion of {name}.")));
        server.expert(REPLY, says(&format!("Reply of {name}.")));
    }
    // A merge that is empty would be shown as one that never ends.
    let nothing = || sse([text(" \n"), finish("stop"), usage(1, 1)]);
    models.qwen.experts([nothing(), nothing(), nothing()]);
    models.phi.expert(SYNTHESIS, says("All held tea."));
    let told = stack.client.question(QUESTION).await;
    let result = result_of(&told, "r1.1");
    assert_eq!(result["result"]["content"], "All held tea.");
    assert_eq!(result["result"]["model_id"], "phi");
    for server in models.all() {
        let asked = serde_json::to_string(&server.asked_of_experts()).unwrap();
        assert!(!asked.contains("fools"), "{asked}");
    }
}
