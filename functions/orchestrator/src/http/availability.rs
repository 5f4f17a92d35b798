//! Which model servers are there.

use std::time::{Duration, Instant};

use drive::Models;
use futures_util::future::join_all;
use run::ModelId;
use tokio::sync::Mutex;

/// Model servers are asked at most this often whether they are there.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Which models answered when they were last asked.
#[derive(Debug, Default)]
pub(super) struct Availability {
    last: Mutex<Option<(Instant, Vec<ModelId>)>>,
}

impl Availability {
    /// The models whose servers answer. Callers that come together wait for one round of questions.
    pub(super) async fn ask(&self, models: &Models) -> Vec<ModelId> {
        let mut last = self.last.lock().await;
        if let Some((at, available)) = &*last
            && at.elapsed() < ASK_AGAIN_AFTER
        {
            return available.clone();
        }
        let asked = models.servers.iter().map(async |(id, server)| {
            let answers = models.client.is_available(server).await;
            answers.then(|| id.clone())
        });
        let available: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
        *last = Some((Instant::now(), available.clone()));
        available
    }
}
