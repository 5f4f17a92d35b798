//! Where messages go: a deployment, or the stack of this machine.

use std::sync::Arc;
use std::time::Duration;

use secret::Secret;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;

use super::exchange::{Problem, exchange};
use super::here::Here;
use super::target::Target;
use crate::options::McpOptions;

/// How often a message is sent that gets no answer. All methods may be repeated: the same question joins its run.
const TRIES: u32 = 4;
const TRY_AFTER: Duration = Duration::from_secs(1);

/// Who answers.
pub(super) struct Server {
    key: Option<Secret>,
    place: Place,
}

enum Place {
    There(Target),
    Here(Mutex<Here>),
}

impl Server {
    pub(super) fn new(options: McpOptions) -> anyhow::Result<Arc<Self>> {
        let McpOptions { url, key, data_dir } = options;
        let place = match url {
            Some(url) => Place::There(Target::at(&url)?),
            None => Place::Here(Mutex::new(Here::new(data_dir))),
        };
        let key = key.filter(|key| !key.reveal().trim().is_empty());
        Ok(Arc::new(Self { key, place }))
    }

    /// Passes a message on, and what comes back for it. An error says what is wrong, and what to do.
    pub(super) async fn answer(&self, message: &Value, out: &Sender<String>) -> Result<(), String> {
        let mut tries = 0;
        loop {
            tries += 1;
            let target = self.target().await.map_err(|error| format!("{error:#}"))?;
            let mut request = target.client.post(target.url.clone());
            if tries > 1 {
                // As the official clients say it: then a run that has ended meanwhile is meant, too.
                request = request.header("x-stainless-retry-count", tries - 1);
            }
            if let Some(key) = &self.key {
                request = request.bearer_auth(key.reveal().trim());
            }
            let problem = match exchange(request, message, out).await {
                Ok(()) => return Ok(()),
                Err(Problem::Refused(said)) => return Err(said),
                Err(Problem::Lost(said)) => said,
            };
            if let Place::Here(here) = &self.place {
                here.lock().await.forget(&target);
            }
            if tries == TRIES {
                return Err(self.unreachable(&target, &problem));
            }
            tracing::warn!(problem, "a message is sent again");
            sleep(TRY_AFTER).await;
        }
    }

    /// Leaves the runs of a stack that was started here to the next one.
    pub(super) async fn leave(&self) {
        if let Place::Here(here) = &self.place {
            here.lock().await.leave().await;
        }
    }

    async fn target(&self) -> anyhow::Result<Target> {
        match &self.place {
            Place::There(target) => Ok(target.clone()),
            Place::Here(here) => here.lock().await.target().await,
        }
    }

    fn unreachable(&self, target: &Target, problem: &str) -> String {
        let what_to_do = match &self.place {
            Place::There(_) => "Check --url and the network.",
            Place::Here(_) => "Start the stack by hand to see what is wrong with it.",
        };
        format!(
            "{} gives no answer ({problem}). {what_to_do} A run that was started goes on: send the same question again, or call get_run.",
            target.url
        )
    }
}
