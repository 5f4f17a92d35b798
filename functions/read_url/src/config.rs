//! What the operator decides about reading pages.

use std::env::{self, VarError};

use crate::net::{Network, Ports};

const ROBOTS: &str = "READ_URL_ROBOTS";
const PORTS: &str = "READ_URL_PORTS";
const MAX_PORTS: usize = 16;

/// How pages are read.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether the rules of sites for programs are obeyed.
    pub obeys_robots: bool,
    /// Ports beside 80 and 443.
    pub ports: Ports,
    /// Not of the environment: a program is built with it.
    pub network: Network,
}

/// What is wrong with the environment, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{ROBOTS} must be `obey` or `ignore`, got `{0}`")]
    Robots(String),
    #[error("{PORTS} must be at most {MAX_PORTS} ports, like 8080,8443, got `{0}`")]
    Ports(String),
    #[error("{0} is not UTF-8")]
    NotUnicode(&'static str),
}

impl Config {
    /// The internet, the rules of sites obeyed, the ports of the web.
    pub fn new(network: Network) -> Self {
        Self {
            obeys_robots: true,
            ports: Ports::default(),
            network,
        }
    }

    /// Reads `READ_URL_ROBOTS` and `READ_URL_PORTS`; pages are those of the internet.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            obeys_robots: obeys_robots(&variable(ROBOTS)?)?,
            ports: ports(&variable(PORTS)?)?,
            network: Network::public(),
        })
    }
}

fn variable(name: &'static str) -> Result<String, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(value.trim().to_owned()),
        Err(VarError::NotPresent) => Ok(String::new()),
        Err(VarError::NotUnicode(_)) => Err(ConfigError::NotUnicode(name)),
    }
}

fn obeys_robots(said: &str) -> Result<bool, ConfigError> {
    match said {
        "" | "obey" => Ok(true),
        "ignore" => Ok(false),
        other => Err(ConfigError::Robots(other.to_owned())),
    }
}

fn ports(said: &str) -> Result<Ports, ConfigError> {
    let parts = said
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let ports: Option<Vec<u16>> = parts
        .map(|part| part.parse().ok().filter(|port| *port != 0))
        .collect();
    ports
        .filter(|ports| ports.len() <= MAX_PORTS)
        .map(Ports)
        .ok_or_else(|| ConfigError::Ports(said.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_sites_are_obeyed_unless_the_operator_says_otherwise() {
        assert_eq!(obeys_robots(""), Ok(true));
        assert_eq!(obeys_robots("obey"), Ok(true));
        assert_eq!(obeys_robots("ignore"), Ok(false));
        let wrong = obeys_robots("0").unwrap_err().to_string();
        assert_eq!(wrong, "READ_URL_ROBOTS must be `obey` or `ignore`, got `0`");
    }

    #[test]
    fn ports_are_added_one_by_one() {
        let added = |said| {
            ports(said)
                .map(|ports| ports.0)
                .map_err(|error| error.to_string())
        };
        assert_eq!(added(""), Ok(vec![]));
        assert_eq!(added("8080, 8443,"), Ok(vec![8080, 8443]));
        for wrong in ["0", "65536", "8080-8090", "all", &"1,".repeat(17)] {
            let message =
                format!("READ_URL_PORTS must be at most 16 ports, like 8080,8443, got `{wrong}`");
            assert_eq!(added(wrong), Err(message));
        }
    }
}
