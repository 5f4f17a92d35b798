//! The models and tools that this process's environment names, as a stack has them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use drive::Services;

use crate::driver_function::DriverFunction;
use crate::guard::AccessKey;
use crate::settings::{Place, Settings};
use crate::tool_functions::Tools;
use crate::{aws_environment, discover, open_table, serve};

/// How long servers that list their tools may take.
const LIST_LIMIT: Duration = Duration::from_secs(10);

/// Models and tools, and a table that lasts as long as this value.
pub(super) struct Opened {
    pub(super) services: Arc<Services>,
    /// The functions of this process.
    pub(super) functions: Tools,
    /// Where functions are that have no endpoint of their own.
    pub(super) place: Place,
    /// What servers took that list their tools.
    pub(super) listed_in: Duration,
}

impl Opened {
    pub(super) async fn from_env() -> anyhow::Result<Self> {
        let Settings {
            orchestrator: mut config,
            search,
            read_url,
            code_interpreter,
            tools: place,
            look_for_models,
            access: _,
            network_access: _,
            table: _,
        } = Settings::from_env().await?;
        let functions = Tools::new(search, read_url, code_interpreter)?;
        let key = AccessKey::random().context("make an access key")?;
        let aws = aws_environment::config(&[place]).await?;
        let table = open_table::in_memory(&config.table, &aws, &key).await?;
        let driver = DriverFunction::default();
        let lambda = serve::open_tools(place, &functions, &driver, &aws, &key).await?;
        if look_for_models {
            let client = function::model_client(&config).context("build the HTTP clients")?;
            discover::add_found(&mut config.servers, &config.catalog, &client, 0).await;
        }
        serve::rehearse_if_alone(&mut config, &functions, &key).await?;
        let services =
            function::services(config, table, lambda).context("build the HTTP clients")?;
        let began = Instant::now();
        services.tools.list(&services.catalog, LIST_LIMIT).await;
        Ok(Self {
            listed_in: began.elapsed(),
            services: Arc::new(services),
            functions,
            place,
        })
    }
}
