//! Runs in which a model writes what a tool gets.

use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::model_server::ModelServer;
use tests::script::{call, calls, finish, says, sse, text, usage};
use tests::stack::Setup;

use crate::recorded;

#[tokio::test]
async fn chains() {
    let catalog: Value =
        serde_json::from_str(include_str!("../../../catalogs/toolorchestra.json")).unwrap();
    let models = ModelServer::start().await;
    let page = article(
        "Tokyo",
        "Tokyo has 14 million people.",
        "https://example.org/tokyo",
    );
    let search = DuckDuckGo::saying(&page).await;
    let setup = Setup::with_catalog(&catalog).models(&models);
    let setup = setup.model("orchestrator", models.address());
    let stack = setup.search(&search).start().await;
    let by = |tool: &str, model: &str| calls([call(tool, json!({"model": model}))]);
    models.orchestrator([
        by("search", "search-1"),
        by("enhance_reasoning", "reasoner-1"),
        by("search", "search-4"),
        by("answer", "answer-1"),
    ]);
    let writes = |content: &str| sse([text(content), finish("stop"), usage(90, 12)]);
    models.experts([
        writes("It changes. <query>Tokyo population</query>"),
        writes("It divides.\n```python\nprint(14_000_000 // 2_194)\n```\n"),
        says("14 million, 6381 to the square kilometre."),
    ]);
    let told = stack.client.question("How crowded is Tokyo?").await;
    recorded("chains", &[told.frames], &[]);
    models.assert_spent();
}
