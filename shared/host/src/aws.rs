//! The one place that configures AWS clients: TLS by ring, and time-outs, which the SDK does not set by itself.

use std::time::Duration;

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// One attempt at reaching a service.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// One attempt at a request to the table, and all of them together: a request that hangs must not hold a run up.
const TABLE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const TABLE_TIMEOUT: Duration = Duration::from_secs(8);
/// Region where none is set; only other endpoints than AWS's own work with it.
const FALLBACK_REGION: &str = "us-east-1";

/// Region, credentials and endpoints as the environment says, with this project's HTTP client.
///
/// `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_LAMBDA` are read by the SDK itself. The machine's metadata service is not
/// asked for a region: in Lambda the environment has it, and on a laptop there is no such service.
pub async fn config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .or_else(FALLBACK_REGION);
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .timeout_config(timeouts)
        .region(region)
        .load()
        .await
}

/// Time-outs for the table's client. Invocations have those of their tools.
pub fn table_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(TABLE_ATTEMPT_TIMEOUT)
        .operation_timeout(TABLE_TIMEOUT)
        .build()
}

/// HTTP for the AWS SDK: the bundled Mozilla roots, as in [`crate::http`], so that no system trust store is read.
fn http_client() -> SharedHttpClient {
    let context = TlsContext::builder()
        .with_trust_store(bundled_roots())
        .build();
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    match context {
        Ok(context) => builder.tls_context(context).build_https(),
        // The SDK gives no reason why a trust store could be refused; the system's roots then stand in.
        Err(error) => {
            tracing::warn!(%error, "the bundled roots could not be used");
            builder.build_https()
        }
    }
}

/// The SDK takes roots only as PEM.
fn bundled_roots() -> TrustStore {
    TLS_SERVER_ROOT_CERTS
        .iter()
        .fold(TrustStore::empty(), |store, root| {
            let body = STANDARD.encode(root);
            let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
            store.with_pem_certificate(pem.into_bytes())
        })
}
