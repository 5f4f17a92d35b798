//! Reads `DuckDuckGo`'s Instant Answer JSON as it really comes: fields missing, null, empty, numbers or objects.
//!
//! Refuses only a body that is no JSON object. What it gives is plain text and http(s) addresses, the best first.

use std::collections::HashSet;

use reqwest::Url;
use serde::de::Error as _;
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

fn address(url: &str) -> Option<String> {
    if url.trim().is_empty() {
        return None;
    }
    let url = Url::parse(SITE).ok()?.join(url).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    (web && url.as_str().len() <= MAX_URL_BYTES).then(|| url.into())
}

/// A text, or the `result` of an answer that comes as an object; anything else says nothing.
#[derive(Default)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Object(mut answer) => match answer.remove("result") {
                Some(Value::String(text)) => text,
                Some(Value::Number(number)) => number.to_string(),
                Some(_) | None => String::new(),
            },
            Value::Null | Value::Bool(_) | Value::Array(_) => String::new(),
        };
        Ok(Self(text))
    }
}

/// A list of topics with those of its groups (`{"Name": …, "Topics": […]}`) in their place.
#[derive(Default)]
struct Topics(Vec<Topic>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Topic {
    #[serde(default)]
    text: Text,
    /// HTML whose link text is the topic's name.
    #[serde(default)]
    result: Text,
    #[serde(rename = "FirstURL", default)]
    first_url: Text,
    #[serde(default)]
    topics: Topics,
}

impl<'de> Deserialize<'de> for Topics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Array(entries) = Value::deserialize(deserializer)? else {
            return Ok(Self::default());
        };
        let topics: Vec<Topic> = entries
            .into_iter()
            .filter(Value::is_object)
            .map(Topic::deserialize)
            .collect::<Result<_, _>>()
            .map_err(D::Error::custom)?;
        Ok(Self(
            topics.into_iter().flat_map(Topic::with_its_group).collect(),
        ))
    }
}

impl Topic {
    fn with_its_group(mut self) -> Vec<Self> {
        let group = std::mem::take(&mut self.topics.0);
        std::iter::once(self).chain(group).collect()
    }

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
mod tests {
    use super::*;
    use serde_json::json;

    fn read_all(body: &Value) -> Vec<(String, String, String)> {
        let hits = read(body.to_string().as_bytes(), "a query", 9).unwrap();
        let parts = hits
            .into_iter()
            .map(|hit| (hit.title, hit.snippet, hit.url));
        parts.collect()
    }

    fn hit(title: &str, snippet: &str, url: &str) -> (String, String, String) {
        (title.to_owned(), snippet.to_owned(), url.to_owned())
    }

    #[test]
    fn every_shape_of_an_answer_is_read() {
        let page = "https://duckduckgo.com/?q=a+query";
        let wiki = "https://en.wikipedia.org/wiki/Rust";
        let cases = [
            (json!({}), vec![]),
            (
                json!({"Heading": "", "AbstractText": "", "Answer": "", "RelatedTopics": [], "Results": [], "meta": null}),
                vec![],
            ),
            (
                json!({"Heading": null, "Abstract": null, "AbstractText": null, "Answer": null, "RelatedTopics": null, "Results": ""}),
                vec![],
            ),
            (
                json!({"Answer": "4", "AnswerType": "calc"}),
                vec![hit("a query", "4", page)],
            ),
            (json!({"Answer": 4}), vec![hit("a query", "4", page)]),
            (
                json!({"Answer": {"from": "calculator", "result": "2 + 2 = 4", "templates": {"group": "base"}}}),
                vec![hit("a query", "2 + 2 = 4", page)],
            ),
            (
                json!({"Answer": {"id": "calculator", "name": "Calculator", "result": ""}}),
                vec![],
            ),
            (
                json!({"Heading": "Rust", "Abstract": "<b>Rust</b> &amp; iron", "AbstractText": "", "AbstractURL": wiki}),
                vec![hit("Rust", "Rust & iron", wiki)],
            ),
            (
                json!({"AbstractText": "Iron oxide.", "AbstractSource": "Wikipedia", "AbstractURL": wiki}),
                vec![hit("Wikipedia", "Iron oxide.", wiki)],
            ),
            (
                json!({"Heading": "Rust", "AbstractText": "", "AbstractURL": wiki, "Type": "D"}),
                vec![],
            ),
            (
                json!({"Definition": "a reddish coating", "DefinitionSource": "A Dictionary", "DefinitionURL": "https://dictionary.example/rust"}),
                vec![hit(
                    "A Dictionary",
                    "a reddish coating",
                    "https://dictionary.example/rust",
                )],
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(read_all(&body), expected, "{body}");
        }
    }

    #[test]
    fn topics_are_flattened_named_and_kept_once() {
        let belt = json!({"Text": "Rust Belt A region.", "Result": "<a href=\"https://duckduckgo.com/Rust_Belt\">Rust Belt</a>A region.", "FirstURL": "https://duckduckgo.com/Rust_Belt", "Icon": {"URL": ""}});
        let body = json!({
            "Results": [{"Text": "Official site - Rust", "Result": "", "FirstURL": "https://www.rust-lang.org"}],
            "RelatedTopics": [
                belt,
                {"Name": "Fungi", "Topics": [
                    {"Text": "Rust (fungus)", "FirstURL": "/Rust_(fungus)"},
                    {"Name": "Deeper", "Topics": [{"Text": "Soybean rust", "FirstURL": "http://duckduckgo.com/Soybean_rust"}]},
                    belt,
                ]},
                {"Text": "runs script", "FirstURL": "javascript:alert(1)"},
                {"Text": "no address", "FirstURL": null},
                {"Text": "", "FirstURL": "https://duckduckgo.com/no_text"},
                {"Text": "odd group", "FirstURL": "https://duckduckgo.com/odd", "Topics": 7},
                null, "text", 7, [],
            ],
        });
        let expected = vec![
            hit(
                "Official site",
                "Official site - Rust",
                "https://www.rust-lang.org/",
            ),
            hit(
                "Rust Belt",
                "Rust Belt A region.",
                "https://duckduckgo.com/Rust_Belt",
            ),
            hit(
                "Rust (fungus)",
                "Rust (fungus)",
                "https://duckduckgo.com/Rust_(fungus)",
            ),
            hit(
                "Soybean rust",
                "Soybean rust",
                "http://duckduckgo.com/Soybean_rust",
            ),
            hit("odd group", "odd group", "https://duckduckgo.com/odd"),
        ];
        assert_eq!(read_all(&body), expected);
    }

    #[test]
    fn long_texts_are_cut_and_long_addresses_dropped() {
        let body = json!({"RelatedTopics": [
            {"Text": "é".repeat(10_000), "FirstURL": "https://example.com/long"},
            {"Text": "address", "FirstURL": format!("https://example.com/{}", "a".repeat(2048))},
        ]});
        let expected = vec![hit(
            &format!("{}…", "é".repeat(199)),
            &format!("{}…", "é".repeat(599)),
            "https://example.com/long",
        )];
        assert_eq!(read_all(&body), expected);
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for body in [
            "",
            "[]",
            "null",
            "7",
            "<!DOCTYPE html><html></html>",
            "{\"Heading\": \"Ru",
        ] {
            assert!(read(body.as_bytes(), "a query", 9).is_err(), "{body}");
        }
    }
}
