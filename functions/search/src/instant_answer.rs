//! Reads `DuckDuckGo`'s Instant Answer JSON as it really comes: fields missing, null, empty, numbers or objects.
//!
//! Refuses only a body that is no JSON object. What it gives is plain text and http(s) addresses, the best first.

use std::collections::HashSet;

use reqwest::Url;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::text::{at_most, plain};

const MAX_TITLE_CHARS: usize = 200;
const MAX_SNIPPET_CHARS: usize = 600;
const MAX_URL_BYTES: usize = 2048;

/// Where relative addresses of an answer lead, and where an answer without an address can be seen.
const SITE: &str = "https://duckduckgo.com/";

/// One result as the model gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    pub title: String,
    pub snippet: String,
    pub url: String,
}

/// At most `max_hits` results of `body`, each address once.
pub fn read(body: &[u8], query: &str, max_hits: usize) -> serde_json::Result<Vec<Hit>> {
    let object: Map<String, Value> = serde_json::from_slice(body)?;
    let answer = InstantAnswer::deserialize(Value::Object(object))?;
    let mut seen = HashSet::new();
    Ok(answer
        .candidates(query)
        .into_iter()
        .filter_map(Candidate::into_hit)
        .filter(|hit| seen.insert(hit.url.clone()))
        .take(max_hits)
        .collect())
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InstantAnswer {
    heading: Text,
    answer: Text,
    r#abstract: Text,
    abstract_text: Text,
    abstract_source: Text,
    #[serde(rename = "AbstractURL")]
    abstract_url: Text,
    definition: Text,
    definition_source: Text,
    #[serde(rename = "DefinitionURL")]
    definition_url: Text,
    results: Topics,
    related_topics: Topics,
}

/// What might become a result, as it was written.
struct Candidate {
    title: String,
    snippet: String,
    url: String,
}

impl InstantAnswer {
    fn candidates(self, query: &str) -> Vec<Candidate> {
        let page = Url::parse_with_params(SITE, [("q", query)]).map_or(SITE.to_owned(), Url::into);
        let heading = |source: Text| first([self.heading.0.clone(), source.0, query.to_owned()]);
        let computed = Candidate {
            title: first([self.heading.0.clone(), query.to_owned()]),
            snippet: self.answer.0,
            url: page.clone(),
        };
        let summary = Candidate {
            title: heading(self.abstract_source),
            snippet: first([self.abstract_text.0, self.r#abstract.0]),
            url: first([self.abstract_url.0, page.clone()]),
        };
        let definition = Candidate {
            title: heading(self.definition_source),
            snippet: self.definition.0,
            url: first([self.definition_url.0, page]),
        };
        let topics = self.results.0.into_iter().chain(self.related_topics.0);
        [computed, summary, definition]
            .into_iter()
            .chain(topics.map(Topic::into_candidate))
            .collect()
    }
}

impl Candidate {
    /// Nothing if it says nothing or leads nowhere that a browser should go.
    fn into_hit(self) -> Option<Hit> {
        let snippet = at_most(MAX_SNIPPET_CHARS, &plain(&self.snippet));
        let url = address(&self.url)?;
        if snippet.is_empty() {
            return None;
        }
        let title = first([plain(&self.title), snippet.clone()]);
        Some(Hit {
            title: at_most(MAX_TITLE_CHARS, &title),
            snippet,
            url,
        })
    }
}

fn first<const N: usize>(texts: [String; N]) -> String {
    let said = texts.into_iter().find(|text| !text.trim().is_empty());
    said.unwrap_or_default()
}

/// What is too long is not read at all.
fn address(url: &str) -> Option<String> {
    if url.trim().is_empty() || url.len() > MAX_URL_BYTES {
        return None;
    }
    let url = Url::parse(SITE).ok()?.join(url).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    (web && url.as_str().len() <= MAX_URL_BYTES).then(|| url.into())
}

/// A text, or the `result` of an answer that comes as an object; anything else says nothing.
#[derive(Default)]
struct Text(String);

impl Text {
    fn of(value: Value) -> Self {
        Self(match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Object(mut answer) => match answer.remove("result") {
                Some(Value::String(text)) => text,
                Some(Value::Number(number)) => number.to_string(),
                Some(_) | None => String::new(),
            },
            Value::Null | Value::Bool(_) | Value::Array(_) => String::new(),
        })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::of)
    }
}

/// A list of topics with those of its groups (`{"Name": …, "Topics": […]}`) in their place.
#[derive(Default)]
struct Topics(Vec<Topic>);

struct Topic {
    text: Text,
    /// HTML whose link text is the topic's name.
    result: Text,
    first_url: Text,
}

impl<'de> Deserialize<'de> for Topics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::of)
    }
}

impl Topics {
    /// Groups may stand in groups: each value is moved once, however deep it lies.
    fn of(list: Value) -> Self {
        let mut topics = Vec::new();
        let mut open = vec![entries(list)];
        while let Some(list) = open.last_mut() {
            match list.next() {
                Some(Value::Object(mut entry)) => {
                    let mut take = |name| Text::of(entry.remove(name).unwrap_or_default());
                    topics.push(Topic {
                        text: take("Text"),
                        result: take("Result"),
                        first_url: take("FirstURL"),
                    });
                    open.push(entries(entry.remove("Topics").unwrap_or_default()));
                }
                Some(_) => {}
                None => drop(open.pop()),
            }
        }
        Self(topics)
    }
}

fn entries(list: Value) -> std::vec::IntoIter<Value> {
    match list {
        Value::Array(entries) => entries.into_iter(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Vec::new().into_iter()
        }
    }
}

impl Topic {
    fn into_candidate(self) -> Candidate {
        let name = self.name().unwrap_or_default().to_owned();
        Candidate {
            title: name,
            snippet: first([self.text.0, self.result.0]),
            url: self.first_url.0,
        }
    }

    /// The text of the link in `Result`; older answers write `name - description` in `Text`.
    fn name(&self) -> Option<&str> {
        let linked = || {
            let link = self.result.0.split_once("<a ")?.1;
            let (name, _) = link.split_once('>')?.1.split_once("</a>")?;
            Some(name).filter(|name| !name.trim().is_empty())
        };
        let dashed = || self.text.0.split_once(" - ").map(|(name, _)| name);
        linked().or_else(dashed)
    }
}

#[cfg(test)]
mod tests;
