//! A server that writes bytes and breaks connections as no HTTP library would, for each request the same.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{self, JoinHandle, JoinSet};

/// What it does to a connection, one after the other; then it closes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Waits for the whole request.
    Read,
    Write(Vec<u8>),
    /// Writes byte by byte, each in a packet of its own.
    Drip(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Nothing more, for ever.
    Hang,
}

/// Serves until it is dropped.
#[derive(Debug)]
pub struct RawServer {
    /// With its port, without a scheme.
    pub host: String,
    task: JoinHandle<()>,
}

impl RawServer {
    pub async fn start(moves: Vec<Move>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let moves: Arc<[Move]> = moves.into();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&moves)));
            }
        });
        Self { host, task }
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client that has gone ends it early.
async fn serve(mut stream: TcpStream, moves: Arc<[Move]>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    for each in moves.iter() {
        match each {
            Move::Read => read_request(&mut stream).await?,
            Move::Write(bytes) => stream.write_all(bytes).await?,
            Move::Drip(bytes) => {
                for byte in bytes {
                    stream.write_all(&[*byte]).await?;
                    task::yield_now().await;
                }
            }
            Move::Reset => return stream.set_zero_linger(),
            Move::Hang => std::future::pending().await,
        }
    }
    stream.shutdown().await
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = request.windows(4).position(|it| it == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if request.len() >= end + 4 + length {
                return Ok(());
            }
        }
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
}
