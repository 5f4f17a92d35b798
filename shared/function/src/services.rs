//! Puts the services together from configuration, the same way in Lambda and on a laptop.

use drive::{Config, Services};
use host::aws::{PassingRefusals, SdkConfig};
use host::http::{self, ClientError};
use model::Client;

use crate::tools;

/// A client for model servers.
pub fn model_client(config: &Config) -> Result<Client, ClientError> {
    let (direct, outward) = (http::direct_client()?, http::outward_client()?);
    Ok(Client::new(direct, outward, config.timeouts()))
}

/// The services over the two AWS clients. What else reaches tools is made here.
pub fn services(
    config: Config,
    dynamodb: aws_sdk_dynamodb::Client,
    lambda: aws_sdk_lambda::Client,
) -> Result<Services, ClientError> {
    let client = model_client(&config)?;
    let tools = tools::tools(&config)?;
    Ok(Services::new(config, client, tools, dynamodb, lambda))
}

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
