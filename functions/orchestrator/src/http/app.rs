//! What every request works with.

use std::sync::Arc;

use drive::Services;

use super::availability::Availability;
use super::keys::KnownKeys;
use super::{Access, Hosts};

/// The services, who may use them, and what is known of the model servers.
#[derive(Clone, Debug)]
pub struct App {
    pub(super) services: Arc<Services>,
    pub(super) hosts: Arc<Hosts>,
    pub(super) access: Arc<Access>,
    pub(super) availability: Arc<Availability>,
    pub(super) keys: Arc<KnownKeys>,
}

impl App {
    pub fn new(services: Arc<Services>, hosts: Hosts, access: Access) -> Self {
        Self {
            services,
            hosts: Arc::new(hosts),
            access: Arc::new(access),
            availability: Arc::default(),
            keys: Arc::default(),
        }
    }
}
