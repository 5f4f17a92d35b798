//! The connection to the table, opened while a function starts.
//!
//! A handshake is work for the processor. While a function starts, Lambda gives it a whole core; afterwards it has what its memory pays
//! for, 0.29 of one at 512 MB, and somebody waits for its first answer.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use host::aws::SdkConfig;
use store::Store;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clients::table_config;

/// A table that takes longer is left to the first request.
const LIMIT: Duration = Duration::from_secs(1);

/// A connection that is being opened.
pub(crate) struct TableConnection(JoinHandle<()>);

impl TableConnection {
    /// Begins. All clients of this `aws` share their connections.
    pub(crate) fn open(aws: &SdkConfig, table: &str, keep: Duration) -> Self {
        // The first request asks again anyway, and with more patience.
        let client = table_config(aws).retry_config(RetryConfig::disabled());
        let client = aws_sdk_dynamodb::Client::from_conf(client.build());
        let store = Store::new(client, table, keep);
        Self(tokio::spawn(async move {
            match timeout(LIMIT, store.connect()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the table is not reached during the start");
                }
                Err(_) => tracing::warn!("the table does not answer during the start"),
            }
        }))
    }

    /// Waits until it stands, or cannot be had now.
    pub(crate) async fn opened(self) {
        if let Err(error) = self.0.await {
            tracing::error!(%error, "opening the connection to the table has failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
    use axum::Router;
    use axum::serve::ListenerExt as _;
    use tokio::net::TcpListener;

    use super::*;

    const KEEP: Duration = Duration::from_hours(1);

    fn aws(address: &str) -> SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let aws = host::aws::config().unwrap().into_builder();
        aws.endpoint_url(address)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build()
    }

    /// A table that answers so, and how many connections it was asked over.
    async fn table(answers: Router) -> (String, Arc<AtomicUsize>) {
        let connections = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&connections);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let listener = listener.tap_io(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        tokio::spawn(async move { axum::serve(listener, answers).await.unwrap() });
        (address, connections)
    }

    #[tokio::test]
    async fn the_first_request_finds_the_connection_open() {
        let item = async || ([("content-type", "application/x-amz-json-1.0")], "{}");
        let (address, connections) = table(Router::new().fallback(item)).await;
        let aws = aws(&address);
        TableConnection::open(&aws, "runs", KEEP).opened().await;
        assert_eq!(connections.load(Ordering::SeqCst), 1);
        let client = aws_sdk_dynamodb::Client::from_conf(table_config(&aws).build());
        let first = Store::new(client, "runs", KEEP).connect().await;
        first.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_table_that_refuses_is_asked_once_and_keeps_no_function_from_its_start() {
        let denied = async || (axum::http::StatusCode::INTERNAL_SERVER_ERROR, "{}");
        let (denies, connections) = table(Router::new().fallback(denied)).await;
        let aws = aws(&denies);
        TableConnection::open(&aws, "runs", KEEP).opened().await;
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }

    /// The clock is passed on whenever nothing else happens.
    #[tokio::test(start_paused = true)]
    async fn a_table_that_says_nothing_keeps_no_function_from_its_start() {
        let silent = Router::new().fallback(std::future::pending::<()>);
        let (silent, _) = table(silent).await;
        let aws = aws(&silent);
        TableConnection::open(&aws, "runs", KEEP).opened().await;
    }
}
