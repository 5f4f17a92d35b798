//! Requests that no HTTP library would send as they are.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::wait::within;

/// Sends one request, its target exactly as written, and gives the whole response.
pub async fn exchange(address: &str, method: &str, target: &str, headers: &[&str]) -> String {
    let host = address.trim_start_matches("http://");
    let mut lines = vec![format!("{method} {target} HTTP/1.1")];
    if !headers.iter().any(|line| line.starts_with("host: ")) {
        lines.push(format!("host: {host}"));
    }
    lines.extend(headers.iter().map(|&line| line.to_owned()));
    lines.push("connection: close\r\n\r\n".to_owned());
    within("a raw response", async {
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream
            .write_all(lines.join("\r\n").as_bytes())
            .await
            .unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await.unwrap();
        String::from_utf8_lossy(&response).into_owned()
    })
    .await
}
