//! The environment of a function that drives runs, read in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::time::Duration;

use catalog::{Catalog, Target};
use model::{Server, Timeouts};
use run::{Cost, ModelId};

use crate::config_error::{ConfigError, MAX_NUMBER};
use crate::model_servers;
use crate::models::SecretKeys;
use crate::tools::HeaderValues;

/// The catalogue that ships with the project, for where no file is named.
const SHIPPED_CATALOG: &str = include_str!("../../../tools_config.json");
const DEFAULT_TABLE: &str = "serverless-llm";
const DEFAULT_LEASE_SECONDS: NonZeroU64 = NonZeroU64::new(15).expect("15 is not 0");
const DEFAULT_FUNCTION_SECONDS: NonZeroU64 = NonZeroU64::new(900).expect("900 is not 0");
const DEFAULT_WATCH_SECONDS: NonZeroU64 = NonZeroU64::new(120).expect("120 is not 0");
const DEFAULT_TTL_DAYS: NonZeroU64 = NonZeroU64::new(30).expect("30 is not 0");
const DEFAULT_IDLE_SECONDS: NonZeroU64 = NonZeroU64::new(90).expect("90 is not 0");
const DEFAULT_MAX_RUNS: NonZeroU64 = NonZeroU64::new(32).expect("32 is not 0");
const DEFAULT_RUN_COST: Cost = Cost {
    nano_usd: 1_000_000_000,
};
const MAX_DOLLARS: Cost = Cost {
    nano_usd: 1_000_000_000_000,
};
const EXTRA_CA_CERTS: &str = "EXTRA_CA_CERTS";
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// What a driving function is told by its environment.
#[derive(Debug)]
pub struct Config {
    pub catalog: Catalog,
    /// Servers of the models whose address is set.
    pub servers: BTreeMap<ModelId, Server>,
    /// Which of their keys stand in secrets; in a box, as next to no configuration has any.
    pub secret_keys: Box<SecretKeys>,
    /// What the headers of tools' servers hold.
    pub header_values: HeaderValues,
    /// Certificates of authorities that servers of models and tools are trusted by, in PEM, or the path of a file of them.
    pub extra_ca_certs: Option<String>,
    pub table: String,
    /// How long a driver holds a run without renewing.
    pub lease: Duration,
    /// How long a function may run, where the platform does not say.
    pub function: Duration,
    /// How long a stream of a watcher lasts, before its client is asked to come again.
    pub watch: Duration,
    /// The function that goes on with a suspended run, where there is one.
    pub driver_function: Option<String>,
    /// How long a run is kept.
    pub keep: Duration,
    /// How long a model server may be silent.
    pub model_idle: Duration,
    /// Runs that one process drives at once.
    pub max_runs: usize,
    /// What is set aside for a run of an account that has dollars a day, where its request says nothing.
    pub default_run_cost: Cost,
}

/// The table of runs: all that its readers need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableConfig {
    pub name: String,
    /// How long a run is kept.
    pub keep: Duration,
}

/// A catalogue, and an environment in which secrets may stand by their names.
#[derive(Debug)]
pub struct Draft {
    catalog: Catalog,
}

impl Draft {
    fn read(env: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let catalog = read_catalog(unless_empty(env)("TOOLS_CONFIG"))?;
        Ok(Self { catalog })
    }

    /// The variables that may name a secret, as far as they are set, with what they hold: keys and headers of servers, and certificates.
    pub fn secret_variables(&self) -> Vec<(String, String)> {
        let keys = self
            .catalog
            .models
            .iter()
            .map(|model| &*model.variables.key);
        let headers = self.catalog.header_variables();
        let mut names = BTreeSet::new();
        names.extend(keys.chain(headers).chain([EXTRA_CA_CERTS]));
        let env = unless_empty(env_of_process);
        let held = |name: &str| Some((name.to_owned(), env(name)?));
        names.into_iter().filter_map(held).collect()
    }

    /// The configuration, with what secrets hold in the place of the variables that name them.
    pub fn finish(self, secrets: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
        let held = |name: &str| secrets.get(name).cloned();
        let named = self.catalog.models.iter().filter_map(|model| {
            let variable = &model.variables.key;
            let name = secrets.get(variable).and(env_of_process(variable))?;
            Some((model.id.clone(), (variable.clone(), name)))
        });
        let secret_keys = Box::new(SecretKeys::new(named.collect()));
        let config = Config::read(self.catalog, |name| {
            held(name).or_else(|| env_of_process(name))
        })?;
        Ok(Config {
            secret_keys,
            ..config
        })
    }
}

