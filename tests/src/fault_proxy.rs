//! A table behind a proxy that does to requests what networks, services and time do to them.
//!
//! What is to be done with a request is the test's decision, request by request. Refuses to be random by itself.

use std::io;
use std::net::{Ipv4Addr, Shutdown};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Response as HttpResponse, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::gate::Gate;
use crate::table::{NAME, credentials};
use crate::wait::within;

/// The largest body of either side, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

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
    /// Of what is found, the item at this place and all after it have not reached the replica that is asked.
    Stale {
        from: usize,
    },
    /// Only so many of a batch's deletions are carried out; the others come back as unprocessed.
    Partly(usize),
}

/// A request to the table.
#[derive(Clone, Debug)]
pub struct Asked {
    pub name: String,
    pub body: Value,
}

type Judge = Arc<Mutex<Box<dyn FnMut(&Asked) -> Fate + Send>>>;

/// An embedded table on a file, reached through the proxy at `address`, and past it by `direct`.
pub struct FaultyTable {
    pub direct: Client,
    pub address: String,
    judge: Judge,
    asked: watch::Sender<Vec<Asked>>,
    servers: [JoinHandle<()>; 2],
    _folder: TempDir,
}

impl FaultyTable {
    /// A new table; everything passes until the test says otherwise.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = local::table::open(&folder.path().join("table.sqlite")).unwrap();
        let judge: Judge = Arc::new(Mutex::new(Box::new(|_| Fate::Pass)));
        let asked = watch::Sender::new(Vec::new());
        let desk = Desk {
            judge: Arc::clone(&judge),
            asked: asked.clone(),
        };
        let proxy = middleware::from_fn_with_state(desk, intervene);
        let plain = local::table::router(database.clone());
        let (direct_address, direct_server) = serve(plain).await;
        let (address, server) = serve(local::table::router(database).layer(proxy)).await;
        let direct = client(&direct_address).await;
        store::create_table(&direct, NAME).await.unwrap();
        Self {
            direct,
            address,
            judge,
            asked,
            servers: [direct_server, server],
            _folder: folder,
        }
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
        let mut asked = self.asked.subscribe();
        let seen = asked.wait_for(|all| all.iter().any(&fits));
        within("a request to the table", seen).await.unwrap();
    }
}

impl Drop for FaultyTable {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

impl Asked {
    /// Whether it changes items.
    pub fn is_write(&self) -> bool {
        ["PutItem", "UpdateItem", "DeleteItem"].contains(&self.name.as_str())
            || ["TransactWriteItems", "BatchWriteItem"].contains(&self.name.as_str())
    }

    /// Whether it appends to a log that is begun.
    pub fn is_append(&self) -> bool {
        self.name == "PutItem"
    }

    /// Whether it appends an event of this kind.
    pub fn appends(&self, event: &str) -> bool {
        self.is_append() && self.events().iter().any(|it| it["event"] == event)
    }

    /// Whether it lengthens a lease and does nothing else.
    pub fn is_renewal(&self) -> bool {
        self.body["UpdateExpression"] == "SET #lease = :lease"
    }

    pub fn is_read(&self) -> bool {
        ["Query", "GetItem"].contains(&self.name.as_str())
    }

    /// Whether it must see every write that has been answered.
    pub fn is_strong(&self) -> bool {
        self.body["ConsistentRead"] == true
    }

    /// Whether it asks an index, which knows no strong reads.
    pub fn is_of_index(&self) -> bool {
        self.body["IndexName"].is_string()
    }

    /// Who appends.
    pub fn writer(&self) -> &str {
        self.body["Item"]["writer"]["S"].as_str().unwrap()
    }

    /// Whether this driver signs it.
    pub fn is_by(&self, writer: &str) -> bool {
        self.is_write() && self.body.to_string().contains(writer)
    }

    /// The driver that a start names.
    pub fn starter(&self) -> Option<&str> {
        if self.name != "TransactWriteItems" {
            return None;
        }
        self.body["TransactItems"][0]["Put"]["Item"]["writer"]["S"].as_str()
    }

