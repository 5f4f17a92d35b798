//! What a model was shown for an answer by a schema can be shown again, word for word.

use serde_json::json;
use tests::model_server::ModelServer;
use tests::script::{answer, calls, says};
use tests::stack::Setup;

#[tokio::test]
async fn the_prompt_of_an_answer_is_exact_also_where_it_was_mended() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let body = json!({"query": "How many?", "answer_schema": schema});
    for replies in [vec![r#"{"n": 7}"#], vec!["Seven.", r#"{"n": 7}"#]] {
        models.orchestrator([calls([answer("answer-1")])]);
        models.experts(replies.iter().map(|reply| says(reply)));
        let told = stack.client.ask(&body).await;
        assert_eq!(told.status(), "completed");
        let address = format!("/api/runs/{}/calls/r1.1/prompt", told.run_id);
        let shown = stack.client.json(&address).await;
        assert_eq!(shown["exact"], true, "{shown}");
        let sent = models.asked_of_experts().pop().unwrap();
        assert_eq!(shown["messages"], sent["messages"]);
        assert_eq!(shown["response_format"], sent["response_format"]);
    }
    models.assert_spent();
}