impl Config {
    /// Reads the catalogue that the environment of this process names. Its schemas are left to [`Catalog::check_schemas`].
    pub fn begin() -> Result<Draft, ConfigError> {
        let draft = Draft::read(&env_of_process)?;
        let catalog = &draft.catalog;
        if catalog.names_tell_roles {
            tracing::warn!(
                "no tool of TOOLS_CONFIG says `ends_run`: what its tools are is taken from their names; \
                 say it at the tool whose success is the answer, or `false` where only the orchestrator answers"
            );
        }
        if !catalog.unsaid.is_empty() {
            tracing::info!(
                fields = catalog.unsaid.join(", "),
                "TOOLS_CONFIG does not say what these arguments are, as names alone tell nothing where a tool says `ends_run`"
            );
        }
        Ok(draft)
    }

    /// How long model servers may be silent.
    pub const fn timeouts(&self) -> Timeouts {
        Timeouts {
            idle: self.model_idle,
        }
    }

    fn read(
        mut catalog: Catalog,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let env = unless_empty(env);
        // Lambda refuses a call that names a tenant to a function without tenant isolation.
        if !switch(&env, "TENANT_ISOLATION")? {
            for tool in &mut catalog.tools {
                match &mut tool.target {
                    Target::Lambda(lambda) => lambda.tenant = None,
                    Target::Models(_)
                    | Target::Http(_)
                    | Target::Mcp(_)
                    | Target::Discuss(_)
                    | Target::Chain(_) => {}
                }
            }
        }
        let header_values = HeaderValues::read(&catalog, &env);
        let servers = model_servers::read(&catalog, &header_values, &env)?;
        let table = TableConfig::read(&env)?;
        let seconds = |variable, default| number(&env, variable, default).map(Duration::from_secs);
        Ok(Self {
            header_values,
            extra_ca_certs: env(EXTRA_CA_CERTS),
            catalog,
            servers,
            secret_keys: Box::default(),
            table: table.name,
            lease: seconds("LEASE_SECONDS", DEFAULT_LEASE_SECONDS)?,
            function: seconds("FUNCTION_SECONDS", DEFAULT_FUNCTION_SECONDS)?,
            watch: seconds("WATCH_SECONDS", DEFAULT_WATCH_SECONDS)?,
            driver_function: env("DRIVER_FUNCTION"),
            keep: table.keep,
            model_idle: seconds("MODEL_IDLE_SECONDS", DEFAULT_IDLE_SECONDS)?,
            max_runs: usize::try_from(number(&env, "MAX_RUNS", DEFAULT_MAX_RUNS)?)
                .unwrap_or(usize::MAX),
            default_run_cost: dollars(&env, "DEFAULT_RUN_USD", DEFAULT_RUN_COST)?,
        })
    }
}

impl TableConfig {
    /// Reads the environment of this process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&unless_empty(env_of_process))
    }

    fn read(env: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let days = number(env, "RUN_TTL_DAYS", DEFAULT_TTL_DAYS)?;
        Ok(Self {
            name: env("TABLE_NAME").unwrap_or_else(|| DEFAULT_TABLE.to_owned()),
            keep: Duration::from_secs(days.saturating_mul(SECONDS_PER_DAY)),
        })
    }
}

fn env_of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Empty variables count as not set.
fn unless_empty(env: impl Fn(&str) -> Option<String>) -> impl Fn(&str) -> Option<String> {
    move |name| env(name).filter(|value| !value.trim().is_empty())
}

fn read_catalog(path: Option<String>) -> Result<Catalog, ConfigError> {
    let (path, text) = match path {
        None => ("that is built in".to_owned(), SHIPPED_CATALOG.to_owned()),
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => (path, text),
            Err(source) => return Err(ConfigError::CatalogUnreadable { path, source }),
        },
    };
    Catalog::parse_before_schemas(&text).map_err(|error| ConfigError::Catalog { path, error })
}

fn number(
    env: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
    default: NonZeroU64,
) -> Result<u64, ConfigError> {
    let Some(found) = env(variable) else {
        return Ok(default.get());
    };
    match found.trim().parse::<NonZeroU64>() {
        Ok(number) if number.get() <= MAX_NUMBER => Ok(number.get()),
        Ok(_) | Err(_) => Err(ConfigError::Number { variable, found }),
    }
}

/// An amount that a variable says.
///
/// # Errors
/// It is none, or more than anybody means.
pub fn dollars(
    env: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
    default: Cost,
) -> Result<Cost, ConfigError> {
    let Some(found) = env(variable) else {
        return Ok(default);
    };
    match found.trim().parse::<f64>().map(Cost::of_usd) {
        Ok(cost) if cost > Cost::ZERO && cost <= MAX_DOLLARS => Ok(cost),
        Ok(_) | Err(_) => Err(ConfigError::Dollars { variable, found }),
    }
}

/// A switch that is on where nothing is said.
fn switch(
    env: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
) -> Result<bool, ConfigError> {
    let Some(found) = env(variable) else {
        return Ok(true);
    };
    match found.trim() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(ConfigError::Switch { variable, found }),
    }
}

#[cfg(test)]
mod tests;
