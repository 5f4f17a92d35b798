//! Asks a server and reads its reply as it comes.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Response, StatusCode, header};
use serde::Deserialize;

use crate::chunk::{self, Frame};
use crate::frames::Frames;
use crate::message::{Draft, Message, Piece};
use crate::{AskError, ChatRequest, Server};

/// Longest body of an error or of an unstreamed reply, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Characters of a server's error text that are shown.
const MAX_SHOWN_CHARS: usize = 500;
/// Wait for an answer to "are you there".
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a server may be silent.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Between two bytes, the first included.
    pub idle: Duration,
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
        let body =
            serde_json::to_vec(&request.body(&server.model)).map_err(|_| AskError::Garbage)?;
        let prompt_bytes = body.len();
        let mut post = self
            .http(server)
            .post(server.url("chat/completions"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        if let Some(key) = server.key() {
            post = post.bearer_auth(key);
        }
        let response = self.in_time(post.send()).await?.map_err(unreachable)?;
        let reply = Reply {
            response,
            timeouts: self.timeouts,
            prompt_bytes,
            frames: Frames::default(),
            draft: Draft::default(),
            body: Body::Unknown,
            ready: VecDeque::new(),
        };
        if reply.response.status().is_success() {
            Ok(reply)
        } else {
            Err(reply.into_refusal(server).await)
        }
    }

    /// Whether a server answers at all.
    pub async fn is_available(&self, server: &Server) -> bool {
        self.served_models(server).await.is_some()
    }

    /// The models that a server lists; `None` when it does not answer as a model server.
    pub async fn served_models(&self, server: &Server) -> Option<Vec<String>> {
        let url = server.url("models");
        let mut get = self.http(server).get(url).timeout(PROBE_TIMEOUT);
        if let Some(key) = server.key() {
            get = get.bearer_auth(key);
        }
        let response = get.send().await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        let listed: Listed = response.json().await.ok()?;
        Some(listed.data.into_iter().map(|model| model.id).collect())
    }

    const fn http(&self, server: &Server) -> &reqwest::Client {
        if server.is_loopback() {
            &self.direct
        } else {
            &self.outward
        }
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, AskError> {
        in_time(self.timeouts, work).await
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
    response: Response,
    timeouts: Timeouts,
    prompt_bytes: usize,
    frames: Frames,
    draft: Draft,
    body: Body,
    ready: VecDeque<Piece>,
}

/// Some servers answer with plain JSON although a stream was asked for.
#[derive(Debug)]
enum Body {
    Unknown,
    Stream,
    Whole(Vec<u8>),
    Ended,
}

impl Reply {
    /// The next piece of text, `None` at the end. Dropping the reply drops the request, so that the server stops.
    pub async fn next(&mut self, server: &Server) -> Result<Option<Piece>, AskError> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if matches!(self.body, Body::Ended) {
                return self.check_end().map(|()| None);
            }
            let bytes = in_time(self.timeouts, self.response.chunk()).await?;
            match bytes {
                Ok(Some(bytes)) => self.take_in(&bytes, server)?,
                Ok(None) => self.end(server)?,
                Err(error) if self.draft.is_empty() => return Err(unreachable(error)),
                Err(_) => return Err(AskError::Cut),
            }
        }
    }

    /// The whole reply; call it after [`Reply::next`] has given `None`.
    pub fn into_message(self) -> Message {
        self.draft.finish(self.prompt_bytes)
    }

    fn take_in(&mut self, bytes: &Bytes, server: &Server) -> Result<(), AskError> {
        if matches!(self.body, Body::Unknown) {
            match bytes.trim_ascii_start().first() {
                None => return Ok(()),
                Some(b'{') => self.body = Body::Whole(Vec::new()),
                Some(_) => self.body = Body::Stream,
            }
        }
        match &mut self.body {
            Body::Whole(whole) => {
                whole.extend_from_slice(bytes);
                if whole.len() > MAX_BODY_BYTES {
                    return Err(AskError::TooLarge);
                }
                Ok(())
            }
            Body::Stream => {
                let frames = self.frames.feed(bytes).map_err(|_| AskError::TooLarge)?;
                frames
                    .iter()
                    .try_for_each(|data| self.read_frame(data, server))
            }
            Body::Unknown | Body::Ended => Ok(()),
        }
    }

    fn end(&mut self, server: &Server) -> Result<(), AskError> {
        match std::mem::replace(&mut self.body, Body::Ended) {
            Body::Whole(whole) => self.read_frame(&whole, server),
            Body::Stream => match self.frames.finish() {
                Some(data) => self.read_frame(&data, server),
                None => Ok(()),
            },
            Body::Unknown | Body::Ended => Ok(()),
        }
    }

    fn read_frame(&mut self, data: &[u8], server: &Server) -> Result<(), AskError> {
        match chunk::read(data) {
            Frame::Chunk(chunk) => {
                let piece = self.draft.add(chunk).map_err(|_| AskError::TooLarge)?;
                self.ready.extend(piece);
                Ok(())
            }
            Frame::Error(message) => Err(AskError::Reported {
                message: shown(&server.redact(&message)),
            }),
            // `[DONE]` ends nothing by itself: what counts is the finish reason before it.
            Frame::Done => Ok(()),
            Frame::Unreadable => Err(AskError::Garbage),
        }
    }

    fn check_end(&self) -> Result<(), AskError> {
        match (self.draft.is_empty(), self.draft.is_finished()) {
            (true, false) if self.frames.saw_foreign_text() => Err(AskError::Garbage),
            (true, false) => Err(AskError::Empty),
            (false, false) => Err(AskError::Cut),
            (_, true) => Ok(()),
        }
    }

    async fn into_refusal(mut self, server: &Server) -> AskError {
        let status = self.response.status();
        let mut body = Vec::new();
        while body.len() < MAX_BODY_BYTES {
            match in_time(self.timeouts, self.response.chunk()).await {
                Ok(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
                Ok(Ok(None) | Err(_)) | Err(_) => break,
            }
        }
        let message = chunk::error_message(&body)
            .unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
        let message = shown(&server.redact(&message));
        if status == StatusCode::TOO_MANY_REQUESTS {
            AskError::RateLimited { message }
        } else {
            AskError::Refused {
                status: status.as_u16(),
                message,
            }
        }
    }
}

async fn in_time<T>(timeouts: Timeouts, work: impl Future<Output = T>) -> Result<T, AskError> {
    tokio::time::timeout(timeouts.idle, work)
        .await
        .map_err(|_| AskError::Silent {
            silence: timeouts.idle,
        })
}

/// The innermost cause says most ("Connection refused"); the address is told apart from it.
fn unreachable(error: reqwest::Error) -> AskError {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    AskError::Unreachable {
        detail: cause.to_string(),
    }
}

fn shown(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "(no message)".to_owned();
    }
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
