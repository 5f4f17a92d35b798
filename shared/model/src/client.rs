//! Asks a server and reads its reply as it comes.

use std::time::{Duration, SystemTime};

use body::{Body, Bounds, offload};
use reqwest::{Response, header};
use serde::Deserialize;
use tokio::time::Instant;

use crate::address::CHAT;
use crate::decode::{Decoder, MAX_BODY_BYTES};
use crate::dialect::Offered;
use crate::error::AskError;
use crate::idle_timeout::Patience;
use crate::reply::{Reply, unreachable};
use crate::request::{CallForm, ChatRequest};
use crate::retry_after::retry_after;
use crate::server::Server;

/// Wait for an answer to "are you there".
pub(crate) const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// A reply, which is read as it comes: its text is bounded by [`Decoder`], and what stands around each token is a few hundred bytes.
const REPLY: Bounds = Bounds {
    bytes: 256 * 1024 * 1024,
    time: Duration::from_mins(15),
};
/// A list of models: gateways list hundreds, with a page about each.
const LIST: Bounds = Bounds {
    bytes: MAX_BODY_BYTES,
    time: PROBE_TIMEOUT,
};
/// Most of a refusal that is read, in bytes: some repeat the question.
const MAX_REFUSAL_BYTES: usize = 1024 * 1024;

/// What servers answer that have no list of models, as a deployment of Azure.
const LISTS_NOTHING: [u16; 3] = [404, 405, 501];

/// A server that does not stream is silent while it writes: it is waited for so many times as long.
const WHOLE_REPLY_IDLES: u32 = 3;

/// How long a server may be silent.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Between two bytes, the first included. Once a reply has begun it must go on within this time: pings excuse a server
    /// only while it reads the question.
    pub idle: Duration,
}

impl Timeouts {
    const fn for_replies(self, are_streamed: bool) -> Self {
        if are_streamed {
            return self;
        }
        Self {
            idle: self.idle.saturating_mul(WHOLE_REPLY_IDLES),
        }
    }
}

/// Asks model servers.
#[derive(Clone, Debug)]
pub struct Client {
    direct: reqwest::Client,
    outward: reqwest::Client,
    timeouts: Timeouts,
    /// How long a reply is waited for to begin, where that is bounded apart from silence.
    begin: Option<Duration>,
}

impl Client {
    /// `direct` reaches servers of this machine, `outward` all others, by whatever proxy the environment names.
    pub const fn new(
        direct: reqwest::Client,
        outward: reqwest::Client,
        timeouts: Timeouts,
    ) -> Self {
        Self {
            direct,
            outward,
            timeouts,
            begin: None,
        }
    }

    /// The same, where somebody else may be asked instead: a reply that has not begun after so long is not waited for, whatever
    /// signs of life its server gives.
    #[must_use]
    pub fn in_a_hurry(&self, begin: Duration) -> Self {
        Self {
            begin: Some(begin),
            ..self.clone()
        }
    }

    /// How long a server may be silent.
    pub const fn idle(&self) -> Duration {
        self.timeouts.idle
    }

    /// Sends a request and waits for the head of the reply.
    pub async fn ask(&self, server: &Server, request: &ChatRequest) -> Result<Reply, AskError> {
        let body = serde_json::to_vec(&server.profile.body(request, &server.model))
            .map_err(|_| AskError::Unwritable)?;
        let prompt_bytes = body.len();
        let post = self
            .http(server)
            .post(server.url(CHAT))
            .header(header::CONTENT_TYPE, "application/json")
            // What compresses a stream holds it back; what comes compressed all the same is decoded.
            .header(header::ACCEPT_ENCODING, "identity")
            .body(body);
        let timeouts = self.timeouts.for_replies(server.profile.streams());
        let patience = Patience::new(timeouts.idle, self.begin, Instant::now());
        let sent = in_time(&patience, server.signed(post).send()).await?;
        let response = sent.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(read_refusal(response, timeouts).await.fit_to_show(server));
        }
        let offered = Offered::of_functions(&request.tools).with_aliases(request.aliases.clone());
        let decoder = if server.thinks_first {
            Decoder::for_thinking_first(offered)
        } else {
            Decoder::new(offered)
        };
        let decoder = match &request.calls {
            CallForm::Native | CallForm::Text => decoder,
            CallForm::Schema(decision) => decoder.of_decision(decision.answer.clone()),
        };
        let body = Body::new(response, REPLY);
        Ok(Reply::new(body, prompt_bytes, decoder, patience))
    }

    /// Whether a server answers as a model server. Not all list their models.
    pub async fn is_available(&self, server: &Server) -> bool {
        match self.list(server).await {
            Some(response) if LISTS_NOTHING.contains(&response.status().as_u16()) => true,
            Some(response) => read_list(response).await.is_some(),
            None => false,
        }
    }

    /// The models that a server lists; `None` when it does not answer as a model server.
    pub async fn served_models(&self, server: &Server) -> Option<Vec<String>> {
        read_list(self.list(server).await?).await
    }

    async fn list(&self, server: &Server) -> Option<Response> {
        let url = server.url("models");
        let get = self.http(server).get(url).timeout(PROBE_TIMEOUT);
        server.signed(get).send().await.ok()
    }

    pub(crate) const fn http(&self, server: &Server) -> &reqwest::Client {
        if server.is_loopback() {
            &self.direct
        } else {
            &self.outward
        }
    }
}

/// `GET /v1/models`.
#[derive(Deserialize)]
struct Listed {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

async fn read_list(response: Response) -> Option<Vec<String>> {
    if !response.status().is_success() {
        return None;
    }
    let body = Body::new(response, LIST).whole().await.ok()?;
    let listed = offload(body.len(), move || serde_json::from_slice::<Listed>(&body));
    let listed = listed.await.ok()?;
    Some(listed.data.into_iter().map(|model| model.id).collect())
}

async fn read_refusal(response: Response, timeouts: Timeouts) -> AskError {
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name)?.to_str().ok();
    let now = SystemTime::now();
    let after = retry_after(header("retry-after-ms"), header("retry-after"), now);
    let bounds = Bounds {
        bytes: MAX_REFUSAL_BYTES,
        time: timeouts.idle,
    };
    let body = Body::new(response, bounds).beginning().await;
    offload(body.len(), move || AskError::refused(status, &body, after)).await
}

async fn in_time<T>(patience: &Patience, work: impl Future<Output = T>) -> Result<T, AskError> {
    let silence = patience.before_begin();
    tokio::time::timeout(silence, work)
        .await
        .map_err(|_| AskError::Silent { silence })
}