    fn events(&self) -> Vec<Value> {
        let events = self.body["Item"]["events"]["S"].as_str().unwrap_or("[]");
        serde_json::from_str(events).unwrap()
    }
}

/// A client of a table that checks no signature.
pub(crate) async fn client(address: &str) -> Client {
    let config = aws_sdk_dynamodb::config::Builder::from(&host::aws::config().unwrap())
        .timeout_config(host::aws::table_timeouts())
        .endpoint_url(address)
        .credentials_provider(credentials())
        .build();
    Client::from_conf(config)
}

#[derive(Clone)]
struct Desk {
    judge: Judge,
    asked: watch::Sender<Vec<Asked>>,
}

/// Hands out connections together with a handle that can break them.
struct Breakable(TcpListener);

#[derive(Clone, Debug)]
struct Line(Arc<std::net::TcpStream>);

impl Listener for Breakable {
    type Io = TcpStream;
    type Addr = Line;

    async fn accept(&mut self) -> (TcpStream, Line) {
        let (stream, _) = self.0.accept().await.unwrap();
        let stream = stream.into_std().unwrap();
        let line = Line(Arc::new(stream.try_clone().unwrap()));
        (TcpStream::from_std(stream).unwrap(), line)
    }

    fn local_addr(&self) -> io::Result<Line> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Connected<IncomingStream<'_, Breakable>> for Line {
    fn connect_info(stream: IncomingStream<'_, Breakable>) -> Self {
        stream.remote_addr().clone()
    }
}

impl Line {
    /// Breaks the connection; nobody hears of this request any more.
    async fn cut(&self) -> Response {
        // A connection that its other side has closed already needs no cut.
        self.0.shutdown(Shutdown::Both).ok();
        std::future::pending().await
    }
}

async fn serve(router: Router) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<Line>();
    let server = tokio::spawn(async move {
        axum::serve(Breakable(listener), service).await.unwrap();
    });
    (address, server)
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
    let bytes = match fate {
        Fate::Partly(count) => return partly(asked.body, count, parts, next).await,
        _ => bytes,
    };
    let work = next.run(Request::from_parts(parts, Body::from(bytes)));
    match fate {
        Fate::Pass | Fate::Partly(_) => work.await,
        Fate::LoseRequest => line.cut().await,
        Fate::LoseResponse => {
            work.await;
            line.cut().await
        }
        Fate::SwallowRequest => std::future::pending().await,
        Fate::SwallowResponse => {
            work.await;
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
            let response = work.await;
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
            let response = work.await;
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
        Fate::Stale { from } => stale(work.await, from).await,
    }
}

/// Goes on although the connection that it came by may break.
async fn detached(work: impl Future<Output = Response> + Send + 'static) -> Response {
    tokio::spawn(work).await.unwrap()
}

fn refusal(status: StatusCode, kind: &str) -> Response {
    let body = serde_json::json!({"__type": kind, "message": "a fault of the test"});
    let headers = [(header::CONTENT_TYPE, CONTENT_TYPE)];
    (status, headers, body.to_string()).into_response()
}

/// What a replica says that has not seen everything yet.
async fn stale(response: Response, from: usize) -> Response {
    let mut answer = body_of(response).await;
    if let Some(items) = answer["Items"].as_array_mut() {
        items.truncate(from);
        let count = items.len();
        answer["Count"] = count.into();
        answer["ScannedCount"] = count.into();
    }
    json_response(&answer)
}

/// Carries out a part of a batch and gives the rest back.
async fn partly(
    mut body: Value,
    count: usize,
    mut parts: axum::http::request::Parts,
    next: Next,
) -> Response {
    let mut left = Value::Object(serde_json::Map::new());
    for (table, requests) in body["RequestItems"].as_object_mut().unwrap() {
        let requests = requests.as_array_mut().unwrap();
        let rest = requests.split_off(count.min(requests.len()));
        if !rest.is_empty() {
            left[table] = Value::Array(rest);
        }
    }
    let bytes = body.to_string();
    let length = HeaderValue::from(bytes.len());
    parts.headers.insert(header::CONTENT_LENGTH, length);
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut answer = body_of(next.run(request).await).await;
    answer["UnprocessedItems"] = left;
    json_response(&answer)
}

async fn body_of(response: Response) -> Value {
    let bytes = to_bytes(response.into_body(), MAX_BYTES).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn json_response(body: &Value) -> Response {
    HttpResponse::builder()
        .header(header::CONTENT_TYPE, CONTENT_TYPE)
        .body(Body::from(body.to_string()))
        .unwrap()
}
