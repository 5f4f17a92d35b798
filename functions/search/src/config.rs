//! What the operator decides about searching.

use std::env;
use std::ffi::OsString;

use reqwest::Url;
use reqwest::header::HeaderValue;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::locale::Locale;

/// Whom the operators of providers may write to where nobody has said it. The name is reserved and leads nowhere: whoever runs
/// this sets a real one.
const NO_CONTACT: &str = "https://serverless-llm.example/";
const MAX_CONTACT_CHARS: usize = 200;

/// Who can be asked, by the names of `SEARCH_PROVIDERS`, in the order in which they are asked where nothing else is set: what
/// the operator pays for or runs comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum Name {
    Tavily,
    SearXng,
    Brave,
    Serper,
    DuckDuckGo,
    Wikipedia,
}

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

/// An address that ends with a slash, and the variable that sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) url: Url,
    pub(crate) variable: &'static str,
}

/// A secret, and the variable that sets it. Its `Debug` does not show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) value: HeaderValue,
    pub(crate) variable: &'static str,
}

/// What is wrong with the environment, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} must be {expected}: {reason}")]
pub struct ConfigError {
    variable: &'static str,
    expected: String,
    reason: String,
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

struct Environment<F> {
    find: F,
}

impl<F: Fn(&str) -> Option<OsString>> Environment<F> {
    fn text(&self, variable: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(value) = (self.find)(variable) else {
            return Ok(None);
        };
        let value = value
            .into_string()
            .map_err(|_| wrong(variable, "text", "it is not UTF-8"))?;
        let value = value.trim();
        Ok((!value.is_empty()).then(|| value.to_owned()))
    }

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

    fn base(&self, variable: &'static str, usual: &str) -> Result<Base, ConfigError> {
        let set = self.text(variable)?;
        base(variable, set.as_deref().unwrap_or(usual))
    }

    fn key(&self, variable: &'static str) -> Result<Option<Key>, ConfigError> {
        let Some(text) = self.text(variable)? else {
            return Ok(None);
        };
        let is_visible = text.chars().all(|c| c.is_ascii_graphic());
        let value = HeaderValue::from_str(&text).ok().filter(|_| is_visible);
        let mut value =
            value.ok_or_else(|| wrong(variable, "a key", "it holds characters that no key has"))?;
        value.set_sensitive(true);
        Ok(Some(Key { value, variable }))
    }

    fn names(&self, variable: &'static str) -> Result<Option<Vec<Name>>, ConfigError> {
        let Some(list) = self.text(variable)? else {
            return Ok(None);
        };
        let mut names = Vec::new();
        for word in list
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            let expected = format!(
                "names of providers with commas between them, of {}",
                Name::VARIANTS.join(", ")
            );
            let name = word.parse().map_err(|_| {
                wrong(
                    variable,
                    &expected,
                    &format!("there is no provider {word:?}"),
                )
            })?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok((!names.is_empty()).then_some(names))
    }

    fn letters(
        &self,
        variable: &'static str,
        count: std::ops::RangeInclusive<usize>,
        expected: &str,
    ) -> Result<Option<String>, ConfigError> {
        let Some(text) = self.text(variable)? else {
            return Ok(None);
        };
        if count.contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphabetic()) {
            return Ok(Some(text.to_ascii_lowercase()));
        }
        Err(wrong(variable, expected, &format!("it is {text:?}")))
    }

    fn agent(&self, variable: &'static str) -> Result<HeaderValue, ConfigError> {
        let contact = self
            .text(variable)?
            .unwrap_or_else(|| NO_CONTACT.to_owned());
        let expected =
            format!("a mail address or a web address, at most {MAX_CONTACT_CHARS} characters");
        let is_plain = contact
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')'));
        let is_one = contact.contains('@') || contact.starts_with("http");
        if !is_plain || !is_one || contact.len() > MAX_CONTACT_CHARS {
            return Err(wrong(variable, &expected, &format!("it is {contact:?}")));
        }
        let agent = format!("serverless-llm/{} (+{contact})", crate::VERSION);
        HeaderValue::from_str(&agent)
            .map_err(|reason| wrong(variable, &expected, &reason.to_string()))
    }
}

/// What people paste of a `SearXNG` server: the address of its search, with a query behind it.
fn without_search(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.trim_end_matches('/')
        .strip_suffix("/search")
        .unwrap_or(url)
}

fn base(variable: &'static str, text: &str) -> Result<Base, ConfigError> {
    let refused = |reason: &str| {
        wrong(
            variable,
            "an http(s) URL without a query, like https://search.example.org",
            reason,
        )
    };
    let mut url = Url::parse(text).map_err(|reason| refused(&reason.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("its scheme is another"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("it has a query or a fragment"));
    }
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(Base { url, variable })
}

fn wrong(variable: &'static str, expected: &str, reason: &str) -> ConfigError {
    ConfigError {
        variable,
        expected: expected.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
