//! A stream of events, for which whatever is not of the contract fails the test.

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use client::Frame;
use jsonschema::Validator;
use reqwest::Response;

use crate::laws;
use crate::openapi::{self, OpenApi};
use crate::story::Told;
use crate::wait::within;

/// What each event may hold.
static EVENTS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| OpenApi::new().events());

/// A stream that is being read.
#[derive(Debug)]
pub struct Events {
    pub run_id: String,
    events: client::Events,
}

impl Events {
    /// The stream that answers a request which the test has made by itself.
    pub fn of(run_id: &str, response: Response) -> Self {
        Self::new(client::Events::of(run_id.to_owned(), 0, response).unwrap())
    }

    pub(crate) fn new(events: client::Events) -> Self {
        Self {
            run_id: events.run_id().to_owned(),
            events,
        }
    }

    /// The next frame, `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Frame> {
        let next = within("the next frame", self.events.next()).await;
        let next = next.unwrap_or_else(|error| panic!("{error:?}"));
        next.inspect(is_described)
    }

    /// All frames up to the first one that fits, which must come.
    pub async fn until(&mut self, fits: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let Some(frame) = self.next().await else {
                panic!("the stream ended before the awaited frame: {frames:#?}");
            };
            let found = fits(&frame);
            frames.push(frame);
            if found {
                return frames;
            }
        }
    }

    /// All frames that are left.
    pub async fn rest(mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }

    /// The whole run, read from its first frame to its end and held to the laws of a stream.
    pub async fn told(self) -> Told {
        self.told_after(Vec::new()).await
    }

    /// The same for a stream whose first frames have been taken out.
    pub async fn told_after(self, mut frames: Vec<Frame>) -> Told {
        let run_id = self.run_id.clone();
        frames.extend(self.rest().await);
        laws::check(&frames);
        Told { run_id, frames }
    }
}

/// Takes the whole frames from the front of the bytes; what is left is the beginning of another.
pub fn take_frames(unread: &mut Vec<u8>) -> Vec<Frame> {
    let mut frames = Vec::new();
    loop {
        let taken = client::take_frames(unread).unwrap_or_else(|error| panic!("{error:?}"));
        if taken.is_empty() {
            return frames;
        }
        taken.iter().for_each(is_described);
        frames.extend(taken);
    }
}

/// Holds a frame to `docs/openapi.json`.
fn is_described(frame: &Frame) {
    let schema = EVENTS.get(frame.event());
    let schema = schema.unwrap_or_else(|| panic!("docs/openapi.json knows no {}", frame.event()));
    openapi::fits(
        schema,
        &frame.data,
        "a frame that is not as docs/openapi.json says",
    );
}
