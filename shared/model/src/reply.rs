//! A reply as it comes: its bytes, its pieces, and how long its server is silent.

use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use body::{Body, BodyError, Bounds};
use bytes::Bytes;
use run::Usage;
use tokio::time::{Instant, Sleep, sleep};

use crate::decode::Decoder;
use crate::error::AskError;
use crate::idle_timeout::{IdleTimeout, Patience};
use crate::message::{Message, Piece};
use crate::server::Server;

/// What stands behind a reply that is over.
const REST: Bounds = Bounds {
    bytes: 16 * 1024,
    time: Duration::from_secs(1),
};

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
    pub(crate) fn new(
        body: Body,
        prompt_bytes: usize,
        decoder: Decoder,
        patience: Patience,
    ) -> Self {
        Self {
            body,
            prompt_bytes,
            decoder,
            idle_timeout: IdleTimeout::new(patience),
            silence: Box::pin(sleep(patience.before_begin())),
        }
    }

    /// The next piece, `None` at the end. Dropping the reply drops the request, so that the server stops.
    pub async fn next(&mut self, server: &Server) -> Result<Option<Piece>, AskError> {
        loop {
            let piece = self.decoder.next_piece();
            let piece = piece.map_err(|fault| fault.fit_to_show(server))?;
            if piece.is_some() || self.decoder.is_over() {
                return Ok(piece);
            }
            match self.next_bytes().await {
                Some(Ok(Some(bytes))) => self.ingest(&bytes),
                Some(Ok(None)) => self.decoder.end(),
                Some(Err(error)) if self.decoder.is_untouched() => return Err(unread(error)),
                Some(Err(error)) => {
                    tracing::debug!(error = &error as &dyn Error, "a model's stream broke");
                    self.decoder.break_off();
                }
                None if self.decoder.is_finished() => self.decoder.break_off(),
                None => {
                    let silence = self.idle_timeout.silence();
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

    fn ingest(&mut self, bytes: &[u8]) {
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

    /// Tokens so far, as the server has counted them or by estimate: also of a reply that never comes to its end.
    pub fn usage(&self) -> Usage {
        self.decoder.usage(self.prompt_bytes)
    }

    /// Whether nothing of a reply has come yet.
    pub fn is_untouched(&self) -> bool {
        self.decoder.is_untouched()
    }

    /// The whole reply; call it after [`Reply::next`] has given `None`.
    pub fn into_message(self) -> Message {
        drain(self.body);
        self.decoder.into_message(self.prompt_bytes)
    }
}

/// Reads what little may stand behind the mark of a stream's end, while others go on, so that the connection can be used again.
fn drain(body: Body) {
    tokio::spawn(body.within(REST).beginning());
}

/// Takes in bytes, and says whether more of the reply is in them.
pub(crate) fn is_progress(decoder: &mut Decoder, bytes: &[u8]) -> bool {
    let before = decoder.taken_bytes();
    decoder.feed(bytes);
    decoder.taken_bytes() > before
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
pub(crate) fn unreachable(error: reqwest::Error) -> AskError {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    AskError::Unreachable {
        detail: cause.to_string(),
    }
}
