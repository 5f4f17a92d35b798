//! The environment of a function that drives runs, read in one place.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use catalog::{Catalog, Target};
use model::{BadAddress, Server, Timeouts};
use run::ModelId;

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
/// Largest number that a variable may hold: no length of time here means anything beyond.
const MAX_NUMBER: u64 = 100_000;
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// What a driving function is told by its environment.
#[derive(Debug)]
pub struct Config {
    pub catalog: Catalog,
    /// Servers of the models whose address is set.
    pub servers: BTreeMap<ModelId, Server>,
    /// What the headers of tools' servers hold.
    pub header_values: HeaderValues,
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
}

/// The table of runs: all that its readers need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableConfig {
    pub name: String,
    /// How long a run is kept.
    pub keep: Duration,
}

/// What is wrong with the environment, and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{variable}: expected a whole number from 1 to {MAX_NUMBER}, found `{found}`")]
    Number {
        variable: &'static str,
        found: String,
    },
    #[error("{variable}: expected `on` or `off`, found `{found}`")]
    Switch {
        variable: &'static str,
        found: String,
    },
    #[error(transparent)]
    Address(#[from] BadAddress),
    #[error("TOOLS_CONFIG: the catalogue {path} cannot be read")]
    CatalogUnreadable {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the catalogue {path} is wrong at {error}")]
    Catalog {
        path: String,
        error: catalog::ConfigError,
    },
}

impl Config {
    /// Reads the environment of this process. The schemas of the catalogue are left to [`Catalog::check_schemas`].
    pub fn from_env() -> Result<Self, ConfigError> {
        let config = Self::read(|name| std::env::var(name).ok())?;
        if config.catalog.names_tell_roles {
            tracing::warn!(
                "no tool of TOOLS_CONFIG says `ends_run`: what its tools are is taken from their names; \
                 say it at the tool whose success is the answer, or `false` where only the orchestrator answers"
            );
        }
        if !config.catalog.unsaid.is_empty() {
            tracing::info!(
                fields = config.catalog.unsaid.join(", "),
                "TOOLS_CONFIG does not say what these arguments are, as names alone tell nothing where a tool says `ends_run`"
            );
        }
        Ok(config)
    }

    /// How long model servers may be silent.
    pub const fn timeouts(&self) -> Timeouts {
        Timeouts {
            idle: self.model_idle,
        }
    }

    fn read(env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let env = unless_empty(env);
        let mut catalog = read_catalog(env("TOOLS_CONFIG"))?;
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
        let mut servers = BTreeMap::new();
        for model in &catalog.models {
            let variables = &model.variables;
            if let Some(base) = env(&variables.url) {
                let name = env(&variables.model).unwrap_or_else(|| model.served_as.clone());
                let mut server = Server::new(&base, env(&variables.key), name, &*variables.url)?;
                server.thinks_first = model.thinks_first;
                servers.insert(model.id.clone(), server);
            }
        }
        let table = TableConfig::read(&env)?;
        let seconds = |variable, default| number(&env, variable, default).map(Duration::from_secs);
        Ok(Self {
            header_values: HeaderValues::read(&catalog, &env),
            catalog,
            servers,
            table: table.name,
            lease: seconds("LEASE_SECONDS", DEFAULT_LEASE_SECONDS)?,
            function: seconds("FUNCTION_SECONDS", DEFAULT_FUNCTION_SECONDS)?,
            watch: seconds("WATCH_SECONDS", DEFAULT_WATCH_SECONDS)?,
            driver_function: env("DRIVER_FUNCTION"),
            keep: table.keep,
            model_idle: seconds("MODEL_IDLE_SECONDS", DEFAULT_IDLE_SECONDS)?,
            max_runs: usize::try_from(number(&env, "MAX_RUNS", DEFAULT_MAX_RUNS)?)
                .unwrap_or(usize::MAX),
        })
    }
}

impl TableConfig {
    /// Reads the environment of this process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&unless_empty(|name| std::env::var(name).ok()))
    }

    fn read(env: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let days = number(env, "RUN_TTL_DAYS", DEFAULT_TTL_DAYS)?;
        Ok(Self {
            name: env("TABLE_NAME").unwrap_or_else(|| DEFAULT_TABLE.to_owned()),
            keep: Duration::from_secs(days.saturating_mul(SECONDS_PER_DAY)),
        })
    }
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
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_empty_environment_gives_the_defaults_and_no_servers() {
        let config = read(&[("QWEN_API_URL", " ")]).unwrap();
        assert!(config.servers.is_empty());
        assert_eq!(config.table, "serverless-llm");
        assert_eq!(config.lease, Duration::from_secs(15));
        assert_eq!(config.watch, Duration::from_mins(2));
        assert_eq!(config.keep, Duration::from_hours(30 * 24));
        assert_eq!(config.max_runs, 32);
        assert_eq!(read(&[("MAX_RUNS", "3")]).unwrap().max_runs, 3);
    }

    #[test]
    fn addresses_are_read_with_what_stands_beside_them() {
        let config = read(&[
            ("PHI_API_URL", "http://127.0.0.1:8002/v1"),
            ("PHI_MODEL", "phi-4"),
        ])
        .unwrap();
        let server = &config.servers[&ModelId::new("phi")];
        assert_eq!(server.address(), "http://127.0.0.1:8002/v1");
        assert_eq!(server.model, "phi-4");
        assert_eq!(config.servers.len(), 1);
    }

    #[test]
    fn without_tenant_isolation_no_call_names_a_tenant() {
        let tenants = |variables: &[(&str, &str)]| {
            let config = read(variables).unwrap();
            let tools = config.catalog.tools.into_iter();
            let is_isolated = |target: Target| match target {
                Target::Lambda(lambda) => lambda.tenant.is_some(),
                Target::Models(_)
                | Target::Http(_)
                | Target::Mcp(_)
                | Target::Discuss(_)
                | Target::Chain(_) => false,
            };
            tools
                .filter(|tool| is_isolated(tool.target.clone()))
                .count()
        };
        for (value, isolated) in [("", true), (" ", true), ("on", true), ("off", false)] {
            let named = tenants(&[("TENANT_ISOLATION", value)]);
            assert_eq!(named > 0, isolated, "`{value}`");
        }
        assert_eq!(tenants(&[]), tenants(&[("TENANT_ISOLATION", "on")]));
    }

    #[test]
    fn mistakes_name_their_variable() {
        for (variable, value) in [
            ("QWEN_API_URL", "not an address"),
            ("LEASE_SECONDS", "0"),
            ("MAX_RUNS", "0"),
            ("MAX_RUNS", "all"),
            ("WATCH_SECONDS", "-1"),
            ("RUN_TTL_DAYS", "many"),
            ("TOOLS_CONFIG", "no/such/file.json"),
            ("TENANT_ISOLATION", "false"),
        ] {
            let error = read(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.starts_with(variable), "{error}");
        }
    }
}
