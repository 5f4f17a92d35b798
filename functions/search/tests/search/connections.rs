//! Connections that end before an answer begins.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::stand::{Stand, failed, pages};

/// A server that takes requests and hangs up on the first so many; gives its address.
async fn hangs_up(times: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for at in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            if at >= times {
                let body = pages::TAVILY;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    address
}

#[tokio::test]
async fn a_connection_that_dies_before_the_answer_is_made_once_more_and_not_again() {
    let cut = "tavily broke off in the middle of its answer";
    for (times, answers) in [(0, true), (1, true), (2, false)] {
        let address = hangs_up(times).await;
        let variables = [("SEARCH_PROVIDERS", "tavily"), ("TAVILY_URL", &*address)];
        let told = Stand::with(&variables).await.search("rust").await;
        if answers {
            assert_eq!(told["result"]["num_results"], 2, "{times}: {told}");
            assert_eq!(told["result"]["tried"], json!([]));
        } else {
            assert_eq!(told, failed("bad_response", cut, true));
        }
    }
}
