//! A tool's server on a raw socket, which can do what no library for servers would: it takes each request whole, and does what is written down
//! for it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tests::wait::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the server does with a request, step by step. Behind the last one it closes the connection.
#[derive(Clone, Debug)]
pub enum Step {
    Writes(Vec<u8>),
    /// The same for ever.
    WritesForEver(Vec<u8>),
    /// Nothing more, until the client leaves.
    WaitsForTheEnd,
    /// Takes another request on the same connection.
    KeepsOpen,
    /// Ends the connection without a farewell.
    Resets,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    /// Which connection it came on, from 0.
    pub connection: usize,
}

/// What is to be done with a request: by the request, and how many came before it with the same `fault`.
pub type Plan = dyn Fn(&Received, usize) -> Vec<Step> + Send + Sync;

pub struct ToolServer {
    pub address: String,
    book: Arc<Book>,
    task: JoinHandle<()>,
}

struct Book {
    plan: Box<Plan>,
    requests: Mutex<Vec<Received>>,
    /// How many clients have left a connection on which the server waited for that.
    left: watch::Sender<usize>,
    arrived: watch::Sender<usize>,
}

impl ToolServer {
    pub async fn start(
        plan: impl Fn(&Received, usize) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), plan).await
    }

    pub async fn at(
        address: IpAddr,
        plan: impl Fn(&Received, usize) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let book = Arc::new(Book {
            plan: Box::new(plan),
            requests: Mutex::default(),
            left: watch::Sender::new(0),
            arrived: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&book)));
        Self {
            address,
            book,
            task,
        }
    }

    pub fn requests(&self) -> Vec<Received> {
        self.book.requests.lock().unwrap().clone()
    }

    /// How many requests came with this fault.
    pub fn asked(&self, fault: &str) -> usize {
        let requests = self.book.requests.lock().unwrap();
        requests.iter().filter(|it| it.fault() == fault).count()
    }

    /// Waits until so many requests have come.
    pub async fn arrived(&self, requests: usize) {
        let mut arrived = self.book.arrived.subscribe();
        let waited = arrived.wait_for(|it| *it >= requests);
        within("a request of a tool", waited).await.unwrap();
    }

    /// Waits until so many clients have left while the server waited for their end.
    pub async fn left_by(&self, clients: usize) {
        let mut left = self.book.left.subscribe();
        let waited = left.wait_for(|it| *it >= clients);
        within("a client to leave", waited).await.unwrap();
    }
}

impl Drop for ToolServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Received {
    pub fn fault(&self) -> &str {
        self.body["arguments"]["fault"].as_str().unwrap_or_default()
    }
}

async fn accept(listener: TcpListener, book: Arc<Book>) {
    for connection in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        let book = Arc::clone(&book);
        tokio::spawn(async move {
            // A client that leaves in the middle ends its connection, and nothing else.
            let _ = serve(stream, connection, &book).await;
        });
    }
}

async fn serve(mut stream: TcpStream, connection: usize, book: &Book) -> std::io::Result<()> {
    'requests: loop {
        let Some(received) = take(&mut stream, connection).await? else {
            return Ok(());
        };
        let before = {
            let mut requests = book.requests.lock().unwrap();
            let same = requests.iter().filter(|it| it.fault() == received.fault());
            let before = same.count();
            requests.push(received.clone());
            before
        };
        book.arrived.send_modify(|arrived| *arrived += 1);
        for step in (book.plan)(&received, before) {
            match step {
                Step::Writes(bytes) => stream.write_all(&bytes).await?,
                Step::WritesForEver(bytes) => loop {
                    stream.write_all(&bytes).await?;
                    tokio::task::yield_now().await;
                },
                Step::WaitsForTheEnd => {
                    let mut rest = [0; 1024];
                    while !matches!(stream.read(&mut rest).await, Ok(0) | Err(_)) {}
                    book.left.send_modify(|left| *left += 1);
                    return Ok(());
                }
                Step::KeepsOpen => continue 'requests,
                Step::Resets => {
                    stream.set_zero_linger()?;
                    return Ok(());
                }
            }
        }
        return Ok(());
    }
}

/// Takes a request whole. Whoever speaks another protocol is told so in HTTP.
async fn take(stream: &mut TcpStream, connection: usize) -> std::io::Result<Option<Received>> {
    let mut bytes = Vec::new();
    let end = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        if !bytes[0].is_ascii_alphabetic() {
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await?;
            return Ok(None);
        }
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: BTreeMap<_, _> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |it| it.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    let body = if length == 0 {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap()
    };
    Ok(Some(Received {
        line,
        headers,
        body,
        connection,
    }))
}

/// A whole response with a status, further lines of its head, and a body; the connection stays.
pub fn answers(status: u16, lines: &[&str], body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status} \r\ncontent-length: {}\r\n", body.len());
    for line in lines {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let bytes = [head.as_bytes(), body].concat();
    vec![Step::Writes(bytes), Step::KeepsOpen]
}

/// A response with this JSON.
pub fn json_with(status: u16, body: &Value) -> Vec<Step> {
    answers(
        status,
        &["content-type: application/json"],
        body.to_string(),
    )
}

/// Success with this result.
pub fn succeeds(result: &Value) -> Vec<Step> {
    json_with(200, &json!({"ok": true, "result": result}))
}
