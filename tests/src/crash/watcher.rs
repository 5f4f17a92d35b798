//! A client that stays with a run across lost connections and lost processes.

use serde_json::json;

use super::QUERY;
use crate::client::Client;
use crate::stream::{Frame, take_frames};
use crate::wait::within;

/// How often a watcher reconnects; reached only by a test that fails.
const MAX_RECONNECTS: usize = 200;

/// Starts, follows and keeps everything that it was told.
#[derive(Debug, Default)]
pub struct Watcher {
    pub run_id: Option<String>,
    /// Everything it was told, live pieces too.
    pub frames: Vec<Frame>,
}

impl Watcher {
    /// A watcher that has seen nothing of this run yet.
    pub fn of(run_id: &str) -> Self {
        Self {
            run_id: Some(run_id.to_owned()),
            frames: Vec::new(),
        }
    }

    /// Starts a run under a key, or goes on with the one that the key has started, until the connection ends.
    pub async fn start(&mut self, client: &Client, key: &str) {
        let body = json!({"query": QUERY}).to_string();
        let mut request = client.start_request(body).header("idempotency-key", key);
        if let Some(seen) = self.last_id() {
            request = request.header("last-event-id", seen);
        }
        let Ok(response) = within("a start", request.send()).await else {
            return;
        };
        if response.status() == 503 {
            return;
        }
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        if let Some(known) = self.run_id.replace(run_id.clone()) {
            assert_eq!(known, run_id, "one key, two runs");
        }
        self.read(response).await;
    }

    /// Follows the run until the connection ends.
    pub async fn follow(&mut self, client: &Client) {
        let (run_id, after) = (self.run_id.as_ref().unwrap(), self.last_id().unwrap_or(0));
        let path = format!("/api/runs/{run_id}/events?after={after}");
        let request = client.request(reqwest::Method::GET, &path).send();
        let Ok(response) = within("a replay", request).await else {
            return;
        };
        if response.status() == 200 {
            self.read(response).await;
        } else {
            assert_eq!(response.status(), 503, "{path}");
        }
    }

    /// Starts the run under a key, as often as it takes, and follows it to its end.
    pub async fn ask(&mut self, client: &Client, key: &str) {
        for _ in 0..MAX_RECONNECTS {
            if self.run_id.is_some() {
                break;
            }
            self.start(client, key).await;
        }
        self.to_the_end(client).await;
    }

    /// Follows the run to its end, over as many connections as it takes.
    pub async fn to_the_end(&mut self, client: &Client) {
        for _ in 0..MAX_RECONNECTS {
            if self.is_over() {
                return;
            }
            self.follow(client).await;
        }
        panic!("the run does not end: {:#?}", self.frames);
    }

    pub fn is_over(&self) -> bool {
        let last = self.frames.last();
        last.is_some_and(|last| last.event() == "complete")
    }

    pub fn last_id(&self) -> Option<u64> {
        self.frames.iter().filter_map(|frame| frame.id).next_back()
    }

    /// The frames of stored events.
    pub fn stored(&self) -> Vec<Frame> {
        let stored = self.frames.iter().filter(|frame| frame.is_stored());
        stored.cloned().collect()
    }

    /// Takes in a response to its end.
    pub async fn read(&mut self, mut response: reqwest::Response) {
        let mut unread = Vec::new();
        while let Ok(Some(bytes)) = within("bytes of a stream", response.chunk()).await {
            unread.extend_from_slice(&bytes);
            self.frames.extend(take_frames(&mut unread));
        }
    }
}
