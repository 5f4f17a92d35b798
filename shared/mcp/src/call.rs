//! Calls of tools.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CancelledNotificationParam, ClientRequest, RequestId,
};
use rmcp::service::{Peer, PeerRequestOptions};
use serde_json::{Map, Value};

use crate::answer::{self, Answered};
use crate::era::Era;
use crate::list::pages;
use crate::problem::Problem;
use crate::server::Server;
use crate::session::Session;

/// How long a call may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Without a word; progress is one.
    pub silence: Duration,
    /// From the beginning to the end, whatever the progress.
    pub whole: Duration,
}

impl Server {
    /// Calls a tool. Where a session is lost, the call is made again in a new one, once: if it cannot have been made, or may be repeated.
    /// Dropping the call tells the server that nobody waits for it.
    ///
    /// # Errors
    /// The server cannot be asked, or gives no answer.
    pub async fn call(
        self: &Arc<Self>,
        tool: &str,
        arguments: Map<String, Value>,
        may_repeat: bool,
        limits: Limits,
    ) -> Result<Answered, Problem> {
        let begun = tokio::time::Instant::now();
        let _place = self.places.acquire().await.map_err(|_| Problem::closed())?;
        let mut is_repeated = false;
        loop {
            let session = self.session().await?;
            let left = Limits {
                silence: limits.silence,
                whole: limits.whole.saturating_sub(begun.elapsed()),
            };
            let problem = match once(&session, tool, arguments.clone(), left).await {
                Ok(result) => {
                    session.touch();
                    return Ok(answer::read(result));
                }
                Err(problem) => problem,
            };
            if problem.ends_session() {
                self.forget(&session).await;
            }
            let repeats = may_repeat || !problem.may_be_done();
            if is_repeated || !repeats || !problem.ends_session() {
                return Err(problem);
            }
            is_repeated = true;
        }
    }
}

async fn once(
    session: &Session,
    tool: &str,
    arguments: Map<String, Value>,
    limits: Limits,
) -> Result<Value, Problem> {
    let peer = session.peer();
    if session.era() == Era::WithoutSessions && !session.has_listed() {
        // Arguments that are marked for headers are sent so only where the list has been seen.
        pages(session, None).await?;
        session.listed();
    }
    let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
    let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
    let options = PeerRequestOptions::with_timeout(limits.silence.min(limits.whole))
        .reset_timeout_on_progress()
        .with_max_total_timeout(limits.whole);
    let asked = peer.send_request_with_option(request, options).await;
    let handle = asked.map_err(|error| Problem::of_request(&error))?;
    let mut waiting = Waiting {
        of: Some((peer.clone(), handle.id.clone())),
    };
    let answered = handle.await_response().await;
    waiting.of = None;
    let result = answered.map_err(|error| Problem::of_request(&error))?;
    serde_json::to_value(result).map_err(|_| Problem::unreadable())
}

/// Somebody waits for the answer to a request. Where nobody does any more, the server is told.
struct Waiting {
    of: Option<(Peer<RoleClient>, RequestId)>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some((peer, id)) = self.of.take() else {
            return;
        };
        tokio::spawn(async move {
            let cancelled =
                CancelledNotificationParam::new(Some(id), Some("nobody waits for it".to_owned()));
            if peer.notify_cancelled(cancelled).await.is_err() {
                tracing::debug!("a server was not told that nobody waits for its tool");
            }
        });
    }
}
