//! A function at an Invoke endpoint of its own: an entry of the catalogue beside a local stack, and a running emulator.

use serde_json::{Value, json};
use tests::emulator::Setup;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_stack_calls_a_function_that_the_emulator_serves() {
    let stage = Setup::new().start().await;
    let _function = stage.run("code_interpreter");
    let shipped = include_str!("../../../tools_config.json");
    let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
    let tools = catalogue["tools"].as_array_mut().unwrap();
    let mut tool = tools
        .iter()
        .find(|tool| tool["function"]["name"] == "code_interpreter")
        .unwrap()
        .clone();
    tool["function"]["name"] = json!("elsewhere");
    tool["aliases"] = json!([]);
    tool["target"] = json!({"lambda": "code_interpreter", "endpoint": stage.endpoint()});
    tools.push(tool);
    let models = ModelServer::start().await;
    let run = calls([call("elsewhere", json!({"code": "print(6 * 7)"}))]);
    models.orchestrator([run, says("It is 42.")]);
    let setup = tests::stack::Setup::with_catalog(&catalogue);
    let stack = setup.models(&models).start().await;
    let told = stack.client.question("What is 6 times 7?").await;
    assert_eq!(told.of("tool_result")[0]["result"]["stdout"], "42\n");
    assert!(!stage.logged("code_interpreter").is_empty());
}
