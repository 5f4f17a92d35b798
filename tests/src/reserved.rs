//! A function with reserved concurrency, as Lambda runs it: a process of its own for each request, until the body of its answer
//! has ended, since no process is told that a client has gone. What is more than the bound is refused.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use lambda_http::Service as _;
use tokio::sync::{mpsc, watch};

use crate::client::Client;
use crate::loopback::Served;
use crate::stream::{Frame, take_frames};
use crate::wait::within;

/// A function behind its URL.
#[derive(Debug)]
pub struct Function {
    pub client: Client,
    platform: Platform,
    _served: Served,
}

#[derive(Clone, Debug)]
struct Platform {
    idle: Arc<Mutex<VecDeque<Router>>>,
    state: watch::Sender<Concurrency>,
}

/// What runs, and what has run.
#[derive(Clone, Debug, Default)]
pub struct Concurrency {
    pub busy: usize,
    /// The most that were busy at once.
    pub peak: usize,
    /// Requests that no process was left for.
    pub throttled: usize,
    /// What each stream said that has ended, read or not.
    pub ended: Vec<Vec<Frame>>,
}

impl Function {
    /// A function that may run in so many processes at once as there are here.
    pub async fn start(processes: Vec<Router>) -> Self {
        let platform = Platform {
            idle: Arc::new(Mutex::new(processes.into())),
            state: watch::Sender::default(),
        };
        let router = Router::new().fallback(invoke).with_state(platform.clone());
        let served = Served::start(router).await;
        Self {
            client: Client::new(&served.address),
            platform,
            _served: served,
        }
    }

    /// Waits until the function stands so.
    pub async fn until(&self, fits: impl Fn(&Concurrency) -> bool) -> Concurrency {
        let mut state = self.platform.state.subscribe();
        within("a function to come to rest", state.wait_for(|it| fits(it)))
            .await
            .unwrap()
            .clone()
    }

    /// How it stands now.
    pub fn concurrency(&self) -> Concurrency {
        self.platform.state.borrow().clone()
    }
}

async fn invoke(State(platform): State<Platform>, request: Request) -> Response {
    let process = platform.idle.lock().unwrap().pop_front();
    let Some(mut process) = process else {
        platform.state.send_modify(|it| it.throttled += 1);
        return (StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded.").into_response();
    };
    platform.state.send_modify(|it| {
        it.busy += 1;
        it.peak = it.peak.max(it.busy);
    });
    let Ok(response) = process.call(request).await;
    let (parts, body) = response.into_parts();
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(platform.run(process, body.into_data_stream(), sender));
    let sent = stream::unfold(receiver, async |mut receiver| {
        let bytes: Bytes = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(bytes), receiver))
    });
    Response::from_parts(parts, Body::from_stream(sent))
}

impl Platform {
    /// Takes the body to its end, whether anybody reads it or not.
    async fn run(
        self,
        process: Router,
        mut body: BodyDataStream,
        client: mpsc::UnboundedSender<Bytes>,
    ) {
        let mut told = Vec::new();
        while let Some(bytes) = body.next().await {
            let bytes = bytes.unwrap();
            told.extend_from_slice(&bytes);
            // Of a client that has gone, nobody tells the process.
            drop(client.send(bytes));
        }
        // Before the client sees the end, so that it finds a process when it comes again.
        self.idle.lock().unwrap().push_back(process);
        self.state.send_modify(|it| {
            it.busy -= 1;
            if told.starts_with(b"id: ") || told.starts_with(b"data: ") {
                it.ended.push(take_frames(&mut told));
            }
        });
        drop(client);
    }
}
