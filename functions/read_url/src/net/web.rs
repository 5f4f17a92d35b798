//! Requests to the web: one at a time, each judged before it is made, redirects followed here and not by the client.
//!
//! Sends nothing of the run: no cookie, no referrer, no header of the caller. Refuses bodies in an encoding that was not asked for.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use body::{Body, BodyError, Bounds};
use percent_encoding::{AsciiSet, percent_encode};
use reqwest::header::{
    ACCEPT, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap,
    HeaderName, LOCATION,
};
use reqwest::{Client, Response};

use super::network::{Network, NotPublic};
use super::target::{Ports, Target};
use crate::failure::Wrong;

/// Most of a page that is read, in decoded bytes, and the largest file that is handed on: what the files of a call may have.
pub const MAX_BODY_BYTES: usize = 4_000_000;

/// Longest time for one body. The whole call ends before.
const BODY_TIME: Duration = Duration::from_secs(20);

const ACCEPTED: &str = "text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,application/json;q=0.9,application/pdf;q=0.8,*/*;q=0.5";

/// Headers by which Cloudflare and AWS say so.
const CHALLENGES: [(&str, &[u8]); 3] = [
    ("cf-mitigated", b"challenge"),
    ("x-amzn-waf-action", b"challenge"),
    ("x-amzn-waf-action", b"captcha"),
];

/// Asks the web.
#[derive(Clone, Debug)]
pub struct Web {
    client: Client,
    pub ports: Ports,
}

/// What came back, as it came.
#[derive(Debug)]
pub struct Received {
    pub target: Target,
    headers: HeaderMap,
    pub body: Vec<u8>,
    /// Whether the body was read to its end.
    pub whole: bool,
}

impl Web {
    pub fn new(network: Network, ports: Ports) -> Result<Self, host::http::ClientError> {
        let client = host::http::guarded_client(Arc::new(network))?;
        Ok(Self { client, ports })
    }

    /// Asks for one address and gives the head of the answer, whatever its status.
    pub async fn ask(&self, target: &Target) -> Result<Response, Wrong> {
        let mut url = target.url().clone();
        url.set_fragment(None);
        let asked = self.client.get(url).header(ACCEPT, ACCEPTED);
        asked.send().await.map_err(from_sending)
    }

    /// Where an answer sends its reader, where it does.
    pub fn redirect(&self, target: &Target, response: &Response) -> Result<Option<Target>, Wrong> {
        let moved = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        let Some(location) = response.headers().get(LOCATION).filter(|_| moved) else {
            return Ok(None);
        };
        // Some servers send the bytes of their address as they are, whatever encoding they are in.
        let location = match std::str::from_utf8(location.as_bytes()) {
            Ok(location) => Cow::Borrowed(location),
            Err(_) => percent_encode(location.as_bytes(), &AsciiSet::EMPTY).into(),
        };
        let next = target.follow(&location, &self.ports);
        next.map(Some).map_err(Wrong::Redirect)
    }

    /// Whether an answer is no page but a test of whether its reader is a browser, as some networks say in a header.
    pub fn is_challenge(response: &Response) -> bool {
        CHALLENGES.iter().any(|(name, value)| {
            let said = response.headers().get(*name);
            said.is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(value))
        })
    }

    /// Reads the body of an answer, as far as `most` bytes.
    pub async fn receive(
        target: Target,
        response: Response,
        most: usize,
    ) -> Result<Received, Wrong> {
        // What the client decoded has lost this header.
        if response.headers().contains_key(CONTENT_ENCODING) {
            return Err(Wrong::Encoded);
        }
        let headers = response.headers().clone();
        let bounds = Bounds {
            bytes: most,
            time: BODY_TIME,
        };
        let mut parts = Body::new(response, bounds);
        let (mut body, mut whole) = (Vec::new(), true);
        loop {
            match parts.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(BodyError::TooLong { .. }) => {
                    whole = false;
                    break;
                }
                Err(BodyError::Late { .. }) => return Err(Wrong::Late),
                Err(BodyError::Broken(error)) => return Err(Wrong::Broken(error)),
            }
        }
        Ok(Received {
            target,
            headers,
            body,
            whole,
        })
    }
}

impl Received {
    pub fn media_type(&self) -> &str {
        self.header(&CONTENT_TYPE)
    }

    pub fn disposition(&self) -> &str {
        self.header(&CONTENT_DISPOSITION)
    }

    /// What the old header `Refresh` says, the same as the element `meta` of that name.
    pub fn refresh(&self) -> &str {
        self.header(&HeaderName::from_static("refresh"))
    }

    /// How many bytes there are, or were said to be where not all were read.
    pub fn bytes(&self) -> Option<u64> {
        if self.whole {
            return u64::try_from(self.body.len()).ok();
        }
        self.header(&CONTENT_LENGTH).parse().ok()
    }

    fn header(&self, name: &HeaderName) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }
}

fn from_sending(error: reqwest::Error) -> Wrong {
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return Wrong::NotPublic;
        }
        cause = error.source();
    }
    let is_connect = error.is_connect();
    let error = error.without_url();
    if is_connect {
        Wrong::Unreachable(error)
    } else {
        Wrong::Broken(error)
    }
}
