//! Connections that are held: requests without an end, written byte by byte, and answers that nobody reads.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

use super::world::{KEY, World};

/// Between two bytes of a slow writer.
const DRIP: Duration = Duration::from_millis(500);
/// What a reader that does not read takes in, in bytes.
const UNREAD_BYTES: u32 = 4096;
/// Between two tries of one that is sent away.
const AGAIN: Duration = Duration::from_millis(300);

/// So many of all kinds until it is over: who is sent away comes again.
pub(super) async fn unfinished(world: &World, count: usize, over: watch::Receiver<bool>) {
    let host = world.host();
    let attackers = (0..count).map(|number| {
        let mut over = over.clone();
        async move {
            let attack = async {
                loop {
                    // Whatever ends it is what the service does to such a client.
                    drop(attack(host, number).await);
                    tokio::time::sleep(AGAIN).await;
                }
            };
            tokio::select! {
                () = attack => {}
                ended = over.wait_for(|is_over| *is_over) => drop(ended.unwrap()),
            }
        }
    });
    join_all(attackers).await;
}

async fn attack(host: &str, number: usize) -> std::io::Result<()> {
    let start = format!(
        "POST /api/chat/orchestrator/stream HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {KEY}\r\n"
    );
    let health = format!("GET /health HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let begin = match number % 6 {
        0 => String::new(),
        1 => format!("GET / HTTP/1.1\r\nhost: {host}\r\nx: "),
        2 => format!(
            "{start}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{{\"query\": \""
        ),
        3 => format!("{start}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"),
        4 => format!("{health}GET /health HTTP/1.1\r\nx: "),
        _ => return unread(host).await,
    };
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(begin.as_bytes()).await?;
    let drip: &[u8] = if number % 6 == 3 { b"1\r\n \r\n" } else { b"x" };
    loop {
        tokio::time::sleep(DRIP).await;
        stream.write_all(drip).await?;
    }
}

/// Asks for much again and again on one connection, and reads none of it.
async fn unread(host: &str) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(UNREAD_BYTES)?;
    let address = host.parse().map_err(std::io::Error::other)?;
    let mut stream = socket.connect(address).await?;
    loop {
        let request = format!(
            "GET /openapi.json HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {KEY}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        tokio::time::sleep(DRIP).await;
    }
}
