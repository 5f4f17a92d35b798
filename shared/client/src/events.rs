//! A run's events, one after the other.

use reqwest::{Response, StatusCode};

use crate::ClientError;
use crate::frame::{Frame, take_frames};
use crate::header::header;

/// A stream that is being read.
#[derive(Debug)]
pub struct Events {
    run_id: String,
    last_id: u64,
    response: Response,
    unread: Vec<u8>,
    /// Frames that have come and were not asked for yet.
    frames: std::vec::IntoIter<Frame>,
}

impl Events {
    /// The stream of a run that a response carries, for a reader that has its events up to `after`.
    ///
    /// # Errors
    /// It is no stream of the contract.
    pub fn of(run_id: String, after: u64, response: Response) -> Result<Self, ClientError> {
        if response.status() != StatusCode::OK {
            let status = response.status();
            return Err(ClientError::contract(format!(
                "a stream with status {status}"
            )));
        }
        for (name, expected) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache, no-transform"),
            ("x-accel-buffering", "no"),
        ] {
            let found = header(&response, name)?;
            if found != expected {
                return Err(ClientError::contract(format!(
                    "{name} of a stream is {found}"
                )));
            }
        }
        Ok(Self {
            run_id,
            last_id: after,
            response,
            unread: Vec::new(),
            frames: Vec::new().into_iter(),
        })
    }

    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The last stored event that has been read, here or before: where another stream goes on.
    pub const fn last_id(&self) -> u64 {
        self.last_id
    }

    /// The next event, `None` at the end of the stream, which may come before that of the run.
    ///
    /// # Errors
    /// The stream broke off, also inside a frame, or is not in the form of the contract.
    pub async fn next(&mut self) -> Result<Option<Frame>, ClientError> {
        loop {
            if let Some(frame) = self.frames.next() {
                self.last_id = frame.id.unwrap_or(self.last_id);
                return Ok(Some(frame));
            }
            // What stood behind the frames that have been given: a fault is told there, not with the next bytes.
            self.frames = take_frames(&mut self.unread)?.into_iter();
            if self.frames.len() > 0 {
                continue;
            }
            let Some(bytes) = self.response.chunk().await? else {
                if self.unread.is_empty() {
                    return Ok(None);
                }
                return Err(ClientError::contract("the stream ends inside a frame"));
            };
            self.unread.extend_from_slice(&bytes);
        }
    }
}
