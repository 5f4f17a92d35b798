//! What an operator has set for every question to a model.

use serde_json::{Map, Value};

/// The field of the service's own that may be set.
pub(crate) const TEMPERATURE: &str = "temperature";

/// What stands in every request to a model in place of what is asked, or beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// In place of the temperature that is asked for.
    pub(crate) temperature: Option<f64>,
    /// Fields that are not sent.
    omitted: Vec<String>,
    /// Further fields. Each is sent as it is, whole.
    pub(crate) fields: Map<String, Value>,
}

impl Overrides {
    /// Reads fields as a catalogue has them: a null leaves out, anything else is sent.
    pub fn read(written: &Map<String, Value>) -> Self {
        let mut read = Self::default();
        for (name, value) in written {
            if value.is_null() {
                read.omitted.push(name.clone());
            } else if name == TEMPERATURE {
                read.temperature = value.as_f64();
            } else {
                read.fields.insert(name.clone(), value.clone());
            }
        }
        read
    }

    pub(crate) fn omits(&self, field: &str) -> bool {
        self.omitted.iter().any(|omitted| omitted == field)
    }

    /// The first of the further fields that a text names.
    pub(crate) fn named_in(&self, text: &str) -> Option<&str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut words = text.split(|c| !is_part(c));
        let word = words.find(|word| self.fields.contains_key(*word))?;
        self.fields
            .get_key_value(word)
            .map(|(name, _)| name.as_str())
    }
}
