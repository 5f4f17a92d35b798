//! What the operator decides about searching.

use std::env::{self, VarError};

use reqwest::Url;

const DUCKDUCKGO_URL: &str = "DUCKDUCKGO_URL";
const DEFAULT_BASE: &str = "https://api.duckduckgo.com";

/// Where to search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    base: Url,
}

/// What is wrong with the environment, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{DUCKDUCKGO_URL} must be an http(s) URL without a query, like {DEFAULT_BASE}: {reason}")]
pub struct ConfigError {
    reason: String,
}

impl Config {
    /// Reads `DUCKDUCKGO_URL`: the base URL of the search service.
    pub fn from_env() -> Result<Self, ConfigError> {
        match env::var(DUCKDUCKGO_URL) {
            Ok(base) if !base.trim().is_empty() => Self::new(&base),
            Ok(_) | Err(VarError::NotPresent) => Self::new(DEFAULT_BASE),
            Err(VarError::NotUnicode(_)) => Err(refused("it is not UTF-8")),
        }
    }

    /// Searches at `base`, with or without a slash at its end.
    pub fn new(base: &str) -> Result<Self, ConfigError> {
        let mut base = Url::parse(base).map_err(|reason| refused(&reason.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(refused("its scheme is another"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(refused("it has a query or a fragment"));
        }
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        Ok(Self { base })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }
}

fn refused(reason: &str) -> ConfigError {
    ConfigError {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_taken_with_or_without_a_slash_or_refused_with_the_reason() {
        let wrong = |reason: &str| {
            Err(format!(
                "DUCKDUCKGO_URL must be an http(s) URL without a query, like https://api.duckduckgo.com: {reason}"
            ))
        };
        let cases = [
            (DEFAULT_BASE, Ok("https://api.duckduckgo.com/")),
            ("http://127.0.0.1:9/ddg", Ok("http://127.0.0.1:9/ddg/")),
            ("http://127.0.0.1:9/ddg/", Ok("http://127.0.0.1:9/ddg/")),
            ("api.duckduckgo.com", wrong("relative URL without a base")),
            ("", wrong("relative URL without a base")),
            ("ftp://duckduckgo.com", wrong("its scheme is another")),
            (
                "https://duckduckgo.com/?q=",
                wrong("it has a query or a fragment"),
            ),
        ];
        for (base, expected) in cases {
            let read = Config::new(base)
                .map(|config| config.base.to_string())
                .map_err(|error| error.to_string());
            assert_eq!(read, expected.map(str::to_owned), "{base}");
        }
    }
}
