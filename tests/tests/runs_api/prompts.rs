//! What a model was shown for a call is rendered again from the log, word for word; where it is another by now, that is said.

use catalog::Calls;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::client::Client;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{
    answer, call, calls, finish, gate, json_body, says, sse, text, unfinished, usage,
};
use tests::stack::Setup;
use tests::story::Told;
use tests::table::Table;

const SHIPPED: &str = include_str!("../../../tools_config.json");

/// The calls of a run, its decisions among them.
fn ids(told: &Told) -> Vec<String> {
    let decisions = told.of("round_start").into_iter();
    let decisions = decisions.map(|it| format!("r{}.orchestrator", it["round"]));
    let made = told.of("tool_call").into_iter();
    let made = made.map(|it| it["call_id"].as_str().unwrap().to_owned());
    decisions.chain(made).collect()
}

fn path(run_id: &str, call_id: &str) -> String {
    format!("/api/runs/{run_id}/calls/{call_id}/prompt")
}

/// What the service says that models were shown in the calls of a run.
async fn shown(client: &Client, told: &Told) -> Vec<Value> {
    let mut shown = Vec::new();
    for call_id in ids(told) {
        let response = client.get(&path(&told.run_id, &call_id)).await;
        if response.status() == StatusCode::NOT_FOUND {
            continue;
        }
        assert_eq!(response.status(), StatusCode::OK);
        shown.push(response.json().await.unwrap());
    }
    shown
}

/// What stands in requests of what was shown, in any order.
fn sorted(requests: impl IntoIterator<Item = Value>) -> Vec<String> {
    let read = |it: Value| {
        let part = |name: &str, none: Value| match &it[name] {
            Value::Null => none,
            part => part.clone(),
        };
        json!([
            it["messages"],
            part("tools", json!([])),
            it["response_format"]
        ])
        .to_string()
    };
    let mut read: Vec<_> = requests.into_iter().map(read).collect();
    read.sort();
    read
}

/// Everything that the models were asked is shown again, exactly.
fn assert_exact(shown: Vec<Value>, models: &[&ModelServer]) {
    let asked = models.iter().flat_map(|it| {
        let experts = it.asked_of_experts();
        it.asked_of_orchestrator().into_iter().chain(experts)
    });
    let asked = sorted(asked);
    assert!(shown.iter().all(|it| it["exact"] == true), "{shown:#?}");
    assert_eq!(sorted(shown), asked);
}

async fn search() -> DuckDuckGo {
    let url = "https://example.org/paris";
    DuckDuckGo::saying(&article("Paris", "Paris is the capital.", url)).await
}

#[tokio::test]
async fn calls_side_by_side_and_a_question_that_follows() {
    let models = ModelServer::start().await;
    let search = search().await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    let part = |name: &str| json!({"model": "reasoner-2", "problem": name});
    models.orchestrator([
        calls([
            call("enhance_reasoning", part("Part one")),
            call("search", json!({"query": "Paris"})),
            call("enhance_reasoning", part("Part two")),
            call("nothing_of_the_kind", json!({})),
        ]),
        calls([answer("answer-1")]),
    ]);
    let held = Gate::shut();
    let late = sse([gate(&held), text("Three."), finish("stop"), usage(80, 3)]);
    models.expert("Problem:\\nPart one", late);
    models.expert("Problem:\\nPart two", says("Four."));
    models.expert("Problem:\\nHow many?", says("Seven."));
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let ended = |frame: &tests::stream::Frame| {
        frame.event() == "tool_result" && frame.data["call_id"] == "r1.3"
    };
    let seen = events.until(ended).await;
    held.open();
    let first = events.told_after(seen).await;
    models.orchestrator([calls([answer("answer-2")])]);
    models.experts([says("Eight.")]);
    let next = json!({"query": "And then?", "previous_run_id": first.run_id});
    let second = stack.client.ask(&next).await;
    let mut all = shown(&stack.client, &first).await;
    all.extend(shown(&stack.client, &second).await);
    assert_eq!(all.len(), 7);
    assert_exact(all, &[&models]);
}

