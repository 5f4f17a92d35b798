//! Reads a stream of events, strictly: every frame is an id or none, and one line of JSON.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::Response;
use serde_json::Value;

use crate::laws;
use crate::openapi::{self, OpenApi};
use crate::story::Told;
use crate::wait::within;

/// What each event may hold.
static EVENTS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| OpenApi::new().events());

/// One frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Of stored events.
    pub id: Option<u64>,
    pub data: Value,
}

impl Frame {
    pub fn event(&self) -> &str {
        self.data["event"].as_str().unwrap()
    }

    pub fn is_stored(&self) -> bool {
        self.id.is_some()
    }
}

/// A stream that is being read.
#[derive(Debug)]
pub struct Events {
    pub run_id: String,
    response: Response,
    unread: Vec<u8>,
}

impl Events {
    /// The stream that answers a request which the test has made by itself.
    pub fn of(run_id: &str, response: Response) -> Self {
        Self::new(run_id.to_owned(), response)
    }

    pub(crate) fn new(run_id: String, response: Response) -> Self {
        let header = |name: &str| response.headers().get(name).map(|it| it.to_str().unwrap());
        assert_eq!(response.status(), 200);
        assert_eq!(header("content-type"), Some("text/event-stream"));
        assert_eq!(header("cache-control"), Some("no-cache, no-transform"));
        assert_eq!(header("x-accel-buffering"), Some("no"));
        Self {
            run_id,
            response,
            unread: Vec::new(),
        }
    }

    /// The next frame, `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Frame> {
        within("the next frame", async {
            loop {
                if let Some(end) = frame_end(&self.unread) {
                    let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                    return Some(read(std::str::from_utf8(&block[..end]).unwrap()));
                }
                let Some(bytes) = self.response.chunk().await.unwrap() else {
                    assert_eq!(self.unread, b"", "the stream ends inside a frame");
                    return None;
                };
                self.unread.extend_from_slice(&bytes);
            }
        })
        .await
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
    let mut rest = &unread[..];
    while let Some(end) = frame_end(rest) {
        frames.push(read(std::str::from_utf8(&rest[..end]).unwrap()));
        rest = &rest[end + 2..];
    }
    let taken = unread.len() - rest.len();
    unread.drain(..taken);
    frames
}

/// Where the first frame ends, before its empty line.
fn frame_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|it| it == b"\n\n")
}

fn read(block: &str) -> Frame {
    let (id, data) = match block.split_once('\n') {
        Some((id, data)) => (Some(id), data),
        None => (None, block),
    };
    let field = |line: &str, name: &str| {
        let value = line.strip_prefix(name).and_then(|it| it.strip_prefix(": "));
        value
            .unwrap_or_else(|| panic!("not a frame of this contract: {block}"))
            .to_owned()
    };
    let frame = Frame {
        id: id.map(|id| field(id, "id").parse().unwrap()),
        data: serde_json::from_str(&field(data, "data")).unwrap(),
    };
    let schema = EVENTS.get(frame.event());
    let schema = schema.unwrap_or_else(|| panic!("docs/openapi.json knows no {}", frame.event()));
    openapi::fits(
        schema,
        &frame.data,
        "a frame that is not as docs/openapi.json says",
    );
    frame
}
