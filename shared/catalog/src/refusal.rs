//! What a model is told of a call that is not made: the reason first, then where, what was expected, and a little of what was
//! written instead.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::schema::{Fault, Schema, member, properties, types, unescaped};

/// Most that a refusal quotes of what a model wrote, in characters.
pub(crate) const MAX_QUOTED_CHARS: usize = 200;
/// Most that is named of a path, and of what a schema lists.
const MAX_PATH_CHARS: usize = 100;
const MAX_LISTED_CHARS: usize = 300;
/// Most that is shown around a fault in JSON, in characters.
const MAX_NEAR_CHARS: usize = 60;

/// Arguments that are something else than an object.
pub(crate) fn not_an_object(value: &Value) -> String {
    let found = quoted(&value.to_string(), MAX_QUOTED_CHARS);
    format!("The arguments must be a JSON object, found {found}")
}

/// Arguments that were meant as JSON and are none.
pub(crate) fn no_json(text: &str, error: &serde_json::Error) -> String {
    let near = near(text, error);
    format!(
        "The arguments are not valid JSON: {error}; there stands {}",
        quoted(near, MAX_NEAR_CHARS)
    )
}

/// Arguments that take too much room.
pub(crate) fn too_long(bytes: usize, most: usize) -> String {
    format!("The arguments are too long: {bytes} bytes, at most {most} are taken")
}

/// Arguments that stand too deep in each other.
pub(crate) fn too_deep(most: usize) -> String {
    format!("The arguments are nested too deep: at most {most} levels are taken")
}

/// The text at which reading JSON failed.
fn near<'a>(text: &'a str, error: &serde_json::Error) -> &'a str {
    let line = text
        .split('\n')
        .nth(error.line().saturating_sub(1))
        .unwrap_or(text);
    let mut from = error
        .column()
        .saturating_sub(MAX_NEAR_CHARS / 2)
        .min(line.len());
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    &line[from..]
}

/// A tool that is not offered.
pub(crate) fn unknown_tool(name: &str, offered: &[&str]) -> String {
    let name = quoted(name, MAX_QUOTED_CHARS);
    match offered {
        [] => format!("There is no tool {name} now: answer in text."),
        offered => format!(
            "There is no tool {name} now; offered are: {}.",
            offered.join(", ")
        ),
    }
}

/// Arguments that do not fit, each fault with its path.
pub(crate) fn faults(faults: &[Fault], arguments: &Value, schema: &Schema) -> String {
    faults_of(Checked::ARGUMENTS, faults, arguments, schema)
}

/// What is looked at, in words.
#[derive(Clone, Copy)]
pub(crate) struct Checked {
    whole: &'static str,
    members: &'static str,
}

impl Checked {
    const ARGUMENTS: Self = Self {
        whole: "the arguments",
        members: "arguments",
    };
    pub(crate) const ANSWER: Self = Self {
        whole: "the answer",
        members: "members",
    };
}

/// What does not fit, each fault with its path.
pub(crate) fn faults_of(
    checked: Checked,
    faults: &[Fault],
    arguments: &Value,
    schema: &Schema,
) -> String {
    let share = MAX_QUOTED_CHARS / faults.len().max(1);
    let told = faults
        .iter()
        .map(|fault| told(checked, fault, arguments, schema, share));
    told.collect::<Vec<_>>().join("; ")
}

