//! The tool `read_url`: reads one page of the web and gives the model its text and its links.
//!
//! Refuses every address that is not of the public internet, on each way to it; what a site does not allow programs to read; and to pass on
//! what of a page nobody sees. Runs no script and follows no link by itself.

mod arguments;
mod config;
mod decode;
mod failure;
mod file;
mod kind;
mod net;
mod page;
mod robots;
mod text;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Url;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, oneshot};
use tool::{Failure, File, Response};

use arguments::Arguments;
pub use config::{Config, ConfigError};
use failure::Wrong;
use kind::{FileType, Kind};
pub use net::Network;
use net::{MAX_BODY_BYTES, Received, Target, Web};
use page::{Link, MAX_TEXT_BYTES, Page};
use robots::Robots;

/// One page takes no longer than this, however late its deadline is.
const MAX_READ_TIME: Duration = Duration::from_secs(20);
/// What is left of a deadline for the answer's way back.
const REPLY_MARGIN: Duration = Duration::from_millis(250);
const MAX_REDIRECTS: usize = 5;
/// The stack of a thread that reads a page, in bytes.
const STACK_BYTES: usize = 16 << 20;

/// Reads pages for a model.
pub struct Reader {
    web: Web,
    robots: Option<Robots>,
    /// As many pages are made into text at once as there are processors.
    places: Arc<Semaphore>,
}

/// What was read, in the words of the contract.
#[derive(Debug, Serialize)]
struct Read {
    /// The last one, behind all redirects.
    url: String,
    title: String,
    text: String,
    links: Vec<Link>,
    truncated: bool,
}

impl Reader {
    pub fn new(config: Config) -> Result<Self, host::http::ClientError> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            web: Web::new(config.network, config.ports)?,
            robots: config.obeys_robots.then(Robots::default),
            places: Arc::new(Semaphore::new(processors)),
        })
    }

    /// Performs one call: `{url}` in, `{url, title, text, links, truncated}` out, and a file where the address is one of a file.
    pub async fn handle(&self, request: tool::Request) -> Response {
        let deadline = UNIX_EPOCH + Duration::from_millis(request.deadline_ms);
        match self.read(request.arguments, deadline).await {
            Ok((read, artifacts)) => match host::respond(Ok(read)) {
                Response::Ok { result, .. } => Response::Ok { result, artifacts },
                failed @ Response::Failed(_) => failed,
            },
            Err(failure) => Response::Failed(failure),
        }
    }

    async fn read(
        &self,
        arguments: Map<String, Value>,
        deadline: SystemTime,
    ) -> Result<(Read, Vec<File>), Failure> {
        let Arguments { url } = Arguments::parse(arguments)?;
        let mut target = Target::parse(&url, &self.web.ports)
            .map_err(|reason| Wrong::Refused(reason).tell(None))?;
        let left = deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let limit = left.saturating_sub(REPLY_MARGIN).min(MAX_READ_TIME);
        let read = async { self.make(self.fetch(&mut target).await?).await };
        let read = tokio::time::timeout(limit, read).await;
        read.unwrap_or(Err(Wrong::Late))
            .map_err(|wrong| wrong.tell(Some(target.url())))
    }

    /// Asks for an address, and for those to which it leads, each allowed by its site; `target` becomes the one that is asked.
    async fn fetch(&self, target: &mut Target) -> Result<Received, Wrong> {
        for _ in 0..=MAX_REDIRECTS {
            if let Some(robots) = &self.robots {
                robots.check(&self.web, target).await?;
            }
            let response = self.web.ask(target).await?;
            if let Some(next) = self.web.redirect(target, &response)? {
                *target = next;
                continue;
            }
            if Web::is_challenge(&response) {
                return Err(Wrong::Challenge);
            }
            if !response.status().is_success() {
                return Err(Wrong::Status(response.status()));
            }
            return Web::receive(target.clone(), response, MAX_BODY_BYTES).await;
        }
        Err(Wrong::Redirects)
    }

    async fn make(&self, received: Received) -> Result<(Read, Vec<File>), Wrong> {
        match kind::of(received.media_type(), &received.body) {
            Kind::Page => Ok((self.page(received).await?, Vec::new())),
            Kind::Text => Ok((plain(&received), Vec::new())),
            Kind::File(of) => Ok(file_of(received, of)),
            Kind::Unreadable if received.body.is_empty() => Ok((plain(&received), Vec::new())),
            Kind::Unreadable => Err(Wrong::Unreadable {
                media_type: text::line(received.media_type(), 100),
                bytes: received.bytes(),
            }),
        }
    }

    async fn page(&self, received: Received) -> Result<Read, Wrong> {
        let url = received.target.url().clone();
        let whole = received.whole;
        let work = move || {
            let url = received.target.url();
            let host = url.host_str().unwrap_or_default();
            let text = decode::decode(&received.body, received.media_type(), host);
            let syntax = kind::syntax(received.media_type());
            page::read(&text, syntax, url, received.refresh())
        };
        let Page {
            title,
            text,
            links,
            truncated,
        } = apart(&self.places, work).await?;
        Ok(Read {
            url: url.into(),
            title,
            text,
            links,
            truncated: truncated || !whole,
        })
    }
}

