//! The JSON Schema of a tool's arguments.
//!
//! It is compiled when it is first needed: the first one of a process builds the validator of JSON Schema itself, which took
//! three quarters of all that a function did before it was ready.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value};

use crate::check_cost;

/// What a caller's pattern may take when it is compiled, in bytes, …
const PATTERN_BYTES: usize = 256 * 1024;
/// … and how often it may go back on a text.
const PATTERN_STEPS: usize = 20_000;
/// References that are followed in a row, so that one that leads to itself ends.
const MAX_REFERENCES: usize = 16;

#[derive(Debug)]
pub(crate) struct Schema {
    text: Value,
    is_recursive: bool,
    /// A caller gives it: what its patterns may take is bounded.
    is_of_caller: bool,
    compiled: OnceLock<Result<Validator, String>>,
}

/// One thing that does not fit.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Where in the arguments, as a JSON pointer.
    pub(crate) at: String,
    pub(crate) kind: ValidationErrorKind,
}

impl Schema {
    pub(crate) fn new(text: Value) -> Self {
        Self {
            is_recursive: check_cost::is_recursive(&text),
            text,
            is_of_caller: false,
            compiled: OnceLock::new(),
        }
    }

    /// One that a caller gives.
    pub(crate) fn of_caller(text: Value) -> Self {
        Self {
            is_of_caller: true,
            ..Self::new(text)
        }
    }

    /// Compiles it, once. Fails with what was expected, where it is no JSON Schema.
    pub(crate) fn compile(&self) -> Result<&Validator, String> {
        let compile = || {
            let mut options = jsonschema::options();
            if self.is_of_caller {
                let patterns = PatternOptions::fancy_regex();
                let patterns = patterns.size_limit(PATTERN_BYTES);
                options = options.with_pattern_options(patterns.backtrack_limit(PATTERN_STEPS));
            }
            options
                .build(&self.text)
                .map_err(|error| format!("expected a JSON Schema: {error}"))
        };
        let compiled = self.compiled.get_or_init(compile);
        compiled.as_ref().map_err(Clone::clone)
    }

    /// What does not fit, at most so many things. Fails where nothing can be checked.
    pub(crate) fn faults(&self, arguments: &Value, most: usize) -> Result<Vec<Fault>, String> {
        check_cost::check(arguments, self.is_recursive)?;
        let errors = self.compile()?.iter_errors(arguments).take(most);
        let faults = errors.map(|error| {
            let parts = error.into_parts();
            Fault {
                at: parts.instance_path.as_str().to_owned(),
                kind: parts.kind,
            }
        });
        Ok(faults.collect())
    }

    /// The schema of a part of the arguments, where it stands under `properties` and `items`.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        let mut steps = pointer.split('/').skip(1).map(unescaped);
        steps.try_fold(self.root(), |schema, step| self.below(schema, &step))
    }

    /// The schema of the whole arguments.
    pub(crate) fn root(&self) -> &Value {
        self.resolve(&self.text)
    }

    /// The schema of a member or an element.
    pub(crate) fn below<'a>(&'a self, schema: &'a Value, step: &str) -> Option<&'a Value> {
        let property = properties(schema).and_then(|properties| properties.get(step));
        let is_index = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let element = schema.get("items").filter(|_| is_index);
        Some(self.resolve(property.or(element)?))
    }

    /// What a schema refers to within the same document, or itself.
    pub(crate) fn resolve<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..MAX_REFERENCES {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference
                .and_then(|reference| reference.strip_prefix('#'))
                .and_then(|pointer| self.text.pointer(pointer));
            match target {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }
}

/// The members that an object's schema names.
pub(crate) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

/// The members that an object's schema asks for.
pub(crate) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// The types that a schema names; none where it names none.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    }
}

/// A step of a JSON pointer as it stands in the arguments.
pub(crate) fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The pointer to a member.
pub(crate) fn member(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}
