//! The schema that an answer is to fit, as starts and clients of OpenAI's interface give it.

use catalog::check_answer_schema;
use drive::Services;
use run::{AnswerSchema, Request};
use serde_json::{Map, Value, json};

use super::ApiError;
use super::fields::Fields;

/// The field of a start.
pub(super) const ANSWER_SCHEMA: &str = "answer_schema";

/// Reads a schema that stands by itself.
pub(super) fn read(path: &str, schema: Value, strict: bool) -> Result<Box<AnswerSchema>, ApiError> {
    check_answer_schema(&schema)
        .map_err(|problem| ApiError::invalid_field(path, format!("{path} {problem}")))?;
    Ok(Box::new(AnswerSchema { schema, strict }))
}

/// Reads the form of an answer: `text`, `json_object`, or `json_schema`, whose parts stand under its own name (chat completions) or beside
/// the type (responses).
pub(super) fn of_format(
    path: &str,
    format: Map<String, Value>,
) -> Result<Option<Box<AnswerSchema>>, ApiError> {
    let mut fields = given(Fields::new(path, format));
    let kind = fields.take("type");
    match kind.as_ref().and_then(Value::as_str) {
        Some("text") => return Ok(None),
        Some("json_object") => {
            let schema = json!({"type": "object"});
            return Ok(Some(Box::new(AnswerSchema {
                schema,
                strict: false,
            })));
        }
        Some("json_schema") => {}
        Some(_) | None => {
            let path = fields.path("type");
            let message = format!("{path} must be one of text, json_object, json_schema");
            return Err(ApiError::invalid_field(path, message));
        }
    }
    let mut named = match fields.object("json_schema")? {
        Some(named) => given(named),
        None => fields,
    };
    let strict = named.flag("strict")?.unwrap_or_default();
    let path = named.path("schema");
    let schema = named.take("schema").ok_or_else(|| {
        let message = format!("{path} is required: the JSON Schema of the answer");
        ApiError::invalid_field(&*path, message)
    })?;
    read(&path, schema, strict).map(Some)
}

/// The fields that say something: clients send the others as null.
fn given(fields: Fields) -> Fields {
    let at = fields.at.clone();
    let mut values = fields.into_values();
    values.retain(|_, value| !value.is_null());
    Fields::new(at, values)
}

/// Refuses a schema that no answer of this run can be made to fit.
pub(super) fn check(path: &str, request: &Request, services: &Services) -> Result<(), ApiError> {
    if request.answer_schema.is_none() {
        return Ok(());
    }
    let tool_set = services.tool_set(&services.catalog, &request.preferences);
    if tool_set.fallback().is_none() {
        let message = format!(
            "{path} needs a tool that answers, and none is offered to this run: allow one and a model that it may ask, or leave {path} out"
        );
        return Err(ApiError::invalid_field(path, message));
    }
    Ok(())
}
