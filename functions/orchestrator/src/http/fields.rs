//! The fields of an object that somebody sent, each read once into a type; what does not fit is refused by its dotted path.

use std::collections::BTreeSet;

use run::{Cost, RunId};
use serde_json::{Map, Value};

use super::ApiError;
use super::error::quoted;

const MAX_TEMPERATURE: f64 = 2.0;

/// The fields of an object, taken one by one; what is left over at the end is unknown.
pub(super) struct Fields {
    /// Dotted path of the object; empty for the body itself.
    pub(super) at: String,
    values: Map<String, Value>,
}

impl Fields {
    pub(super) fn new(at: impl Into<String>, values: Map<String, Value>) -> Self {
        Self {
            at: at.into(),
            values,
        }
    }

    /// All that was not taken.
    pub(super) fn into_values(self) -> Map<String, Value> {
        self.values
    }

    pub(super) fn path(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    fn wrong(&self, name: &str, expected: &str, got: &Value) -> ApiError {
        let path = self.path(name);
        let message = format!("{path} must be {expected}, got {}", shown(got));
        ApiError::invalid_field(path, message)
    }

    pub(super) fn text(&mut self, name: &str, most: usize) -> Result<Option<String>, ApiError> {
        let expected = format!("a text of 1 to {most} characters");
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => {
                let chars = text.chars().count();
                let path = self.path(name);
                if text.trim().is_empty() {
                    let message = format!("{path} must not be empty or blank");
                    return Err(ApiError::invalid_field(path, message));
                }
                if chars > most {
                    let message = format!("{path} must be {expected}, got {chars}");
                    return Err(ApiError::invalid_field(path, message));
                }
                Ok(Some(text))
            }
            Some(other) => Err(self.wrong(name, &expected, &other)),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.wrong(name, "true or false", &other)),
        }
    }

    pub(super) fn whole(&mut self, name: &str, most: u64, default: u64) -> Result<u32, ApiError> {
        let value = self.take(name).unwrap_or_else(|| Value::from(default));
        let fits = value.as_u64().filter(|number| (1..=most).contains(number));
        match fits.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => Ok(number),
            None if value.is_i64() || value.is_u64() => {
                Err(self.wrong(name, &format!("between 1 and {most}"), &value))
            }
            None => Err(self.wrong(
                name,
                &format!("a whole number between 1 and {most}"),
                &value,
            )),
        }
    }

    pub(super) fn temperature(&mut self, name: &str, default: f64) -> Result<f64, ApiError> {
        match self.take(name) {
            None => Ok(default),
            Some(value) => value
                .as_f64()
                .filter(|number| (0.0..=MAX_TEMPERATURE).contains(number))
                .ok_or_else(|| self.wrong(name, "a number between 0 and 2", &value)),
        }
    }

    /// An amount of dollars above 0.
    pub(super) fn dollars(&mut self, name: &str, most: f64) -> Result<Option<Cost>, ApiError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let fits = value.as_f64().filter(|usd| *usd > 0.0 && *usd <= most);
        let Some(usd) = fits else {
            let expected = format!("a number above 0 and at most {most}");
            return Err(self.wrong(name, &expected, &value));
        };
        Ok(Some(Cost::of_usd(usd)))
    }

    /// A run's id. A malformed one is a run that does not exist.
    pub(super) fn run(&mut self, name: &str) -> Result<Option<RunId>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => match text.parse() {
                Ok(run_id) => Ok(Some(run_id)),
                Err(_) => Err(ApiError::no_such_run().about(&self.path(name))),
            },
            Some(other) => Err(self.wrong(name, "the id of a run", &other)),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(values)) => Ok(Some(Self::new(self.path(name), values))),
            Some(other) => Err(self.wrong(name, "an object", &other)),
        }
    }

    pub(super) fn names(&mut self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => serde_json::from_value::<Vec<String>>(value.clone())
                .map(|names| Some(each_once(names)))
                .map_err(|_| self.wrong(name, "a list of names", &value)),
        }
    }

    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(unknown) => {
                let path = self.path(&quoted(unknown));
                let message = format!("{path} is no field of this request");
                Err(ApiError::invalid_field(path, message))
            }
        }
    }
}

/// The names in their order, without repetitions.
fn each_once(names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .into_iter()
        .filter(|name| seen.insert(name.clone()))
        .collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => quoted(&value.to_string()).into_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
