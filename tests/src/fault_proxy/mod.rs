//! A table behind a proxy that does to requests what networks, services and time do to them.
//!
//! What is to be done with a request is the test's decision, request by request. Refuses to be random by itself.

mod answers;
mod asked;
mod line;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use host::aws::SdkConfig;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::gate::Gate;
use crate::table::{NAME, credentials};
use crate::wait::within;
use answers::{partly, refusal, refused, stale};
pub use asked::Asked;
use line::{Line, serve};

/// The largest body of either side, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fate {
    Pass,
    /// It is lost on its way: nothing happens, and the connection breaks.
    LoseRequest,
    /// It takes effect, and the answer is lost with the connection.
    LoseResponse,
    /// It is never seen again; the caller waits.
    SwallowRequest,
    /// It takes effect; the caller waits for ever.
    SwallowResponse,
    /// It takes effect once the gate is open, whether its sender still lives or not.
    HoldRequest(Gate),
    /// It takes effect, and the answer comes once the gate is open.
    HoldResponse(Gate),
    /// It takes effect after this long, whether its sender still lives or not.
    DelayRequest(Duration),
    /// It takes effect, and the answer comes after this long.
    DelayResponse(Duration),
    /// The table has no capacity left.
    Throttle,
    /// The table fails.
    Fail,
    /// The table refuses it in these words.
    Refuse(Refusal),
    /// Of what is found, the item at this place and all after it have not reached the replica that is asked.
    Stale {
        from: usize,
    },
    /// Only so many of a batch's deletions are carried out; the others come back as unprocessed.
    Partly(usize),
}

/// What the table says instead of doing what it is asked.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: u16,
    /// Its code stands under `__type`.
    pub body: Value,
}

type Judge = Arc<Mutex<Box<dyn FnMut(&Asked) -> Fate + Send>>>;

/// An embedded table on a file, reached through the proxy at `address`, and past it by `direct`.
pub struct FaultyTable {
    pub direct: Client,
    pub address: String,
    judge: Judge,
    asked: watch::Sender<Vec<Asked>>,
    answered: watch::Sender<Vec<Asked>>,
    servers: [JoinHandle<()>; 2],
    _folder: TempDir,
}

impl FaultyTable {
    /// A new table; everything passes until the test says otherwise.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = local::table::open(&folder.path().join("table.sqlite")).unwrap();
        let judge: Judge = Arc::new(Mutex::new(Box::new(|_| Fate::Pass)));
        let [asked, answered] = [(); 2].map(|()| watch::Sender::new(Vec::new()));
        let desk = Desk {
            judge: Arc::clone(&judge),
            asked: asked.clone(),
            answered: answered.clone(),
        };
        let proxy = middleware::from_fn_with_state(desk, intervene);
        let plain = local::table::router(database.clone());
        let (direct_address, direct_server) = serve(plain).await;
        let (address, server) = serve(local::table::router(database).layer(proxy)).await;
        let direct = client(&host::aws::config().unwrap(), &direct_address);
        store::create_table(&direct, NAME).await.unwrap();
        Self {
            direct,
            address,
            judge,
            asked,
            answered,
            servers: [direct_server, server],
            _folder: folder,
        }
    }

    /// Reaches the table through the proxy.
    pub fn client(&self) -> Client {
        client(&host::aws::config().unwrap(), &self.address)
    }

    /// From now on this decides.
    pub fn judge(&self, judge: impl FnMut(&Asked) -> Fate + Send + 'static) {
        *self.judge.lock().unwrap() = Box::new(judge);
    }

    /// Everything passes again.
    pub fn heal(&self) {
        self.judge(|_| Fate::Pass);
    }

    /// All requests through the proxy so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    /// Waits for a request that fits.
    pub async fn until(&self, fits: impl Fn(&Asked) -> bool) {
        until(&self.asked, fits).await;
    }

    /// Waits until a request that fits has taken effect, or was refused.
    pub async fn until_answered(&self, fits: impl Fn(&Asked) -> bool) {
        until(&self.answered, fits).await;
    }
}

async fn until(all: &watch::Sender<Vec<Asked>>, fits: impl Fn(&Asked) -> bool) {
    let mut all = all.subscribe();
    let seen = all.wait_for(|all| all.iter().any(&fits));
    within("a request to the table", seen).await.unwrap();
}

impl Drop for FaultyTable {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// A client of a table that checks no signature.
pub(crate) fn client(aws: &SdkConfig, address: &str) -> Client {
    let config = function::table_config(aws)
        .endpoint_url(address)
        .credentials_provider(credentials())
        .build();
    Client::from_conf(config)
}

#[derive(Clone)]
struct Desk {
    judge: Judge,
    asked: watch::Sender<Vec<Asked>>,
    answered: watch::Sender<Vec<Asked>>,
}

async fn intervene(
    State(desk): State<Desk>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let name = target.rsplit_once('.').unwrap().1.to_owned();
    let Ok(bytes) = to_bytes(body, MAX_BYTES).await else {
        return line.cut().await;
    };
    let asked = Asked {
        name,
        body: serde_json::from_slice(&bytes).unwrap(),
    };
    let fate = (desk.judge.lock().unwrap())(&asked);
    desk.asked.send_modify(|all| all.push(asked.clone()));
    if let Fate::Partly(count) = fate {
        return partly(asked.body, count, parts, next).await;
    }
    let work = async move {
        let response = next
            .run(Request::from_parts(parts, Body::from(bytes)))
            .await;
        desk.answered.send_modify(|all| all.push(asked));
        response
    };
    match fate {
        Fate::Pass | Fate::Partly(_) => work.await,
        Fate::LoseRequest => line.cut().await,
        Fate::LoseResponse => {
            detached(work).await;
            line.cut().await
        }
        Fate::SwallowRequest => std::future::pending().await,
        Fate::SwallowResponse => {
            detached(work).await;
            std::future::pending().await
        }
        Fate::HoldRequest(gate) => {
            detached(async move {
                gate.pass().await;
                work.await
            })
            .await
        }
        Fate::HoldResponse(gate) => {
            let response = detached(work).await;
            gate.pass().await;
            response
        }
        Fate::DelayRequest(time) => {
            detached(async move {
                tokio::time::sleep(time).await;
                work.await
            })
            .await
        }
        Fate::DelayResponse(time) => {
            let response = detached(work).await;
            tokio::time::sleep(time).await;
            response
        }
        Fate::Throttle => refusal(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        ),
        Fate::Fail => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
        ),
        Fate::Refuse(refusal) => refused(refusal),
        Fate::Stale { from } => stale(work.await, from).await,
    }
}

/// Takes effect although the connection that it came by may break.
async fn detached(work: impl Future<Output = Response> + Send + 'static) -> Response {
    tokio::spawn(work).await.unwrap()
}
