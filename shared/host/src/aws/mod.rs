//! The one place that configures AWS clients.
//!
//! Region, credentials, endpoints and authorities come from the environment, where Lambda puts them, and from nowhere else: the SDK's own
//! loader brings clients of four more services and a second HTTP stack into every function, which doubles what a cold start
//! has to load. HTTP is [`crate::http`]'s, as for everything else.

mod authorities;
mod connector;
mod refusals;
mod secrets;
mod variable;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
pub use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::http::ClientError;
pub use connector::http_client;
pub use refusals::PassingRefusals;
pub use secrets::{SecretError, SecretProblem, read_current_secrets, read_secrets};
use variable::variable;

/// One attempt at a request to the table, and all of them together: a request that hangs must not hold a run up.
const TABLE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const TABLE_TIMEOUT: Duration = Duration::from_secs(8);
/// Attempts at a request to the table, and the longest pauses between them: half of what is drawn on average, so that a table
/// without capacity is waited for some two seconds.
const TABLE_ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Region where none is set; only other endpoints than AWS's own work with it.
const FALLBACK_REGION: &str = "us-east-1";

/// What AWS clients are made of, as the environment says: `AWS_REGION`, `AWS_ACCESS_KEY_ID` with its two companions, and
/// `AWS_ENDPOINT_URL` with the service's name behind it or without, and `AWS_CA_BUNDLE`.
pub fn config() -> Result<SdkConfig, ClientError> {
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = region.unwrap_or_else(|| FALLBACK_REGION.to_owned());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client()?)
        .region(Region::new(region))
        .service_config(Environment);
    config.set_credentials_provider(credentials().map(SharedCredentialsProvider::new));
    Ok(config.build())
}

/// Time-outs for the table's client. Invocations have those of their tools.
pub fn table_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(TABLE_ATTEMPT_TIMEOUT)
        .operation_timeout(TABLE_TIMEOUT)
        .build()
}

/// How requests to the table are tried again, with full jitter. Each of the store's may be repeated.
pub fn table_retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(TABLE_ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE)
}

/// Lambda replaces a function's process before its credentials expire.
fn credentials() -> Option<Credentials> {
    let id = variable("AWS_ACCESS_KEY_ID")?;
    let secret = variable("AWS_SECRET_ACCESS_KEY")?;
    let token = variable("AWS_SESSION_TOKEN");
    Some(Credentials::new(id, secret, token, None, "environment"))
}

/// Settings of one service, such as its endpoint: `AWS_ENDPOINT_URL_DYNAMODB`.
#[derive(Debug)]
struct Environment;

impl LoadServiceConfig for Environment {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().replace(' ', "_").to_uppercase();
        variable(&format!("{}_{service}", key.env())).or_else(|| variable(key.env()))
    }
}
