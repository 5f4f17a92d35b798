//! `docs/openapi.json` as a judge of what the service says.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The document, whose schemas are taken strictly: what they do not name must not be there.
pub struct OpenApi {
    document: Value,
}

impl OpenApi {
    /// The document of the service as it is now.
    pub fn new() -> Self {
        let mut document = orchestrator::openapi().unwrap();
        for schema in document["components"]["schemas"]
            .as_object_mut()
            .unwrap()
            .values_mut()
        {
            close(schema);
        }
        Self { document }
    }

    /// The operations, each with its method and its path.
    pub fn operations(&self) -> Vec<(&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                let operations = item.as_object().unwrap().iter();
                operations.map(move |(method, operation)| (&**method, &**path, operation))
            })
            .collect()
    }

    /// What answers of one operation with one status hold: the schema of their JSON, where they are JSON.
    ///
    /// # Panics
    ///
    /// The operation has no such answer.
    pub fn answer(&self, operation: &str, status: u16) -> Option<Validator> {
        let operations = self.operations();
        let (_, _, described) = operations
            .iter()
            .find(|(_, _, it)| it["operationId"] == operation)
            .unwrap_or_else(|| panic!("no operation {operation}"));
        let answers = &described["responses"];
        let answer = answers
            .get(status.to_string())
            .unwrap_or_else(|| panic!("{operation} is not said to answer {status}"));
        let answer = match answer.get("$ref") {
            Some(reference) => self.resolved(reference.as_str().unwrap()),
            None => answer,
        };
        let schema = answer.pointer("/content/application~1json/schema")?;
        Some(self.validator(schema))
    }

    /// The judge of one of the schemas.
    pub fn schema(&self, name: &str) -> Validator {
        self.validator(&json!({"$ref": format!("#/components/schemas/{name}")}))
    }

    /// The judge of each event, by its name.
    pub fn events(&self) -> BTreeMap<String, Validator> {
        let mapping = self.resolved("#/components/schemas/Event/discriminator/mapping");
        let mapping = mapping.as_object().unwrap().iter();
        mapping
            .map(|(name, reference)| (name.clone(), self.validator(&json!({"$ref": reference}))))
            .collect()
    }

    fn resolved(&self, reference: &str) -> &Value {
        self.document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} is nowhere"))
    }

    fn validator(&self, schema: &Value) -> Validator {
        let whole = json!({"allOf": [schema], "components": self.document["components"]});
        jsonschema::validator_for(&whole).unwrap()
    }
}

impl Default for OpenApi {
    fn default() -> Self {
        Self::new()
    }
}

/// Lets an object hold nothing but what its schema names.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fails where a value does not fit, with all that is wrong.
///
/// # Panics
///
/// The value does not fit.
pub fn fits(schema: &Validator, value: &Value, what: &str) {
    let faults: Vec<_> = schema
        .iter_errors(value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what}: {faults:#?}\n{value:#}");
}
