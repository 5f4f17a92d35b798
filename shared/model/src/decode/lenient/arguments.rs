//! The arguments of a call, as text or as the value itself.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::json::says_something;

/// Arguments of a call: a fragment of JSON text, or the value itself.
#[derive(Debug, Default)]
pub(crate) enum Arguments<'a> {
    #[default]
    None,
    Fragment(Cow<'a, str>),
    Whole(Value),
}

impl Arguments<'_> {
    /// Whether nothing at all is there.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::None => true,
            Self::Fragment(text) => text.is_empty(),
            Self::Whole(value) => !says_something(value),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Arguments::Fragment(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Arguments::Fragment(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Arguments::None)
    }

    /// As for what a model says.
    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.visit_str(&value.to_string())
    }

    not_a_float!();

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(elements)).map(Arguments::Whole)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(fields)).map(Arguments::Whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_text_or_a_value_and_nothing_where_they_say_nothing() {
        for (json, text, is_nothing) in [
            ("null", None, true),
            (r#""""#, Some(""), true),
            (r#"" ""#, Some(" "), false),
            (r#""{}""#, Some("{}"), false),
            ("true", Some("true"), false),
            ("7", Some("7"), false),
            ("-7", Some("-7"), false),
            (r#"{"a": 1}"#, None, false),
            ("[1]", None, false),
        ] {
            let arguments: Arguments<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(arguments.is_nothing(), is_nothing, "{json}");
            let found = match &arguments {
                Arguments::Fragment(text) => Some(&**text),
                Arguments::None | Arguments::Whole(_) => None,
            };
            assert_eq!(found, text, "{json}");
        }
    }
}
