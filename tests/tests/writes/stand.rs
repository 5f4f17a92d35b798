//! A service over a table that counts, with models that are scripted and a search that finds one thing.

use std::time::Duration;

use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::model_server::ModelServer;
use tests::script::{Part, Script, call, calls};
use tests::stack::{Counted, Setup};
use tests::story::Told;
use tests::table::Operation;

pub struct Stand {
    pub models: ModelServer,
    _search: DuckDuckGo,
    pub service: Counted,
}

pub async fn stand() -> Stand {
    // No run here lasts so long that its lease would be renewed.
    stand_with(|setup| setup.lease(Duration::from_mins(30))).await
}

pub async fn stand_with(adjust: impl FnOnce(Setup) -> Setup) -> Stand {
    let models = ModelServer::start().await;
    let found = article(
        "Seven",
        "SNIPPET: there are seven.",
        "https://example.org/seven",
    );
    let search = DuckDuckGo::saying(&found).await;
    let setup = Setup::with_models(&models).search(&search);
    Stand {
        service: adjust(setup).start_counted().await,
        models,
        _search: search,
    }
}

impl Stand {
    /// A run to its end, with every write that it took.
    pub async fn run(&self, body: &Value) -> (Told, Vec<Operation>) {
        let told = self.service.client.ask(body).await;
        self.models.assert_spent();
        let writes = self.writes(&told.run_id).await;
        (told, writes)
    }

    pub async fn writes(&self, run_id: &str) -> Vec<Operation> {
        let of_run = |operation: &Operation| operation.body.to_string().contains(run_id);
        let ended = |operation: &Operation| operation.ends_run() && of_run(operation);
        let operations = self.service.table.until(ended).await;
        let writes = operations.into_iter().filter(Operation::is_write);
        writes.filter(of_run).collect()
    }
}

pub fn search() -> Script {
    calls([call("search", json!({"query": "seven"}))])
}

pub fn reasoner(problem: &str) -> Part {
    call(
        "enhance_reasoning",
        json!({"model": "reasoner-2", "problem": problem}),
    )
}
