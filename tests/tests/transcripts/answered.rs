//! Runs that come to their answer.

use serde_json::json;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{Part, answer, call, calls, finish, gate, reasoning, sse, text, usage};
use tests::stack::Setup;

use crate::{is_live, is_result, recorded};

/// A reply that is one text.
fn says(content: &str, tokens: [u64; 2]) -> tests::script::Script {
    let [input, output] = tokens;
    sse([text(content), finish("stop"), usage(input, output)])
}

fn decides(parts: impl IntoIterator<Item = Part>, tokens: [u64; 2]) -> tests::script::Script {
    let [input, output] = tokens;
    sse(parts
        .into_iter()
        .chain([finish("tool_calls"), usage(input, output)]))
}

#[tokio::test]
async fn direct_answer() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([says("Six times seven is 42.", [120, 9])]);
    let told = stack.client.question("What is 6 times 7?").await;
    recorded("direct", &[told.frames], &[]);
}

#[tokio::test]
async fn text_that_is_shown_before_it_is_stored() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let pieces = ["Grüße, 🌍", " and 👩", "\u{200d}🔬.\n"];
    let gates = [(); 3].map(|()| Gate::shut());
    let held = pieces.iter().zip(&gates);
    let parts = held.flat_map(|(piece, shown)| [text(piece), gate(shown)]);
    models.orchestrator([decides([answer("answer-2")], [150, 12])]);
    models.experts([sse(parts.chain([finish("stop"), usage(90, 14)]))]);
    let mut events = stack.client.start(&json!({"query": "Greet all."})).await;
    let mut seen = Vec::new();
    for (piece, shown) in pieces.iter().zip(&gates) {
        seen.extend(events.until(is_live("r1.1", piece)).await);
        shown.open();
    }
    recorded("live", &[events.told_after(seen).await.frames], &pieces);
}

#[tokio::test]
async fn parallel_calls() {
    let models = ModelServer::start().await;
    let url = "https://example.org/paris";
    let search = DuckDuckGo::saying(&article("Paris", "Paris is the capital.", url)).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    let part = |name: &str| json!({"model": "reasoner-2", "problem": name});
    let [one, two] = [Gate::shut(), Gate::shut()];
    models.orchestrator([
        decides(
            [
                call("enhance_reasoning", part("Part one")),
                call("search", json!({"query": "Paris"})),
                call("enhance_reasoning", part("Part two")),
            ],
            [200, 40],
        ),
        decides([answer("answer-1")], [320, 11]),
    ]);
    let held = |it: &Gate, content: &str, output| {
        sse([gate(it), text(content), finish("stop"), usage(80, output)])
    };
    models.expert("Problem:\\nPart one", held(&one, "One gives three.", 21));
    models.expert("Problem:\\nPart two", held(&two, "Two gives four.", 22));
    models.expert("Problem:\\nHow many?", says("Seven.", [240, 3]));
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let mut seen = events.until(is_result("r1.2")).await;
    two.open();
    seen.extend(events.until(is_result("r1.3")).await);
    one.open();
    recorded("parallel", &[events.told_after(seen).await.frames], &[]);
}

#[tokio::test]
async fn search_with_sources_and_thinking() {
    let models = ModelServer::start().await;
    let url = "https://example.org/solar";
    let search = DuckDuckGo::saying(&article("Solar", "Solar passed coal.", url)).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    models.orchestrator([
        decides(
            [
                reasoning("I do not know this."),
                text("Let me look."),
                call("search", json!({"query": "solar coal", "num_results": 3})),
            ],
            [130, 25],
        ),
        decides([answer("answer-1")], [210, 10]),
    ]);
    models.experts([says("Yes, says Solar.", [180, 6])]);
    let told = stack.client.question("Did solar pass coal?").await;
    recorded("search", &[told.frames], &[]);
}

/// The smallest PNG there is.
const PROGRAM: &str = r#"import base64
png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
open("figure-1.png", "wb").write(base64.b64decode(png))
open("sums.csv", "w").write("n,sum\n10,88\n")
print(88)
"#;

#[tokio::test]
async fn code_with_figures() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([
        decides(
            [call("code_interpreter", json!({"code": PROGRAM}))],
            [140, 60],
        ),
        decides(
            [call(
                "code_interpreter",
                json!({"code": "import sys\nsys.exit('no data: ' + input())", "stdin": "x"}),
            )],
            [230, 16],
        ),
        says("The sum is 88.", [300, 8]),
    ]);
    let told = stack.client.question("What is the sum?").await;
    recorded("code", &[told.frames], &[]);
}

#[tokio::test]
async fn follow_up() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([
        says("It is 42.", [2110, 5]),
        says("Because six times seven is.", [2160, 7]),
    ]);
    let first = stack.client.question("What is 6 times 7?").await;
    let body = json!({"query": "Why?", "previous_run_id": first.run_id});
    recorded("follow_up", &[stack.client.ask(&body).await.frames], &[]);
    models.assert_spent();
}

#[tokio::test]
async fn last_resort() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([call("search", json!({"query": "seven"}))])]);
    models.experts([says("Perhaps seven.", [70, 4])]);
    let body = json!({"query": "How many?", "max_rounds": 1});
    recorded("last_resort", &[stack.client.ask(&body).await.frames], &[]);
}
