//! Puts the services together from configuration, the same way in Lambda and on a laptop.

use std::fmt::Display;

use anyhow::Context as _;
use drive::{Config, ReadSecrets, Services};
use host::Authorities;
use host::aws::{SdkConfig, read_current_secrets, read_secrets};
use host::http::{self, ClientError};
use model::Client;

use crate::tools;

/// The configuration of this process's environment, with what those secrets hold that it names. `aws` is asked only where it names one.
pub async fn config<E: Display>(
    aws: impl AsyncFnOnce() -> Result<SdkConfig, E>,
) -> anyhow::Result<Config> {
    let draft = Config::begin().context("read the environment")?;
    let mut asked = None;
    let variables = draft.secret_variables();
    let secrets = read_secrets(&variables, async || {
        let aws = aws().await?;
        asked = Some(aws.clone());
        Ok::<_, E>(aws)
    });
    let secrets = secrets.await?;
    let mut config = draft.finish(&secrets).context("read the environment")?;
    if let Some(aws) = asked {
        let keys = *config.secret_keys;
        config.secret_keys = Box::new(keys.read_by(reads_again(aws)));
    }
    Ok(config)
}

/// Reads secrets as they are then.
fn reads_again(aws: SdkConfig) -> ReadSecrets {
    Box::new(move |variables| {
        let aws = aws.clone();
        Box::pin(async move {
            let read = read_current_secrets(&variables, &aws).await;
            read.map_err(|error| error.to_string())
        })
    })
}

/// A client for model servers.
pub fn model_client(config: &Config) -> Result<Client, ClientError> {
    let further = authorities(config)?;
    let direct = http::direct_client_trusting(&further)?;
    let outward = http::outward_client_trusting(&further)?;
    Ok(Client::new(direct, outward, config.timeouts()))
}

/// The services over the two AWS clients. What else reaches tools is made here.
pub fn services(
    config: Config,
    dynamodb: aws_sdk_dynamodb::Client,
    lambda: aws_sdk_lambda::Client,
) -> Result<Services, ClientError> {
    let client = model_client(&config)?;
    let tools = tools::tools(&config, authorities(&config)?)?;
    Ok(Services::new(config, client, tools, dynamodb, lambda))
}

/// Whom servers of models and tools are trusted by beside the bundled authorities.
fn authorities(config: &Config) -> Result<Authorities, ClientError> {
    let given = config.extra_ca_certs.as_deref();
    Ok(given
        .map(Authorities::read)
        .transpose()?
        .unwrap_or_default())
}
