//! A discussion that answers: what its writer writes has to fit, and what the others say is free.

use serde_json::json;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};
use tests::stack::Setup;

#[tokio::test]
async fn what_a_discussion_comes_to_fits_the_schema() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([call("discuss", json!({}))])]);
    let writer = "You write the result of a discussion";
    models.expert(writer, says("Tea, all in all."));
    models.expert(writer, says(r#"{"drink": "tea"}"#));
    models.always(says("Tea."));
    let schema = json!({"type": "object", "properties": {"drink": {"enum": ["tea", "coffee"]}}, "required": ["drink"]});
    let preferences = json!({"mode": "discussion"});
    let body =
        json!({"query": "Tea or coffee?", "answer_schema": schema, "preferences": preferences});
    let told = stack.client.ask(&body).await;
    assert_eq!(told.status(), "completed");
    assert_eq!(told.of("final_answer")[0]["json"], json!({"drink": "tea"}));
    assert_eq!(told.of("retry").len(), 1);
    let asked = models.asked_of_experts();
    let by_schema = asked
        .iter()
        .filter(|it| it.get("response_format").is_some());
    assert_eq!(by_schema.count(), 2);
    models.assert_spent();
}