/// An answer as the schema of a decision has it.
fn decision() -> String {
    let call = json!({"name": "answer_in_text", "text": "Seven."});
    json!({"reason": "It is known.", "call": call}).to_string()
}

#[tokio::test]
async fn by_schema_and_in_text() {
    for (by, reply) in [
        (Calls::Schema, says(&decision())),
        (Calls::Text, says("Seven.")),
    ] {
        let models = ModelServer::start().await;
        let stack = Setup::with_models(&models).calls(by).start().await;
        models.always(reply);
        let told = stack.client.question("How many?").await;
        let shown = shown(&stack.client, &told).await;
        let has_schema = shown[0]["response_format"] != Value::Null;
        assert_eq!(has_schema, by == Calls::Schema);
        assert_exact(shown, &[&models]);
    }
}

#[tokio::test]
async fn the_steps_of_chains() {
    let catalog: Value =
        serde_json::from_str(include_str!("../../../catalogs/toolorchestra.json")).unwrap();
    let models = ModelServer::start().await;
    let search = search().await;
    let setup = Setup::with_catalog(&catalog).models(&models);
    let setup = setup.model("orchestrator", models.address());
    let stack = setup.search(&search).start().await;
    let by = |tool: &str, model: &str| calls([call(tool, json!({"model": model}))]);
    models.orchestrator([by("search", "search-1"), by("answer", "answer-1")]);
    models.experts([says("<query>Paris</query>"), says("Two million.")]);
    let told = stack.client.question("How many live in Paris?").await;
    assert_exact(shown(&stack.client, &told).await, &[&models]);
}

#[tokio::test]
async fn the_stages_of_a_discussion() {
    let all = [
        ModelServer::start().await,
        ModelServer::start().await,
        ModelServer::start().await,
    ];
    let [qwen, phi, llama] = &all;
    let setup = Setup::new()
        .model("qwen", qwen.address())
        .model("phi", phi.address())
        .model("llama", llama.address());
    let stack = setup.start().await;
    qwen.orchestrator([
        calls([call("discuss", json!({"problem": "Tea or coffee?"}))]),
        says("Tea."),
    ]);
    qwen.experts(["Tea.", "Tea still.", "Tea, most say."].map(says));
    phi.experts(["Coffee.", "Coffee still."].map(says));
    llama.experts(["Tea.", "Tea, too."].map(says));
    let told = stack.client.question("What to drink?").await;
    assert_eq!(told.answer(), "Tea.");
    assert_exact(shown(&stack.client, &told).await, &[qwen, phi, llama]);
}

