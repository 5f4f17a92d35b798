//! The one way to read what another server sends: within a number of bytes, as they are after decoding, and within a time.
//!
//! Refuses to read on behind either, and to hand out a body without them.

mod offload;

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use tokio::time::{Sleep, sleep};

pub use offload::offload;

/// What a body may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most bytes, counted as they are read: a body that came compressed counts as what it unfolds to.
    pub bytes: usize,
    /// From the head of the response to the last byte, however steadily they come.
    pub time: Duration,
}

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the body has more than {most} bytes")]
    TooLong { most: usize },
    #[error("the body took longer than {time:?}")]
    Late { time: Duration },
    #[error("the body broke off")]
    Broken(#[source] reqwest::Error),
}

/// The body of a response, read within its bounds. Dropping it closes the connection.
#[derive(Debug)]
pub struct Body {
    response: Response,
    bounds: Bounds,
    left: usize,
    end: Pin<Box<Sleep>>,
}

impl Body {
    /// The body of a response whose head has come just now.
    pub fn new(response: Response, bounds: Bounds) -> Self {
        Self {
            response,
            bounds,
            left: bounds.bytes,
            end: Box::pin(sleep(bounds.time)),
        }
    }

    /// The next bytes, `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        let chunk = tokio::select! {
            // What never pauses must not pass the time by.
            biased;
            () = self.end.as_mut() => return Err(BodyError::Late { time: self.bounds.time }),
            chunk = self.response.chunk() => chunk,
        };
        let chunk = chunk.map_err(|error| BodyError::Broken(error.without_url()))?;
        if let Some(bytes) = &chunk {
            let left = self.left.checked_sub(bytes.len());
            self.left = left.ok_or(BodyError::TooLong {
                most: self.bounds.bytes,
            })?;
        }
        Ok(chunk)
    }

    /// All of it. One whose head says that it is too long is not read at all.
    pub async fn whole(mut self) -> Result<Vec<u8>, BodyError> {
        let said = self.response.content_length().unwrap_or_default();
        let most = self.bounds.bytes;
        if said > u64::try_from(most).unwrap_or(u64::MAX) {
            return Err(BodyError::TooLong { most });
        }
        let mut whole = Vec::new();
        while let Some(bytes) = self.chunk().await? {
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }

    /// What is left of it, within other bounds.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self::new(self.response, bounds)
    }

    /// As much of it as comes within the bounds, whatever ends it.
    pub async fn beginning(mut self) -> Vec<u8> {
        let mut read = Vec::new();
        while let Ok(Some(bytes)) = self.chunk().await {
            read.extend_from_slice(&bytes);
        }
        read
    }
}
