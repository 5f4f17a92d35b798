//! Puts the services together from configuration, the same way in Lambda and on a laptop.

use drive::{Config, Services};
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
