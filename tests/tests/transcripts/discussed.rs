//! Runs in which models discuss.

use serde_json::json;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{Script, call, calls, finish, gate, says, sse, text, usage};
use tests::stack::Setup;

use crate::{is_result, recorded};

fn held(it: &Gate, content: &str, tokens: [u64; 2]) -> Script {
    let [input, output] = tokens;
    sse([
        gate(it),
        text(content),
        finish("stop"),
        usage(input, output),
    ])
}

#[tokio::test]
async fn discussion() {
    let qwen = ModelServer::start().await;
    let phi = ModelServer::start().await;
    let llama = ModelServer::start().await;
    let stack = Setup::new()
        .model("qwen", qwen.address())
        .model("phi", phi.address())
        .model("llama", llama.address());
    let stack = stack.start().await;
    let gates = [(); 7].map(|()| Gate::shut());
    qwen.orchestrator([
        calls([call("discuss", json!({"problem": "Tea or coffee?"}))]),
        says("Tea, most of them say."),
    ]);
    qwen.experts([
        held(&gates[0], "Tea: it keeps.", [90, 5]),
        held(&gates[3], "Tea still: it also costs less.", [140, 8]),
        held(
            &gates[6],
            "Tea. Qwen and Llama held so, Phi held coffee for its strength.",
            [210, 16],
        ),
    ]);
    phi.experts([
        held(&gates[1], "Coffee: it wakes.", [91, 6]),
        held(&gates[4], "Coffee, for its strength.", [141, 7]),
    ]);
    // It takes part, and then is gone.
    llama.experts([
        held(&gates[2], "Tea.", [92, 2]),
        Script::Plain {
            status: 401,
            headers: Vec::new(),
            body: json!({"error": {"message": "Invalid API key"}})
                .to_string()
                .into(),
        },
    ]);
    let mut events = stack
        .client
        .start(&json!({"query": "What to drink?"}))
        .await;
    let mut seen = Vec::new();
    for (opened, ended) in [(0, "r1.2"), (1, "r1.3"), (2, "r1.4")] {
        gates[opened].open();
        seen.extend(events.until(is_result(ended)).await);
    }
    seen.extend(events.until(is_result("r1.7")).await);
    for (opened, ended) in [(3, "r1.5"), (4, "r1.6")] {
        gates[opened].open();
        seen.extend(events.until(is_result(ended)).await);
    }
    gates[6].open();
    recorded("discussion", &[events.told_after(seen).await.frames], &[]);
    for models in [&qwen, &phi, &llama] {
        models.assert_spent();
    }
}

#[tokio::test]
async fn discussion_that_the_caller_asked_for() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([says("I would say tea.")]);
    models.experts([
        says("Tea: it keeps."),
        says("Tea, says Qwen alone: there was no discussion."),
    ]);
    let body = json!({"query": "Tea or coffee?", "preferences": {"mode": "discussion", "models": ["qwen"]}});
    recorded(
        "discussion_alone",
        &[stack.client.ask(&body).await.frames],
        &[],
    );
    models.assert_spent();
}
