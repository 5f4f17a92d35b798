//! Everything that the stack takes from its environment, read once.

use anyhow::Context as _;
use orchestrator::{Access, Config};
use reqwest::Url;

const LAMBDA_ENDPOINT: &str = "AWS_ENDPOINT_URL_LAMBDA";

/// What the parts of the stack are told.
pub struct Settings {
    pub orchestrator: Config,
    pub access: Access,
    pub search: search::Config,
    pub read_url: read_url::Config,
    pub code_interpreter: code_interpreter::Config,
    pub table: Place,
    pub tools: Place,
    /// Whether models without an address are looked for on this machine.
    pub look_for_models: bool,
}

/// Where a service of AWS is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this process, on a loopback port, behind a key of its own.
    Embedded,
    /// Where the SDK's environment says, with its credentials.
    Outside,
}

impl Settings {
    pub fn from_env() -> anyhow::Result<Self> {
        let orchestrator = Config::from_env().context("read the configuration")?;
        let schemas = orchestrator.catalog.check_schemas();
        schemas.context("the catalogue is wrong")?;
        Ok(Self {
            orchestrator,
            access: Access::from_env(Access::OPEN).context("read the configuration")?,
            search: search::Config::from_env().context("read the configuration")?,
            read_url: read_url::Config::from_env().context("read the configuration")?,
            code_interpreter: code_interpreter::Config::from_env()
                .context("read the configuration")?,
            table: Place::of_table(),
            tools: Place::by_variable(LAMBDA_ENDPOINT),
            look_for_models: true,
        })
    }
}

impl Place {
    /// Where the table of this process's environment is.
    pub(crate) fn of_table() -> Self {
        Self::by_variable("AWS_ENDPOINT_URL_DYNAMODB")
    }

    /// Where tools that are functions are, for people.
    pub(crate) const fn of_tools(self) -> &'static str {
        match self {
            Self::Embedded => "search, read_url, code_interpreter in this process",
            Self::Outside => "functions at AWS_ENDPOINT_URL_LAMBDA",
        }
    }

    /// The endpoint that the environment names for functions. An error says what is wrong with it.
    pub(crate) fn lambda_endpoint() -> Result<Url, String> {
        let found = std::env::var(LAMBDA_ENDPOINT).unwrap_or_default();
        Url::parse(&found).map_err(|error| format!("{LAMBDA_ENDPOINT} is no address: {error}"))
    }

    fn by_variable(name: &str) -> Self {
        match std::env::var_os(name) {
            Some(value) if !value.is_empty() => Self::Outside,
            Some(_) | None => Self::Embedded,
        }
    }
}
