//! Variables of the environment, each read into what it means or refused with what would be right.

use std::ffi::OsString;
use std::ops::RangeInclusive;

use reqwest::Url;
use reqwest::header::HeaderValue;
use strum::VariantNames as _;

use super::value::{Base, Key, Name};

/// Whom the operators of providers may write to where nobody has said it. The name is reserved and leads nowhere: whoever runs
/// this sets a real one.
const NO_CONTACT: &str = "https://serverless-llm.example/";
const MAX_CONTACT_CHARS: usize = 200;

/// What is wrong with the environment, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} must be {expected}: {reason}")]
pub struct ConfigError {
    variable: &'static str,
    expected: String,
    reason: String,
}

/// Where the variables are found.
pub struct Environment<F> {
    pub find: F,
}

impl<F: Fn(&str) -> Option<OsString>> Environment<F> {
    pub fn text(&self, variable: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(value) = (self.find)(variable) else {
            return Ok(None);
        };
        let value = value
            .into_string()
            .map_err(|_| wrong(variable, "text", "it is not UTF-8"))?;
        let value = value.trim();
        Ok((!value.is_empty()).then(|| value.to_owned()))
    }

    pub fn base(&self, variable: &'static str, usual: &str) -> Result<Base, ConfigError> {
        let set = self.text(variable)?;
        base(variable, set.as_deref().unwrap_or(usual))
    }

    pub fn key(&self, variable: &'static str) -> Result<Option<Key>, ConfigError> {
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

    pub fn names(&self, variable: &'static str) -> Result<Option<Vec<Name>>, ConfigError> {
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

    pub fn letters(
        &self,
        variable: &'static str,
        count: RangeInclusive<usize>,
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

    pub fn agent(&self, variable: &'static str) -> Result<HeaderValue, ConfigError> {
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
        let agent = format!("serverless-llm/{} (+{contact})", env!("CARGO_PKG_VERSION"));
        HeaderValue::from_str(&agent)
            .map_err(|reason| wrong(variable, &expected, &reason.to_string()))
    }
}

/// What people paste of a `SearXNG` server: the address of its search, with a query behind it.
pub fn without_search(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.trim_end_matches('/')
        .strip_suffix("/search")
        .unwrap_or(url)
}

pub fn base(variable: &'static str, text: &str) -> Result<Base, ConfigError> {
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
