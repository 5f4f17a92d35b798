use std::future::pending;
use std::net::Ipv4Addr;

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// More than the system takes for a connection that nobody reads.
const LARGE: usize = 64 * 1024 * 1024;
/// No test waits for it.
const LONG: Duration = Duration::from_hours(1);
const SMALL: &str = "GET /small HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const REFUSED: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n";

/// A port with one place.
async fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/small", get(async || "small"))
        .route("/large", get(async || vec![b'x'; LARGE]));
    let limits = Limits {
        connections: 1,
        per_address: 1,
        head: LONG,
        body: LONG,
        idle: LONG,
    };
    tokio::spawn(serve(listener, router, limits, pending()));
    address
}

async fn ask(address: SocketAddr, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    stream
}

/// Reads the head of an answer, byte by byte, and what it says of the body's length.
async fn read_head(stream: &mut TcpStream) -> usize {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let length = head.split("content-length: ").nth(1).unwrap();
    length.lines().next().unwrap().parse().unwrap()
}

async fn hear(mut stream: TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    heard
}

/// The answer is in one piece, which is taken at once however long it takes to be sent.
#[tokio::test]
async fn an_answer_that_is_still_being_sent_is_not_cut_for_others() {
    let address = start().await;
    let mut slow = ask(address, b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let length = read_head(&mut slow).await;
    for _ in 0..3 {
        let heard = hear(ask(address, SMALL.as_bytes()).await).await;
        assert!(heard.starts_with(REFUSED), "{heard:?}");
    }
    let mut body = vec![0; length];
    slow.read_exact(&mut body).await.unwrap();
    assert_eq!(length, LARGE);
    // Then it waits as any other: it can ask again, and makes room.
    slow.write_all(SMALL.as_bytes()).await.unwrap();
    assert_eq!(read_head(&mut slow).await, "small".len());
}

/// However much the refused have sent until then, as far as the system takes it.
#[tokio::test]
async fn the_refused_hear_why_whatever_they_have_sent() {
    let address = start().await;
    let mut slow = ask(address, b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    read_head(&mut slow).await;
    let post = |length: usize| {
        let head = format!("POST /small HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; length]].concat()
    };
    let long_head = format!("GET /small HTTP/1.1\r\nx: {}", "x".repeat(MAX_HEAD_BYTES));
    let cases = [
        Vec::new(),
        b"GET".to_vec(),
        SMALL.as_bytes().to_vec(),
        SMALL.repeat(100).into_bytes(),
        long_head.into_bytes(),
        post(10),
        post(300_000),
        // No HTTP at all, as of a browser that tries TLS.
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
    ];
    for sent in cases {
        let shown = String::from_utf8_lossy(&sent[..sent.len().min(60)]).into_owned();
        let heard = hear(ask(address, &sent).await).await;
        let heard = String::from_utf8(heard).unwrap();
        assert!(heard.as_bytes().starts_with(REFUSED), "{shown}: {heard}");
        assert!(heard.ends_with("try again later.\"}}"), "{shown}: {heard}");
    }
}

/// As a client that sends the body of its request before it reads: a reset would take from it what it has not read yet.
#[tokio::test]
async fn the_refused_may_go_on_sending_for_a_moment() {
    let address = start().await;
    let mut slow = ask(address, b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    read_head(&mut slow).await;
    let head = b"POST /small HTTP/1.1\r\nhost: a\r\ncontent-length: 10000\r\n\r\n";
    let mut refused = ask(address, head).await;
    let mut heard = Vec::new();
    refused.read_to_end(&mut heard).await.unwrap();
    assert!(heard.starts_with(REFUSED), "{heard:?}");
    for _ in 0..10 {
        refused.write_all(&[b'x'; 1000]).await.unwrap();
    }
}

/// A stream that nobody ends must not keep a process that is told to stop, nor its port.
#[tokio::test]
async fn a_shutdown_frees_the_port_at_once_and_open_answers_go_on() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (more, given) = tokio::sync::mpsc::channel::<&'static str>(1);
    let given = Arc::new(tokio::sync::Mutex::new(given));
    let stream = async move || {
        let parts = futures_util::stream::unfold(given.lock_owned().await, async |mut given| {
            Some((Ok::<_, Infallible>(given.recv().await?), given))
        });
        Body::from_stream(parts)
    };
    let router = Router::new().route("/stream", get(stream));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap() };
    let served = tokio::spawn(serve(listener, router, Limits::of_page(), shutdown));
    let mut open = ask(
        address,
        b"GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    more.send("before ").await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"before \r\n") {
        heard.push(open.read_u8().await.unwrap());
    }
    stop.send(()).unwrap();
    served.await.unwrap();
    drop(TcpListener::bind(address).await.unwrap());
    assert!(TcpStream::connect(address).await.is_err());
    more.send("after").await.unwrap();
    drop(more);
    let heard = String::from_utf8(hear(open).await).unwrap();
    assert!(heard.contains("after"), "{heard}");
}

#[tokio::test]
async fn a_shutdown_that_came_first_lets_nobody_in() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let _waiting = TcpStream::connect(address).await.unwrap();
    serve(
        listener,
        Router::new(),
        Limits::of_page(),
        std::future::ready(()),
    )
    .await;
    assert!(TcpStream::connect(address).await.is_err());
}
