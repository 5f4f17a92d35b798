//! Everything that the stack takes from its environment, read once.

use anyhow::Context as _;
use orchestrator::{Access, Config};

use crate::aws_environment;
pub use crate::place::Place;

/// What the parts of the stack are told.
pub struct Settings {
    pub orchestrator: Config,
    /// What a request has to show where the page is reached from this machine alone, …
    pub access: Access,
    /// … and where others reach it: nobody enters there without a key.
    pub network_access: Access,
    pub search: search::Config,
    pub read_url: read_url::Config,
    pub code_interpreter: code_interpreter::Config,
    pub table: Place,
    pub tools: Place,
    /// Whether models without an address are looked for on this machine.
    pub look_for_models: bool,
}

impl Settings {
    pub async fn from_env() -> anyhow::Result<Self> {
        let aws = async || aws_environment::config(&[Place::Outside]).await;
        let orchestrator = function::config(aws).await?;
        let schemas = orchestrator.catalog.check_schemas();
        schemas.context("the catalogue is wrong")?;
        Ok(Self {
            orchestrator,
            access: Access::from_env(Access::OPEN).context("read the configuration")?,
            network_access: Access::from_env(Access::CLOSED).context("read the configuration")?,
            search: search::Config::from_env().context("read the configuration")?,
            read_url: read_url::Config::from_env().context("read the configuration")?,
            code_interpreter: code_interpreter::Config::from_env()
                .context("read the configuration")?,
            table: Place::of_table(),
            tools: Place::of_functions(),
            look_for_models: true,
        })
    }
}
