//! Reads `DuckDuckGo`'s Instant Answer JSON as it really comes: fields missing, null, empty, numbers or objects.
//!
//! Refuses only a body that is no JSON object.

use reqwest::Url;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::hit::Candidate;
use crate::json;
use crate::problem::Problem;
use crate::text::plain;

/// Where an answer without an address can be seen.
const SITE: &str = "https://duckduckgo.com/";
/// The kind of an answer that tells the address of whoever asks: this machine's is nothing to a model.
const OWN_ADDRESS: &str = "ip";

/// What the service says, the best first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What answers the question: something computed, a summary, a definition.
    pub direct: Vec<Candidate>,
    /// Official sites, and what the question has to do with.
    pub topics: Vec<Candidate>,
}

/// An empty text is how the service says with status 202 that it knows nothing.
pub fn read(text: &str, query: &str) -> Result<Answer, Problem> {
    if text.is_empty() {
        return Ok(Answer::default());
    }
    let answer = InstantAnswer::deserialize(json::object(text)?);
    let answer = answer.map_err(|_| Problem::Unreadable("damaged JSON"))?;
    Ok(answer.candidates(query))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InstantAnswer {
    heading: Text,
    answer: Text,
    answer_type: Text,
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

/// What the service wrote, as it was written.
struct Written {
    title: String,
    snippet: String,
    url: String,
}

impl InstantAnswer {
    fn candidates(self, query: &str) -> Answer {
        let page = Url::parse_with_params(SITE, [("q", query)]).map_or(SITE.to_owned(), Url::into);
        let heading = |source: Text| first([self.heading.0.clone(), source.0, query.to_owned()]);
        let computed = Written {
            title: first([self.heading.0.clone(), query.to_owned()]),
            snippet: self.answer.0,
            url: page.clone(),
        };
        let computed = (self.answer_type.0 != OWN_ADDRESS).then_some(computed);
        let summary = Written {
            title: heading(self.abstract_source),
            snippet: first([self.abstract_text.0, self.r#abstract.0]),
            url: first([self.abstract_url.0, page.clone()]),
        };
        let definition = Written {
            title: heading(self.definition_source),
            snippet: self.definition.0,
            url: first([self.definition_url.0, page]),
        };
        let direct = computed.into_iter().chain([summary, definition]);
        let topics = self.results.0.into_iter().chain(self.related_topics.0);
        Answer {
            direct: direct.filter_map(Written::into_candidate).collect(),
            topics: topics
                .map(Topic::written)
                .filter_map(Written::into_candidate)
                .collect(),
        }
    }
}

impl Written {
    /// Nothing where nothing is said, or no address is. Addresses are relative to the site.
    fn into_candidate(self) -> Option<Candidate> {
        let snippet = plain(&self.snippet);
        if snippet.is_empty() || self.url.trim().is_empty() {
            return None;
        }
        let site = Url::parse(SITE).ok()?;
        Some(Candidate {
            title: plain(&self.title),
            snippet,
            url: crate::address::of_web(&self.url, &site)?.into(),
            date: String::new(),
        })
    }
}

fn first<const N: usize>(texts: [String; N]) -> String {
    let said = texts.into_iter().find(|text| !text.trim().is_empty());
    said.unwrap_or_default()
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
    fn written(self) -> Written {
        let name = self.name().unwrap_or_default().to_owned();
        Written {
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
