//! What a model wrote as arguments, read as what it plainly meant.
//!
//! PURE. Arguments that fit their schema are never changed, but that a whole number is written as one. What does not fit is
//! changed only where one reading of it is certain; everything else is left for the check to refuse.

mod nulls;
mod numbers;
mod renamed;
mod text;
mod values;

use serde_json::{Map, Value};

use crate::schema::Schema;

/// Arguments as they are used, and what is wrong with the text that they were to be read from.
pub(crate) struct Read {
    pub(crate) arguments: Map<String, Value>,
    pub(crate) problem: Option<String>,
}

/// Reads the arguments of a call. `names` are those of its tool, which some models repeat around the arguments.
pub(crate) fn read(written: &str, schema: &Schema, names: &[&str]) -> Read {
    match text::object(written, schema) {
        Ok(object) => Read {
            arguments: numbers::whole(values::fitted(object, schema, names), schema),
            problem: None,
        },
        Err(problem) => Read {
            arguments: Map::new(),
            problem: Some(problem),
        },
    }
}

/// The object that the arguments of a call are, whatever its tool; nothing where they are none.
pub(crate) fn as_written(written: &str) -> Map<String, Value> {
    match text::parsed(written) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    }
}
