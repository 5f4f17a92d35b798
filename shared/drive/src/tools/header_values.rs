//! What the environment says of the headers that servers of tools and models are sent.

use std::collections::BTreeMap;
use std::fmt;

use catalog::{Catalog, HeaderText, ModelHeader, VariableHeader};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secret::Secret;

/// The variables that the catalogue names for headers, as far as they are set. It shows no value of them.
#[derive(Clone, Default)]
pub struct HeaderValues(BTreeMap<String, Secret>);

impl HeaderValues {
    /// Reads the variables that a catalogue names. One that is empty, or blank, is not set.
    pub fn read(catalog: &Catalog, env: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| {
            let value = env(name)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (name.to_owned(), Secret::new(value)))
        };
        Self(catalog.header_variables().filter_map(read).collect())
    }

    /// Headers as they are sent, their values marked as secret.
    ///
    /// # Errors
    /// One sentence that names the variables that are not set, or one that no header can carry.
    pub(crate) fn headers(&self, headers: &[VariableHeader]) -> Result<HeaderMap, String> {
        let is_missing = |header: &&VariableHeader| !self.0.contains_key(&header.variable);
        let missing: Vec<_> = headers
            .iter()
            .filter(is_missing)
            .map(|header| &*header.variable)
            .collect();
        match *missing {
            [] => {}
            [variable] => return Err(format!("The variable {variable} is not set.")),
            [..] => return Err(format!("The variables {} are not set.", missing.join(", "))),
        }
        let one = |header: &VariableHeader| self.secret(&header.name, &header.variable);
        headers.iter().map(one).collect()
    }

    /// The headers of a model's server, those from variables marked as secret.
    ///
    /// # Errors
    /// The header, and one sentence that names its variable and what is wrong with it.
    pub(crate) fn of_model(&self, headers: &[ModelHeader]) -> Result<HeaderMap, (String, String)> {
        let one = |header: &ModelHeader| {
            let read = match &header.value {
                HeaderText::Written(text) => header_of(&header.name, text)
                    .ok_or_else(|| "No header can carry what is written.".to_owned()),
                HeaderText::Variable(variable) => self.secret(&header.name, variable),
            };
            read.map_err(|problem| (header.name.clone(), problem))
        };
        headers.iter().map(one).collect()
    }

    fn secret(&self, name: &str, variable: &str) -> Result<(HeaderName, HeaderValue), String> {
        let Some(value) = self.0.get(variable) else {
            return Err(format!("The variable {variable} is not set."));
        };
        let Some((name, mut value)) = header_of(name, value.reveal()) else {
            return Err(format!(
                "The variable {variable} holds what no header can carry."
            ));
        };
        value.set_sensitive(true);
        Ok((name, value))
    }
}

fn header_of(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::try_from(name).ok()?;
    Some((name, HeaderValue::try_from(value).ok()?))
}

impl fmt::Debug for HeaderValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> HeaderValues {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), Secret::new(*value));
        HeaderValues(pairs.iter().map(owned).collect())
    }

    fn header(name: &str, variable: &str) -> VariableHeader {
        VariableHeader {
            name: name.to_owned(),
            variable: variable.to_owned(),
        }
    }

    #[test]
    fn what_cannot_be_sent_is_told_by_the_name_of_its_variable() {
        let wanted = [header("authorization", "TOKEN"), header("x-team", "TEAM")];
        // What is set, and what is said.
        let cases: [(&[(&str, &str)], &str); 5] = [
            (&[], "The variables TOKEN, TEAM are not set."),
            (&[("TEAM", "red")], "The variable TOKEN is not set."),
            (&[("TOKEN", "s3cr3t")], "The variable TEAM is not set."),
            (
                &[("TOKEN", "s3cr3t\nx: y"), ("TEAM", "red")],
                "The variable TOKEN holds what no header can carry.",
            ),
            (
                &[("TOKEN", "a"), ("TEAM", "r\u{0}d")],
                "The variable TEAM holds what no header can carry.",
            ),
        ];
        for (set, says) in cases {
            assert_eq!(values(set).headers(&wanted).unwrap_err(), says);
        }
    }

    #[test]
    fn headers_of_a_model_are_texts_and_what_variables_hold_and_the_latter_alone_are_secret() {
        let model = |name: &str, value| ModelHeader {
            name: name.to_owned(),
            value,
        };
        let team = HeaderText::Variable("TEAM".to_owned());
        let wanted = [
            model("x-title", HeaderText::Written("Ours".to_owned())),
            model("x-team", team),
        ];
        let headers = values(&[("TEAM", "red")]).of_model(&wanted).unwrap();
        let sent: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.is_sensitive()))
            .collect();
        assert_eq!(sent, [("x-title", false), ("x-team", true)]);
        let missing = values(&[]).of_model(&wanted).unwrap_err();
        assert_eq!(
            missing,
            (
                "x-team".to_owned(),
                "The variable TEAM is not set.".to_owned()
            )
        );
        let (header, unfit) = values(&[("TEAM", "r\nd")]).of_model(&wanted).unwrap_err();
        assert_eq!(
            (&*header, &*unfit),
            (
                "x-team",
                "The variable TEAM holds what no header can carry."
            )
        );
    }

    #[test]
    fn values_are_sent_and_never_shown() {
        let values = values(&[("TOKEN", "s3cr3t")]);
        let headers = values.headers(&[header("authorization", "TOKEN")]).unwrap();
        assert_eq!(headers["authorization"], "s3cr3t");
        let shown = format!("{values:?} {headers:?}");
        assert!(
            shown.contains("TOKEN") && !shown.contains("s3cr3t"),
            "{shown}"
        );
    }

    #[test]
    fn of_the_variables_that_the_catalogue_names_those_are_read_that_are_set() {
        let names = ["TOKEN", "TEAM", "BLANK", "UNSET"];
        let header = |name: &&str| (name.to_lowercase(), serde_json::json!({"env": name}));
        let headers: serde_json::Map<_, _> = names.iter().map(header).collect();
        let catalog = serde_json::json!({
            "orchestrator": {"model": "qwen", "prompt": "chat"},
            "models": {"qwen": {"name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192}},
            "tools": [{
                "type": "function",
                "function": {"name": "look", "description": "", "parameters": {"type": "object"}},
                "target": {"http": {"url": "https://example.org", "headers": headers}},
                "timeout_ms": 1000, "retry": "safe",
            }],
        });
        let catalog = Catalog::parse(&catalog.to_string()).unwrap();
        let env = |name: &str| match name {
            "TOKEN" => Some(" s3cr3t\n".to_owned()),
            "TEAM" => Some("red".to_owned()),
            "BLANK" => Some("  ".to_owned()),
            "OTHER" => Some("of no header".to_owned()),
            _ => None,
        };
        let read = HeaderValues::read(&catalog, env);
        assert_eq!(read.0, values(&[("TOKEN", "s3cr3t"), ("TEAM", "red")]).0);
    }
}
