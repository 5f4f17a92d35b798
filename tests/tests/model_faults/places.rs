//! Each fault at each place: with one model and with three, behind a tool and behind the orchestrator. What comes of it is the best answer
//! that can be had, or one clear error.

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};
use tests::stack::Setup;
use tests::story::Told;
use tests::table::Table;

use super::faults::{Fault, HelpedBy, faults};
use super::{Broken, misfits};

/// Stacks that run side by side.
const SIDE_BY_SIDE: usize = 6;

/// Tries something with each fault, and fails with all that was wrong.
async fn with_each(place: impl AsyncFn(&Table, Fault) -> Vec<String>) {
    let table = Table::start().await;
    let place = &place;
    let table = &table;
    let wrong = stream::iter(faults())
        .map(async |fault| place(table, fault).await)
        .buffered(SIDE_BY_SIDE);
    let wrong = wrong.collect::<Vec<_>>().await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn asked() -> Value {
    json!({"query": "How many?"})
}

/// What does not hold, by name, and what the servers have to say.
fn failing(fault: &str, held: &[(&str, bool)], servers: [&ModelServer; 2]) -> Vec<String> {
    let failing = held.iter().filter(|(_, holds)| !holds);
    let failing = failing.map(|(what, _)| (*what).to_owned());
    let problems = servers.into_iter().flat_map(ModelServer::problems);
    let all = failing.chain(problems);
    all.map(|what| format!("{fault}: {what}")).collect()
}

/// The models that were asked for a call after the first, in order.
fn asked_later(told: &Told, call: &str) -> Vec<Value> {
    let retries = told.of("retry").into_iter();
    let of_call = retries.filter(|retry| retry["call_id"] == call);
    let mut models: Vec<_> = of_call.map(|retry| retry["model"].clone()).collect();
    // A model that is slow on a loaded machine may be told as being loaded.
    models.dedup();
    models
}

#[tokio::test]
async fn a_fault_of_the_orchestrator_model_ends_the_run_with_a_remedy_that_names_the_variable() {
    with_each(async |table, fault| {
        let models = ModelServer::start().await;
        let broken = Broken::start("qwen", fault.reply, fault.tries).await;
        let told = broken
            .run(table, "qwen", Setup::with_models(&models), &asked())
            .await;
        let mut events = told.story();
        events.retain(|event| event["event"] != "delta" && event["event"] != "retry");
        let names: Vec<_> = events.iter().map(|event| event["event"].clone()).collect();
        if names != ["start", "round_start", "error", "complete"] {
            return vec![format!("{}: {names:?}", fault.name)];
        }
        let later = asked_later(&told, "r1.orchestrator");
        let error = &events[2]["error"];
        let variable =
            format!("QWEN_API_{}", fault.variable).replace("QWEN_API_MODEL", "QWEN_MODEL");
        let expected = [
            ("code", fault.code),
            ("message", "Qwen 2.5-7B"),
            ("message", &*broken.address),
            ("message", fault.says),
            ("remedy", &*variable),
        ];
        let mut wrong = misfits(fault.name, "an orchestrator that", error, &expected);
        let held = [
            ("it failed", told.status() == "failed"),
            ("it is fatal", events[2]["fatal"] == true),
            (
                "nobody else was asked",
                later.iter().all(|model| model == "qwen"),
            ),
        ];
        wrong.extend(failing(fault.name, &held, [&broken.server, &models]));
        wrong
    })
    .await;
}

#[tokio::test]
async fn a_fault_of_the_only_model_of_a_tool_is_a_failed_result_and_the_orchestrator_goes_on_with_it()
 {
    with_each(async |table, fault| {
        let models = ModelServer::start().await;
        models.orchestrator([
            calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
            says("Seven, without help."),
        ]);
        let broken = Broken::start("phi", fault.reply, fault.tries).await;
        let body = json!({"query": "How many?", "preferences": {"models": ["phi"]}});
        let told = broken
            .run(table, "phi", Setup::with_models(&models), &body)
            .await;

        let result = &told.of("tool_result")[0];
        let error = &result["result"]["error"];
        let told_to_orchestrator = &models.asked_of_orchestrator()[1]["messages"][3];
        let content = told_to_orchestrator["content"].as_str().unwrap_or_default();
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        let later = asked_later(&told, "r1.1");
        let expected = [
            ("code", fault.code),
            ("message", "Phi-4-mini"),
            ("message", &*broken.address),
            ("message", fault.says),
        ];
        let mut wrong = misfits(fault.name, "a reasoner that", error, &expected);
        let held = [
            ("the run goes on", told.answer() == "Seven, without help."),
            ("with no error", told.of("error") == [] as [Value; 0]),
            ("one call", told.tools_used() == ["enhance_reasoning"]),
            (
                "it failed",
                result["call_id"] == "r1.1" && result["ok"] == false,
            ),
            ("retryable as it is", error["retryable"] == fault.retryable),
            (
                "of this call",
                told_to_orchestrator["tool_call_id"] == "r00010001",
            ),
            ("as it is told to all", content["error"] == *error),
            (
                "nobody else was asked",
                later.iter().all(|model| model == "phi"),
            ),
        ];
        wrong.extend(failing(fault.name, &held, [&broken.server, &models]));
        wrong
    })
    .await;
}

#[tokio::test]
async fn where_a_tool_has_other_models_one_of_them_answers_and_says_so() {
    with_each(async |table, fault| {
        let models = ModelServer::start().await;
        models.orchestrator([
            calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
            says("Seven."),
        ]);
        let is_helped = fault.helped_by != HelpedBy::Nobody;
        models.experts(is_helped.then(|| says("Because.")));
        let broken = Broken::start("phi", fault.reply, fault.tries).await;
        let told = broken
            .run(table, "phi", Setup::with_models(&models), &asked())
            .await;
        let result = &told.of("tool_result")[0];
        let retries = told.of("retry");
        let later = asked_later(&told, "r1.1");
        if !is_helped {
            let error = &result["result"]["error"];
            let held = [
                ("it is told", error["code"] == fault.code),
                ("nobody else was asked", later.is_empty()),
            ];
            return failing(fault.name, &held, [&broken.server, &models]);
        }
        let last = retries.last().cloned().unwrap_or_default();
        let reason = last["reason"].as_str().unwrap_or_default();
        let (other, same) = later.split_last().unwrap_or((&Value::Null, &[]));
        let held = [
            ("the run goes on", told.answer() == "Seven."),
            (
                "the other has answered",
                result["result"]["content"] == "Because.",
            ),
            ("and is named", result["result"]["model_id"] == "qwen"),
            (
                "by its name",
                result["result"]["model_name"] == "Qwen 2.5-7B",
            ),
            (
                "it was asked for",
                told.of("tool_call")[0]["model"] == "phi",
            ),
            ("then asked of the other", other == "qwen"),
            (
                "and of nobody between",
                same.iter().all(|model| model == "phi"),
            ),
            ("who failed is told", reason.starts_with("Phi-4-mini ")),
            ("and why", reason.contains(fault.says)),
        ];
        failing(fault.name, &held, [&broken.server, &models])
    })
    .await;
}

#[tokio::test]
async fn where_the_orchestrator_has_others_in_its_place_one_of_them_decides_and_says_so() {
    with_each(async |table, fault| {
        let models = ModelServer::start().await;
        // Those in its place have smaller contexts.
        let is_helped = fault.helped_by == HelpedBy::Any;
        models.orchestrator(is_helped.then(|| says("Seven.")));
        let broken = Broken::start("qwen", fault.reply, fault.tries).await;
        let setup = Setup::with_fallback(&["phi", "llama"]).models(&models);
        let told = broken.run(table, "qwen", setup, &asked()).await;
        let later = asked_later(&told, "r1.orchestrator");
        if !is_helped {
            let errors = told.of("error");
            let held = [
                ("it is told once", errors.len() == 1),
                ("as it is", errors[0]["error"]["code"] == fault.code),
                ("nobody else was asked", later.is_empty()),
            ];
            return failing(fault.name, &held, [&broken.server, &models]);
        }
        let (other, same) = later.split_last().unwrap_or((&Value::Null, &[]));
        let answers = told.of("final_answer");
        let held = [
            ("no error", told.of("error") == [] as [Value; 0]),
            ("the other has answered", told.answer() == "Seven."),
            ("and is named", answers[0]["model"] == "phi"),
            (
                "it has decided",
                told.of("round_decided")[0]["model"] == "phi",
            ),
            ("it was asked", other == "phi"),
            (
                "and nobody between",
                same.iter().all(|model| model == "qwen"),
            ),
        ];
        failing(fault.name, &held, [&broken.server, &models])
    })
    .await;
}
