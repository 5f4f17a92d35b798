//! Lines in, lines out: each request is passed on by itself, so that a slow one holds up no other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use orchestrator::mend_halves;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::lines::say;
use super::server::Server;

/// What is answered at once is answered also where the input ends behind it.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// Passes lines on until they end. Whoever waits then waits no longer; their runs go on.
pub(super) async fn bridge(
    server: &Arc<Server>,
    mut lines: Receiver<anyhow::Result<String>>,
    out: Sender<String>,
) -> anyhow::Result<()> {
    let mut requests = Requests {
        server: Arc::clone(server),
        out,
        tasks: JoinSet::new(),
        by_id: HashMap::new(),
    };
    while let Some(line) = lines.recv().await {
        requests.take(&line?).await;
    }
    let mut tasks = requests.tasks;
    let all = async { while tasks.join_next().await.is_some() {} };
    if timeout(ANSWERED_WITHIN, all).await.is_err() {
        tracing::debug!("the input ended before the runs that were waited for");
    }
    Ok(())
}

/// Requests that are under way.
struct Requests {
    server: Arc<Server>,
    out: Sender<String>,
    tasks: JoinSet<()>,
    /// By their ids, as JSON.
    by_id: HashMap<String, AbortHandle>,
}

impl Requests {
    async fn take(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let mut line = line.as_bytes().to_vec();
        mend_halves(&mut line);
        let message: Value = match serde_json::from_slice(&line) {
            Ok(message) => message,
            Err(error) => {
                let said = format!("A line is no JSON: {error}.");
                return say(&self.out, failure(&Value::Null, -32700, &said)).await;
            }
        };
        if !message.is_object() {
            let said = "A line holds one message: batches are not taken.";
            return say(&self.out, failure(&Value::Null, -32600, said)).await;
        }
        let Some(id) = message.get("id").cloned() else {
            return self.note(&message);
        };
        while self.tasks.try_join_next().is_some() {}
        self.by_id.retain(|_, task| !task.is_finished());
        let (server, out) = (Arc::clone(&self.server), self.out.clone());
        let key = id.to_string();
        let task = self.tasks.spawn(async move {
            if let Err(problem) = server.answer(&message, &out).await {
                say(&out, failure(&id, -32603, &problem)).await;
            }
        });
        self.by_id.insert(key, task);
    }

    /// Takes a notification. The service keeps nothing that one could change, but somebody may not want to wait any longer.
    fn note(&mut self, message: &Value) {
        if message["method"] == "notifications/cancelled"
            && let Some(task) = self
                .by_id
                .remove(&message["params"]["requestId"].to_string())
        {
            task.abort();
        }
    }
}

fn failure(id: &Value, code: i32, message: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}).to_string()
}