/// Does work on a thread of its own: one that dies, or takes longer than its caller waits, takes nothing with it. Its place is free when
/// it has ended.
async fn apart<T: Send + 'static>(
    places: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Wrong> {
    // It is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    let (send, made) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("page".to_owned())
        .stack_size(STACK_BYTES);
    let work = move || {
        let _place = place;
        // A caller whose time is over listens no more.
        drop(send.send(work()));
    };
    thread.spawn(work).map_err(|_| Wrong::Unparsed)?;
    made.await.map_err(|_| Wrong::Unparsed)
}

/// A text that is no page, as it is.
fn plain(received: &Received) -> Read {
    let url = received.target.url();
    let text = decode::decode(
        &received.body,
        received.media_type(),
        url.host_str().unwrap_or_default(),
    );
    let text = text::clean(&text);
    let (kept, is_cut) = text::beginning(&text, MAX_TEXT_BYTES);
    let kept = if kept.trim().is_empty() {
        "[There is no text at this address.]"
    } else {
        kept
    };
    Read {
        url: url.to_string(),
        title: title_of(url),
        text: kept.to_owned(),
        links: Vec::new(),
        truncated: is_cut || !received.whole,
    }
}

/// A file is told, and handed on where it is not too large.
fn file_of(received: Received, of: FileType) -> (Read, Vec<File>) {
    let url = received.target.url();
    let name = file::name(received.disposition(), url, of.ending);
    let size = match received.bytes() {
        Some(bytes) => format!("{bytes} bytes"),
        None => format!("more than {MAX_BODY_BYTES} bytes"),
    };
    let text = if received.whole {
        format!(
            "[This address is that of {}, {size}, and not of a page. It is kept as the file {name}: where code_interpreter is offered, its \
             programs find it in their working directory.]",
            of.called
        )
    } else {
        format!(
            "[This address is that of {}, {size}, which is more than the {MAX_BODY_BYTES} bytes that are handed on.]",
            of.called
        )
    };
    let read = Read {
        url: url.to_string(),
        title: name.clone(),
        text,
        links: Vec::new(),
        truncated: !received.whole,
    };
    let kept = received.whole.then_some(File {
        name,
        media_type: of.media_type.to_owned(),
        data: received.body,
    });
    (read, kept.into_iter().collect())
}

/// What is last in an address, where it names anything.
fn title_of(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    text::line(last.unwrap_or_default(), 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_thread_that_dies_ends_its_own_call_and_gives_its_place_back() {
        let places = Arc::new(Semaphore::new(1));
        for _ in 0..3 {
            let died = apart(&places, || -> u8 {
                panic!("a page that nobody thought of")
            })
            .await;
            assert!(matches!(died, Err(Wrong::Unparsed)));
        }
        assert_eq!(apart(&places, || 7).await.ok(), Some(7));
        let told = Wrong::Unparsed.tell(None);
        assert_eq!((&*told.code, told.retryable), ("unreadable", false));
    }
}
