//! Puts the services together from configuration, the same way in Lambda and on a laptop.

use std::sync::Arc;

use drive::{Models, Services, Timing};
use host::http::{self, ClientError};
use model::{Client, Timeouts};
use store::Store;

use crate::Config;

/// A client for model servers.
pub fn model_client(config: &Config) -> Result<Client, ClientError> {
    let timeouts = Timeouts {
        idle: config.model_idle,
    };
    Ok(Client::new(
        http::direct_client()?,
        http::outward_client()?,
        timeouts,
    ))
}

/// The services over the two AWS clients.
pub fn services(
    config: Config,
    dynamodb: aws_sdk_dynamodb::Client,
    lambda: aws_sdk_lambda::Client,
) -> Result<Services, ClientError> {
    let client = model_client(&config)?;
    let servers = config.servers.into_iter();
    Ok(Services {
        store: Store::new(dynamodb, config.table, config.keep),
        catalog: config.catalog,
        models: Models {
            client,
            servers: servers.map(|(id, server)| (id, Arc::new(server))).collect(),
        },
        lambda,
        timing: Timing {
            lease: config.lease,
        },
    })
}
