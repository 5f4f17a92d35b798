//! Pages on which an answer may rest.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A page that the run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub title: String,
    pub url: String,
}

impl Source {
    /// The pages that a field of a result lists; where the field is an address, the result itself is of that page.
    pub(crate) fn listed(result: &Map<String, Value>, field: &str) -> Vec<Self> {
        match result.get(field) {
            Some(Value::Array(pages)) => pages.iter().filter_map(Self::read).collect(),
            Some(Value::String(url)) => {
                let title = result.get("title").and_then(Value::as_str);
                let title = title.filter(|title| !title.is_empty()).unwrap_or(url);
                let source = Self {
                    title: title.to_owned(),
                    url: url.clone(),
                };
                source.of_web().into_iter().collect()
            }
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
                Vec::new()
            }
        }
    }

    /// A page as a tool lists it.
    fn read(listed: &Value) -> Option<Self> {
        Self::deserialize(listed).ok()?.of_web()
    }

    fn of_web(self) -> Option<Self> {
        let schemes = ["https://", "http://"];
        let is_of_web = schemes.iter().any(|scheme| self.url.starts_with(scheme));
        is_of_web.then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_result_lists_pages_or_is_of_one() {
        let page = json!({"title": "A", "url": "https://a.org/"});
        let cases = [
            (
                json!({"f": [page, {"title": "no"}, 7, {"title": "x", "url": "javascript:x"}]}),
                vec![("A", "https://a.org/")],
            ),
            (
                json!({"f": "https://a.org/", "title": "A"}),
                vec![("A", "https://a.org/")],
            ),
            (
                json!({"f": "https://a.org/", "title": ""}),
                vec![("https://a.org/", "https://a.org/")],
            ),
            (
                json!({"f": "http://a.org/", "title": 7}),
                vec![("http://a.org/", "http://a.org/")],
            ),
            (json!({"f": "file:///etc/passwd", "title": "A"}), vec![]),
            (json!({"f": {"url": "https://a.org/"}}), vec![]),
            (json!({"f": null}), vec![]),
            (json!({}), vec![]),
        ];
        for (result, expected) in cases {
            let found = Source::listed(result.as_object().unwrap(), "f");
            let found: Vec<_> = found
                .iter()
                .map(|found| (&*found.title, &*found.url))
                .collect();
            assert_eq!(found, expected, "{result}");
        }
    }
}
