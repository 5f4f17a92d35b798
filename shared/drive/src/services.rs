//! What a driver works with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use catalog::{Catalog, Offer};
use model::{Client, Server};
use run::{Fallback, ModelId, Preferences};
use store::Store;

use crate::Config;

/// Everything that driving a run needs from outside; made once a process.
#[derive(Debug)]
pub struct Services {
    pub store: Store,
    pub catalog: Catalog,
    pub models: Models,
    /// Reaches the tool functions.
    pub lambda: aws_sdk_lambda::Client,
    pub timing: Timing,
}

/// Lengths of time that an operator may set.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a driver holds a run without renewing.
    pub lease: Duration,
}

/// The servers of the catalogue's models.
#[derive(Debug)]
pub struct Models {
    pub client: Client,
    /// A model that is missing here is not configured.
    pub servers: BTreeMap<ModelId, Arc<Server>>,
}

impl Services {
    /// The services as the environment configures them, over clients that the caller has made.
    pub fn new(
        config: Config,
        client: Client,
        dynamodb: aws_sdk_dynamodb::Client,
        lambda: aws_sdk_lambda::Client,
    ) -> Self {
        let servers = config.servers.into_iter();
        Self {
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
        }
    }

    /// The tools that a run with these preferences may use here.
    pub fn offer(&self, preferences: &Preferences) -> Offer<'_> {
        self.catalog
            .offer(preferences, |model| self.models.servers.contains_key(model))
    }

    /// Who answers in the last resort.
    pub fn fallback(&self, preferences: &Preferences) -> Option<Fallback> {
        self.offer(preferences).fallback()
    }
}
