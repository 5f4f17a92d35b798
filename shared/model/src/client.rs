//! Asks a server and reads its reply as it comes.

use std::error::Error;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use body::{Body, BodyError, Bounds, aside};
use bytes::Bytes;
use reqwest::{Response, header};
use run::Usage;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, Sleep, sleep};

use crate::address::CHAT;
use crate::decode::MAX_BODY_BYTES;
use crate::error::retry_after;
use crate::idle_timeout::IdleTimeout;
use crate::{AskError, ChatRequest, Decoder, Message, Offered, Piece, Server};

/// Wait for an answer to "are you there".
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// A reply, which is read as it comes: its text is bounded by [`Decoder`], and what stands around each token is a few hundred bytes.
const REPLY: Bounds = Bounds {
    bytes: 256 * 1024 * 1024,
    time: Duration::from_mins(15),
};
/// What stands behind a reply that is over.
const REST: Bounds = Bounds {
    bytes: 16 * 1024,
    time: Duration::from_secs(1),
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
        }
    }

    /// Sends a request and waits for the head of the reply.
    pub async fn ask(&self, server: &Server, request: &ChatRequest) -> Result<Reply, AskError> {
        self.send(server, request, &request.tools).await
    }

    /// The same for a server that refuses tools: they are left out of the request, and calls of them are read from the
    /// text. A message has to describe them.
    pub async fn ask_in_text(
        &self,
        server: &Server,
        request: &ChatRequest,
    ) -> Result<Reply, AskError> {
        self.send(server, request, &[]).await
    }

    async fn send(
        &self,
        server: &Server,
        request: &ChatRequest,
        tools: &[Value],
    ) -> Result<Reply, AskError> {
        let body = serde_json::to_vec(&request.body(&server.model, tools, &server.terms))
            .map_err(|_| AskError::Unwritable)?;
        let prompt_bytes = body.len();
        let post = self
            .http(server)
            .post(server.url(CHAT))
            .header(header::CONTENT_TYPE, "application/json")
            // What compresses a stream holds it back; what comes compressed all the same is decoded.
            .header(header::ACCEPT_ENCODING, "identity")
            .body(body);
        let timeouts = self.timeouts.for_replies(server.terms.streams());
        let sent = in_time(timeouts, server.signed(post).send()).await?;
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
        Ok(Reply {
            body: Body::new(response, REPLY),
            prompt_bytes,
            decoder,
            idle_timeout: IdleTimeout::new(timeouts.idle),
            silence: Box::pin(sleep(timeouts.idle)),
        })
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

    const fn http(&self, server: &Server) -> &reqwest::Client {
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

/// A reply that is being read.
#[derive(Debug)]
pub struct Reply {
    body: Body,
    prompt_bytes: usize,
    decoder: Decoder,
    idle_timeout: IdleTimeout,
    /// Put off with all that comes: a timer of its own for each token costs as much as the token.
    silence: Pin<Box<Sleep>>,
}

impl Reply {
    /// The next piece, `None` at the end. Dropping the reply drops the request, so that the server stops.
    pub async fn next(&mut self, server: &Server) -> Result<Option<Piece>, AskError> {
        loop {
            let piece = self.decoder.next_piece();
            let piece = piece.map_err(|fault| fault.fit_to_show(server))?;
            if piece.is_some() || self.decoder.is_over() {
                return Ok(piece);
            }
            match self.next_bytes().await {
                Some(Ok(Some(bytes))) => self.take_in(&bytes),
                Some(Ok(None)) => self.decoder.end(),
                Some(Err(error)) if self.decoder.is_untouched() => return Err(unread(error)),
                Some(Err(error)) => {
                    tracing::debug!(error = &error as &dyn Error, "a model's stream broke");
                    self.decoder.break_off();
                }
                None if self.decoder.is_finished() => self.decoder.break_off(),
                None => {
                    let silence = self.idle_timeout.idle();
                    return Err(AskError::Silent { silence });
                }
            }
        }
    }

    /// The next bytes of the body; `None` where the server has been silent for too long.
    async fn next_bytes(&mut self) -> Option<Result<Option<Bytes>, BodyError>> {
        let until = self.idle_timeout.until(Instant::now());
        self.silence.as_mut().reset(until);
        tokio::select! {
            biased;
            bytes = self.body.chunk() => Some(bytes),
            () = self.silence.as_mut() => None,
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        if is_progress(&mut self.decoder, bytes) {
            self.idle_timeout.goes_on(Instant::now());
        }
        if self.decoder.is_finished() {
            self.idle_timeout.finishes();
        }
    }

    /// When the first token came; none where the server sends no stream.
    pub const fn began(&self) -> Option<Instant> {
        self.idle_timeout.began()
    }

    /// Frames that were passed over because they could not be read, or told an error of a complete reply.
    pub const fn passed_over(&self) -> u64 {
        self.decoder.passed_over()
    }

    /// Tokens as the server has counted them so far, where it has: also of a reply that never comes to its end.
    pub fn counted(&self) -> Option<Usage> {
        self.decoder.counted()
    }

    /// The whole reply; call it after [`Reply::next`] has given `None`.
    pub fn into_message(self) -> Message {
        let_go(self.body);
        self.decoder.into_message(self.prompt_bytes)
    }
}

/// Reads what little may stand behind the mark of a stream's end, while others go on, so that the connection can be used again.
fn let_go(body: Body) {
    tokio::spawn(body.within(REST).beginning());
}

/// Takes in bytes, and says whether more of the reply is in them.
pub(crate) fn is_progress(decoder: &mut Decoder, bytes: &[u8]) -> bool {
    let before = decoder.taken_bytes();
    decoder.feed(bytes);
    decoder.taken_bytes() > before
}

async fn read_list(response: Response) -> Option<Vec<String>> {
    if !response.status().is_success() {
        return None;
    }
    let body = Body::new(response, LIST).whole().await.ok()?;
    let listed = aside(body.len(), move || serde_json::from_slice::<Listed>(&body));
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
    aside(body.len(), move || AskError::refused(status, &body, after)).await
}

async fn in_time<T>(timeouts: Timeouts, work: impl Future<Output = T>) -> Result<T, AskError> {
    tokio::time::timeout(timeouts.idle, work)
        .await
        .map_err(|_| AskError::Silent {
            silence: timeouts.idle,
        })
}

/// A body of which nothing could be used.
fn unread(error: BodyError) -> AskError {
    match error {
        BodyError::TooLong { .. } => AskError::TooLarge,
        BodyError::Late { time } => AskError::Silent { silence: time },
        BodyError::Broken(error) => unreachable(error),
    }
}

/// The innermost cause says most ("Connection refused"); the address is told apart from it.
fn unreachable(error: reqwest::Error) -> AskError {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    AskError::Unreachable {
        detail: cause.to_string(),
    }
}