#[tokio::test]
async fn of_several_models_that_were_asked_for_one_call_the_last() {
    let (models, other) = (ModelServer::start().await, ModelServer::start().await);
    let setup = Setup::with_models(&models).model("phi", other.address());
    let stack = setup.start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([unfinished([text("It is")]), unfinished([text("It may be")])]);
    other.experts([says("Seven.")]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let last = stack.client.json(&path(&told.run_id, "r1.1")).await;
    assert_eq!(
        (&last["model"], &last["exact"]),
        (&json!("phi"), &json!(true))
    );
    assert_eq!(sorted([last]), sorted(other.asked_of_experts()));
}

#[tokio::test]
async fn what_is_not_there_is_said_and_what_has_not_ended_is_not_proved() {
    let models = ModelServer::start().await;
    let search = search().await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    let held = Gate::shut();
    models.orchestrator([
        calls([call("search", json!({"query": "Paris"}))]),
        sse([gate(&held), text("Seven."), finish("stop"), usage(80, 3)]),
    ]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    models.received(2).await;
    let seen = events.until(|frame| frame.event() == "tool_result").await;
    let under_way = stack.client.json(&path(&run_id, "r2.orchestrator")).await;
    assert_eq!(under_way["exact"], false);
    assert_eq!(
        sorted([under_way]),
        sorted(models.asked_of_orchestrator().pop())
    );
    held.open();
    events.told_after(seen).await;
    let ended = stack.client.json(&path(&run_id, "r2.orchestrator")).await;
    assert_eq!(ended["exact"], true);
    for (call_id, message) in [
        ("r1.1", "No model was asked in the call r1.1."),
        ("r1.2", "There is no call r1.2 in this run."),
        (
            "r9.orchestrator",
            "There is no call r9.orchestrator in this run.",
        ),
        ("first", "There is no such call in this run."),
        ("r1.%2e%2e", "There is no such call in this run."),
    ] {
        let response = stack.client.get(&path(&run_id, call_id)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{call_id}");
        let refused: Value = response.json().await.unwrap();
        assert_eq!(refused["error"]["message"], message);
    }
    let nobody = path("01ARZ3NDEKTSV4RRFFQ69G5FAV", "r1.orchestrator");
    let response = stack.client.get(&nobody).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_catalogue_that_has_changed_since_is_noticed() {
    let models = ModelServer::start().await;
    let table = Table::start().await;
    let with = async |catalog: &Value| {
        let mut setup = Setup::with_catalog(catalog);
        for model in catalog["models"].as_object().unwrap().keys() {
            setup = setup.model(model, models.address());
        }
        let (router, services) = setup.process(&table);
        let served = Served::start(router).await;
        (Client::new(&served.address), services, served)
    };
    let before: Value = serde_json::from_str(SHIPPED).unwrap();
    let (client, ..) = &with(&before).await;
    models.orchestrator([calls([answer("answer-3")])]);
    models.experts([says("Seven.")]);
    let told = client.question("How many?").await;
    assert_exact(shown(client, &told).await, &[&models]);

    let mut after = before.clone();
    after["tools"][1]["target"]["system"] = "Be brief.".into();
    let (client, ..) = &with(&after).await;
    let decision = client.json(&path(&told.run_id, "r1.orchestrator")).await;
    assert_eq!(decision["exact"], true, "the tool is described as before");
    let answered = client.json(&path(&told.run_id, "r1.1")).await;
    assert_eq!(answered["exact"], false);
    assert_eq!(answered["messages"][0]["content"], "Be brief.");
    assert_eq!(
        answered["messages"][1],
        models.asked_of_experts()[0]["messages"][1]
    );

    let mut without = before.clone();
    without["models"].as_object_mut().unwrap().remove("llama");
    for tool in without["tools"].as_array_mut().unwrap() {
        let pointers = [
            "/function/parameters/properties/model/enum",
            "/target/models",
        ];
        for pointer in pointers {
            match tool.pointer_mut(pointer) {
                Some(Value::Array(all)) if all.len() > 2 => all.truncate(2),
                Some(Value::Object(all)) => all.retain(|_, model| model != "llama"),
                _ => {}
            }
        }
        if let Some(Value::Array(all)) = tool.pointer_mut("/target/discuss/models") {
            all.retain(|model| model != "llama");
        }
    }
    let (client, ..) = &with(&without).await;
    let response = client.get(&path(&told.run_id, "r1.1")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let refused: Value = response.json().await.unwrap();
    assert_eq!(
        refused["error"]["message"],
        "What the model `llama` was shown cannot be rendered again, as it is not in the catalogue any more, or has no server now. \
         Nothing is lost: put it back into the catalogue, or give it a server again, and it is shown."
    );
    let (client, ..) = &with(&before).await;
    let back = client.json(&path(&told.run_id, "r1.1")).await;
    assert_eq!(back["exact"], true);
}

#[tokio::test]
async fn a_question_that_was_put_again_in_another_form_is_shown_in_that_form() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let message = "this model does not support tools";
    models.orchestrator([
        json_body(400, &json!({"error": {"message": message}})),
        says(&decision()),
    ]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let shown = shown(&stack.client, &told).await;
    assert!(shown[0]["response_format"].is_object());
    assert_eq!(shown[0]["exact"], true);
    assert_eq!(sorted(shown), sorted(models.asked_of_orchestrator().pop()));
}
