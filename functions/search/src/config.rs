//! What the operator decides about searching.

mod environment;
mod value;

use std::env;
use std::ffi::OsString;

use reqwest::header::HeaderValue;

use crate::locale::Locale;
pub use environment::ConfigError;
use environment::{Environment, base, without_search};
use value::Name;
pub(crate) use value::{Base, Key};

const DEFAULT_ORDER: [Name; 6] = [
    Name::Tavily,
    Name::SearXng,
    Name::Brave,
    Name::Serper,
    Name::DuckDuckGo,
    Name::Wikipedia,
];

/// Where and how to search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub(crate) sources: Vec<Source>,
    pub(crate) locale: Locale,
    pub(crate) agent: HeaderValue,
}

/// A provider and what it takes to ask it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Tavily {
        base: Base,
        key: Key,
    },
    SearXng {
        base: Base,
    },
    Brave {
        base: Base,
        key: Key,
    },
    Serper {
        base: Base,
        key: Key,
    },
    DuckDuckGo {
        answers: Base,
        pages: Base,
    },
    Wikipedia {
        base: Base,
    },
    /// Named by the operator, and without what it needs.
    NotSetUp {
        name: Name,
        variable: &'static str,
    },
}

impl Config {
    /// Reads the environment of this process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| env::var_os(name))
    }

    /// Reads the variables that `find` gives; empty ones are as if they were not there.
    pub fn read(find: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let env = Environment { find };
        let locale = Locale {
            region: env.letters("SEARCH_REGION", 2..=2, "a country's two letters, like de")?,
            language: env.letters(
                "SEARCH_LANGUAGE",
                2..=3,
                "a language's two or three letters, like de",
            )?,
        };
        let named = env.names("SEARCH_PROVIDERS")?;
        let order = named.as_deref().unwrap_or(&DEFAULT_ORDER);
        let sources = order.iter().map(|name| env.source(*name, &locale));
        let mut sources = sources.collect::<Result<Vec<_>, _>>()?;
        if named.is_none() {
            sources.retain(|source| !matches!(source, Source::NotSetUp { .. }));
        }
        let agent = env.agent("SEARCH_CONTACT")?;
        Ok(Self {
            sources,
            locale,
            agent,
        })
    }

    pub(crate) fn accept_language(&self) -> HeaderValue {
        // Letters, commas and numbers, all of which a header may hold.
        HeaderValue::from_str(&self.locale.accept_language())
            .unwrap_or(HeaderValue::from_static("en"))
    }

    /// Whom it asks, in order.
    pub fn providers(&self) -> Vec<&'static str> {
        self.sources.iter().map(Source::name).collect()
    }
}

impl Source {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Tavily { .. } => Name::Tavily,
            Self::SearXng { .. } => Name::SearXng,
            Self::Brave { .. } => Name::Brave,
            Self::Serper { .. } => Name::Serper,
            Self::DuckDuckGo { .. } => Name::DuckDuckGo,
            Self::Wikipedia { .. } => Name::Wikipedia,
            Self::NotSetUp { name, .. } => *name,
        }
        .into()
    }
}

impl<F: Fn(&str) -> Option<OsString>> Environment<F> {
    fn source(&self, name: Name, locale: &Locale) -> Result<Source, ConfigError> {
        let missing = |variable| Ok(Source::NotSetUp { name, variable });
        Ok(match name {
            Name::Tavily => match self.key("TAVILY_API_KEY")? {
                Some(key) => Source::Tavily {
                    base: self.base("TAVILY_URL", "https://api.tavily.com")?,
                    key,
                },
                None => return missing("TAVILY_API_KEY"),
            },
            Name::Brave => match self.key("BRAVE_API_KEY")? {
                Some(key) => Source::Brave {
                    base: self.base("BRAVE_URL", "https://api.search.brave.com")?,
                    key,
                },
                None => return missing("BRAVE_API_KEY"),
            },
            Name::Serper => match self.key("SERPER_API_KEY")? {
                Some(key) => Source::Serper {
                    base: self.base("SERPER_URL", "https://google.serper.dev")?,
                    key,
                },
                None => return missing("SERPER_API_KEY"),
            },
            Name::SearXng => match self.text("SEARXNG_URL")? {
                Some(url) => Source::SearXng {
                    base: base("SEARXNG_URL", without_search(&url))?,
                },
                None => return missing("SEARXNG_URL"),
            },
            Name::DuckDuckGo => Source::DuckDuckGo {
                answers: self.base("DUCKDUCKGO_URL", "https://api.duckduckgo.com")?,
                pages: self.base("DUCKDUCKGO_URL", "https://html.duckduckgo.com")?,
            },
            Name::Wikipedia => {
                let language = locale.language.as_deref().unwrap_or("en");
                let usual = format!("https://{language}.wikipedia.org");
                Source::Wikipedia {
                    base: self.base("WIKIPEDIA_URL", &usual)?,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests;
