//! The schemas that hold at once in one place.

use serde_json::{Map, Value};

use crate::listed::keywords::{at, reference};
use crate::schema::types;

type Members = Map<String, Value>;

/// What is read of a schema.
const READ: [&str; 20] = [
    "additionalProperties",
    "anyOf",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "type",
    "unevaluatedProperties",
];

/// A schema, what it refers to, and what stands under `allOf`. Each may be read alone, as all of them hold.
pub(super) struct Conjuncts<'a> {
    all: Vec<&'a Members>,
    /// What is said for people, the outermost first.
    texts: Vec<&'a Members>,
}

impl<'a> Conjuncts<'a> {
    pub(super) fn of(root: &'a Value, schema: &'a Value) -> Self {
        let mut found = Self {
            all: Vec::new(),
            texts: Vec::new(),
        };
        found.add(root, schema);
        found
    }

    fn add(&mut self, root: &'a Value, schema: &'a Value) {
        let Some(members) = schema.as_object() else {
            return;
        };
        self.texts.push(members);
        if let Some(written) = members.get("$ref") {
            // What stands beside a reference counts in new drafts alone.
            let target = written.as_str().and_then(reference);
            if let Some(target) = target.and_then(|target| at(root, &target)) {
                self.add(root, target);
            }
            return;
        }
        if READ.iter().any(|keyword| members.contains_key(*keyword)) {
            self.all.push(members);
        }
        let all_of = members.get("allOf").and_then(Value::as_array);
        for one in all_of.into_iter().flatten() {
            self.add(root, one);
        }
    }

    /// The outermost that is said by a keyword.
    pub(super) fn first(&self, keyword: &str) -> Option<&'a Value> {
        self.all.iter().find_map(|one| one.get(keyword))
    }

    /// The outermost text of a keyword for people.
    pub(super) fn text(&self, keyword: &str) -> Option<&'a Value> {
        self.texts.iter().find_map(|one| one.get(keyword))
    }

    pub(super) fn has(&self, keyword: &str) -> bool {
        self.first(keyword).is_some()
    }

    /// The one schema that there is, where there is no other beside it.
    pub(super) fn alone(&self) -> Option<&'a Members> {
        match *self.all {
            [one] => Some(one),
            [] | [..] => None,
        }
    }

    pub(super) fn alternatives(&self) -> impl Iterator<Item = &'a Value> + Clone + use<'a> {
        let listed = self.first("anyOf").or_else(|| self.first("oneOf"));
        listed.and_then(Value::as_array).into_iter().flatten()
    }

    /// The members that an object lists, each with its schema, and with none twice.
    pub(super) fn properties(&self) -> Vec<(&'a str, &'a Value)> {
        let listed = self.all.iter().filter_map(|one| one.get("properties"));
        let mut found: Vec<(&str, &Value)> = Vec::new();
        for (name, schema) in listed.filter_map(Value::as_object).flatten() {
            if !found.iter().any(|(known, _)| known == name) {
                found.push((name, schema));
            }
        }
        found
    }

    pub(super) fn required(&self) -> Vec<&'a str> {
        let listed = self.all.iter().filter_map(|one| one.get("required"));
        let names = listed.filter_map(Value::as_array).flatten();
        names.filter_map(Value::as_str).collect()
    }

    /// The types that are named, or of which the other keywords speak.
    pub(super) fn kinds(&self) -> Vec<&'a str> {
        const KNOWN: [&str; 7] = [
            "array", "boolean", "integer", "null", "number", "object", "string",
        ];
        let named = self.all.iter().map(|one| types_of(one));
        let named = named.into_iter().find(|types| !types.is_empty());
        match named {
            Some(mut types) => {
                types.retain(|name| KNOWN.contains(name));
                types
            }
            None if self.has("properties") => vec!["object"],
            None if self.has("items") => vec!["array"],
            None => Vec::new(),
        }
    }
}

fn types_of(schema: &Members) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    }
}

/// Whether a schema takes null alone.
pub(super) fn is_null(schema: &Value) -> bool {
    types(schema) == ["null"]
}

/// Whether a schema takes nothing at all, as a library writes it for what may be left out.
pub(super) fn is_never(schema: &Value) -> bool {
    let is_anything =
        |it: &Value| it == &Value::Bool(true) || it.as_object().is_some_and(Map::is_empty);
    schema == &Value::Bool(false) || schema.get("not").is_some_and(is_anything)
}
