//! Beginning a session.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{ClientCapabilities, ClientConfig, Implementation, ProtocolVersion};
use rmcp::service::{
    ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, ClientServiceExt, RunningService,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::common::client_side_sse::ExponentialBackoff;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use tokio::time::timeout;

use crate::address::Address;
use crate::era::Era;
use crate::http_client::HttpClient;
use crate::problem::Problem;
use crate::session::Session;

/// How long a server may take to begin a session. One that passes over the question of the newer era is asked in the older way after ten seconds.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// Largest answer, decoded: what an invocation of a function may bring, and what encoding adds to it.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// What is read of a refusal.
const MAX_REFUSAL_BYTES: usize = 4 * 1024;
/// Times that a broken stream is asked for again, with doubling pauses that begin so.
const RECONNECTS: usize = 3;
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

type Service = RunningService<RoleClient, ClientConfig>;

/// Begins a session with a server, of which may be known what it speaks.
pub(crate) async fn connect(address: &Address, known: Option<Era>) -> Result<Session, Problem> {
    let begun = timeout(CONNECT_LIMIT, begin_in_era(address, known)).await;
    let service = match begun {
        Ok(Ok(service)) => service,
        Ok(Err(error)) => return Err(Problem::of_begin(&error)),
        Err(_) => return Err(Problem::late(CONNECT_LIMIT)),
    };
    let session = Session::new(service);
    let peer = session.peer();
    peer.set_response_cache_config(ClientCacheConfig::disabled())
        .await;
    if let Some(info) = peer.peer_info()
        && !ProtocolVersion::KNOWN_VERSIONS.contains(&info.protocol_version)
    {
        return Err(Problem::unknown_version(info.protocol_version.as_str()));
    }
    Ok(session)
}

async fn begin_in_era(
    address: &Address,
    known: Option<Era>,
) -> Result<Service, ClientInitializeError> {
    if known == Some(Era::WithSessions) {
        return begin(address, ClientLifecycleMode::Initialize).await;
    }
    let either = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: None,
    };
    match begin(address, either).await {
        // There are servers that answer whatever they do not know with some result.
        Err(ClientInitializeError::ExpectedInitResult(_)) => {
            begin(address, ClientLifecycleMode::Initialize).await
        }
        begun => begun,
    }
}

async fn begin(
    address: &Address,
    lifecycle: ClientLifecycleMode,
) -> Result<Service, ClientInitializeError> {
    let headers = address.headers.iter();
    let headers: HashMap<_, _> = headers
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut config = StreamableHttpClientTransportConfig::with_uri(address.url.as_str())
        .custom_headers(headers)
        .max_sse_event_size(MAX_ANSWER_BYTES)
        .max_json_response_size(MAX_ANSWER_BYTES)
        .max_error_response_size(MAX_REFUSAL_BYTES);
    let mut backoff = ExponentialBackoff::default();
    backoff.max_times = Some(RECONNECTS);
    backoff.base_duration = RECONNECT_AFTER;
    config.retry_config = Arc::new(backoff);
    let client = HttpClient(address.client.clone());
    let transport = StreamableHttpClientTransport::with_client(client, config);
    us().serve_with_lifecycle(transport, lifecycle).await
}

/// Who asks. Nothing is declared: no server is given a model's words, files or a person's answers.
fn us() -> ClientConfig {
    let name = Implementation::new("serverless-llm", env!("CARGO_PKG_VERSION"));
    ClientConfig::new(ClientCapabilities::default(), name)
}
