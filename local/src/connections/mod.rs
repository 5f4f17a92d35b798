//! Serves a router to whoever connects, so that nobody keeps others out: who has not asked anything gets a time, and makes room
//! for the next where there is none.
//!
//! Refuses to time what has been asked: a stream lasts as long as its client reads it. In AWS the platform does all of this.

mod admission;
mod connection;
mod descriptors;
mod exchange;
mod limits;
mod refusals;
mod slot;
mod tracked_stream;

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tower::Service as _;

use admission::Admission;
use connection::Connection;
pub use descriptors::raise_descriptors;
use exchange::{ResponseTracker, TrackedRequest};
pub use limits::Limits;
use refusals::Refusals;
use tracked_stream::TrackedStream;

/// Largest head of a request, in bytes, and with it what an unfinished one takes.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Where accepting fails for a reason of this machine, as without descriptors, it is tried again after this long.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);
/// How long the other side may take nothing of what is sent to it.
#[cfg(target_os = "linux")]
const UNREAD_FOR: Duration = Duration::from_mins(2);

/// Serves until `shutdown` is over: from then on nobody is let in, and the port is free.
///
/// Streams that are open go on meanwhile; they are not waited for, as nobody knows how long their clients read.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    tokio::select! {
        biased;
        () = shutdown => {}
        never = accept(listener, router, limits) => match never {},
    }
}

async fn accept(listener: TcpListener, router: Router, limits: Limits) -> Infallible {
    let room = Arc::new(Admission::new(limits));
    let mut refusals = Refusals::new();
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                refusals.not_accepted(&error);
                sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        match room.enter(peer.ip()) {
            Ok(entered) => {
                refusals.made_room(entered.evicted, &limits);
                let connection = Connection::new(Arc::clone(&room), entered.slot);
                tokio::spawn(converse(stream, peer, connection, router.clone()));
            }
            Err(full) => refusals.refuse(stream, full, &limits),
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

/// Answers the requests of one connection, until it ends or its time is over.
async fn converse(stream: TcpStream, peer: SocketAddr, connection: Connection, router: Router) {
    prepare(&stream);
    let service = service_fn({
        let connection = connection.clone();
        move |request: Request<Incoming>| {
            let asked = request.map(|body| Body::new(TrackedRequest::new(body, &connection)));
            let answer = ResponseTracker::to(&connection);
            let answering = router.clone().call(asked);
            async move {
                let answered: Result<_, Infallible> = answering.await;
                let with = |response: Response<Body>| response.map(|body| answer.with(body));
                answered.map(with)
            }
        }
    });
    let io = TokioIo::new(TrackedStream::new(stream, connection.clone()));
    let mut http = http1::Builder::new();
    let serving = http
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(io, service);
    let serving = pin!(serving);
    tokio::select! {
        // First, so that each change of the connection wakes this task: the connection then says anew whether all has been sent.
        biased;
        () = connection.is_over() => tracing::debug!(%peer, "a connection was closed: nothing was asked in time"),
        ended = serving => {
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "a connection broke off");
            }
        }
    }
}

/// Small writes go out at once: with Nagle's algorithm the first event of a stream waits 40 ms for the acknowledgement of its head.
fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    #[cfg(target_os = "linux")]
    {
        let unread = u32::try_from(UNREAD_FOR.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, unread) {
            tracing::debug!(%error, "a connection may be left unread");
        }
    }
}

#[cfg(test)]
mod tests;