fn told(
    checked: Checked,
    fault: &Fault,
    arguments: &Value,
    schema: &Schema,
    quote: usize,
) -> String {
    let found = arguments
        .pointer(&fault.at)
        .map_or_else(String::new, |value| found(value, quote));
    let here = schema.at(&fault.at);
    let said = match &fault.kind {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let at = member(&fault.at, name);
            let expected = schema
                .at(&at)
                .map_or_else(|| "a value".to_owned(), described);
            return format!("{}: expected {expected}, found nothing", path(&at));
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = here
                .and_then(properties)
                .map(|known| known.keys().map(String::as_str));
            let known =
                known.map_or_else(String::new, |known| known.collect::<Vec<_>>().join(", "));
            let expected = if known.is_empty() {
                format!("no further {}", checked.members)
            } else {
                format!("only {}", listed(&known))
            };
            format!(
                "expected {expected}, found {}",
                quoted(&unexpected.join(", "), quote)
            )
        }
        Kind::MaxLength { limit } => {
            let chars = arguments
                .pointer(&fault.at)
                .and_then(Value::as_str)
                .map_or(0, |text| text.chars().count());
            format!("expected at most {limit} characters, found {chars}: {found}")
        }
        kind => format!("expected {}, found {found}", expected(kind, here)),
    };
    match fault.at.as_str() {
        "" => format!("{}: {said}", checked.whole),
        at => format!("{}: {said}", path(at)),
    }
}

/// What a fault expected.
fn expected(kind: &Kind, schema: Option<&Value>) -> String {
    match kind {
        Kind::Type {
            kind: TypeKind::Single(one),
        } => article(&one.to_string()),
        Kind::Type {
            kind: TypeKind::Multiple(_),
        }
        | Kind::AnyOf { .. }
        | Kind::OneOfNotValid { .. } => schema.map_or_else(|| "another type".to_owned(), described),
        Kind::Enum { options } => one_of(options),
        Kind::Constant { expected_value } => listed(&expected_value.to_string()),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("at least {limit} characters"),
        Kind::MaxItems { limit } => format!("at most {limit} elements"),
        Kind::MinItems { limit } => format!("at least {limit} elements"),
        Kind::MaxProperties { limit } => format!("at most {limit} members"),
        Kind::MinProperties { limit } => format!("at least {limit} members"),
        Kind::UniqueItems => "elements that differ".to_owned(),
        Kind::Pattern { pattern } => format!("text that matches {}", listed(pattern)),
        Kind::Format { format } => format!("a text of the format {format}"),
        Kind::OneOfMultipleValid { .. } => "a value of one of its forms alone".to_owned(),
        other => format!("what its schema says under `{}`", other.keyword()),
    }
}

/// What a schema asks for, in a few words.
fn described(schema: &Value) -> String {
    if let Some(options) = schema.get("enum") {
        return one_of(options);
    }
    let forms = ["anyOf", "oneOf"]
        .iter()
        .find_map(|form| schema.get(form)?.as_array());
    let types: Vec<_> = match forms {
        Some(forms) => forms.iter().flat_map(types).collect(),
        None => types(schema),
    };
    if types.is_empty() {
        return "a value that its schema allows".to_owned();
    }
    types
        .into_iter()
        .map(article)
        .collect::<Vec<_>>()
        .join(" or ")
}

fn one_of(options: &Value) -> String {
    let options = options.as_array().into_iter().flatten();
    let words = options.map(|option| {
        option
            .as_str()
            .map_or_else(|| option.to_string(), str::to_owned)
    });
    format!("one of {}", listed(&words.collect::<Vec<_>>().join(", ")))
}

fn article(name: &str) -> String {
    match name {
        "null" => name.to_owned(),
        "array" | "integer" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

fn found(value: &Value, quote: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        value => quoted(&value.to_string(), quote),
    }
}

/// A path as people write it; of one that is too long, its end.
fn path(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(unescaped);
    let path = steps.collect::<Vec<_>>().join(".");
    let chars = path.chars().count();
    if chars <= MAX_PATH_CHARS {
        return path;
    }
    let end: String = path.chars().skip(chars - MAX_PATH_CHARS + 1).collect();
    format!("…{end}")
}

fn listed(text: &str) -> String {
    cut(text, MAX_LISTED_CHARS)
}

fn quoted(text: &str, most: usize) -> String {
    format!("`{}`", cut(text, most))
}

/// At most so many characters of a text.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.char_indices().nth(most).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}
