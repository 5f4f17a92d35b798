//! How the services of AWS are reached.

use host::aws::{PassingRefusals, SdkConfig};

/// How a table elsewhere is reached: each attempt bounded in time, and what passes tried again.
pub fn table_config(aws: &SdkConfig) -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::config::Builder::from(aws)
        .timeout_config(host::aws::table_timeouts())
        .retry_config(host::aws::table_retries())
        .retry_classifier(PassingRefusals)
}

/// How functions are reached. An invocation's time is that of its tool.
pub fn lambda_config(aws: &SdkConfig) -> aws_sdk_lambda::config::Builder {
    aws_sdk_lambda::config::Builder::from(aws).retry_classifier(PassingRefusals)
}
