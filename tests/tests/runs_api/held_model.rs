//! A model server that takes one request, says the beginning of a reply or nothing, and then waits for the connection to
//! close: what a server sees that is to stop writing.

use std::net::Ipv4Addr;

use tests::wait::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub struct HeldModel {
    pub address: String,
    conversation: JoinHandle<()>,
    asked: tokio::sync::watch::Receiver<bool>,
}

impl HeldModel {
    /// Says `beginning`, a part of a stream, and nothing more; with `None` not even that an answer begins.
    pub async fn start(beginning: Option<&'static str>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = tokio::sync::watch::channel(false);
        let conversation = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            if let Some(text) = beginning {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                let chunk = format!("{head}{:x}\r\n{text}\r\n", text.len());
                stream.write_all(chunk.as_bytes()).await.unwrap();
            }
            tell.send_replace(true);
            let mut more = [0; 1];
            // A close or a reset: either way nobody reads any more.
            assert!(matches!(stream.read(&mut more).await, Ok(0) | Err(_)));
        });
        Self {
            address,
            conversation,
            asked,
        }
    }

    /// Waits until the request is there.
    pub async fn asked(&self) {
        let mut asked = self.asked.clone();
        let wait = asked.wait_for(|it| *it);
        within("a request to the model", wait).await.unwrap();
    }

    /// Waits until the client has closed the connection.
    pub async fn dropped(self) {
        within("the request to be dropped", self.conversation)
            .await
            .unwrap();
    }

    pub fn is_still_asked(&self) -> bool {
        !self.conversation.is_finished()
    }
}

async fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        assert_ne!(count, 0, "the request breaks off");
        request.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.split_once("content-length: ").unwrap().1;
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() >= length {
                return;
            }
        }
    }
}
