//! One schema in the place of another's member, element or alternative, reduced.

use serde_json::{Map, Value, json};

use super::conjuncts::{Conjuncts, is_never, is_null};
use super::null::Null;
use super::{bounds, texts};

/// Most members and alternatives of one schema.
const MAX_PROPERTIES: usize = 100;
const MAX_ALTERNATIVES: usize = 12;

type Members = Map<String, Value>;

/// Reduces the schemas of one document.
pub(super) struct Reducer<'a> {
    pub(super) root: &'a Value,
}

impl<'a> Reducer<'a> {
    fn conjuncts(&self, schema: &'a Value) -> Conjuncts<'a> {
        Conjuncts::of(self.root, schema)
    }

    /// The whole, as the schema of arguments: an object, whose members are listed.
    pub(super) fn arguments(&self, levels: usize) -> Members {
        let all = self.conjuncts(self.root);
        let mut arguments = Members::from_iter([("type".to_owned(), json!("object"))]);
        texts::keep(&all, &mut arguments);
        arguments.remove("default");
        let has_alternatives = all.alternatives().next().is_some();
        if has_alternatives && !all.has("properties") {
            let properties = self.of_alternatives(&all, levels);
            arguments.insert("properties".to_owned(), Value::Object(properties));
        } else {
            arguments.append(&mut self.object(&all, levels));
            let none = || json!({});
            arguments.entry("properties").or_insert_with(none);
        }
        arguments
    }

    /// Members of arguments of which only alternatives are told: each that one of them has may be there. What is said of it counts
    /// where all of them say the same.
    fn of_alternatives(&self, all: &Conjuncts<'a>, levels: usize) -> Members {
        // As none must be there, null is left out of all.
        let of_one =
            |alternative: &'a Value| self.properties(&self.conjuncts(alternative), levels, &[]);
        let each = all.alternatives().take(MAX_PROPERTIES);
        let each: Vec<Members> = each.map(of_one).collect();
        let mut properties = Members::new();
        for (name, schema) in each.iter().flatten() {
            if properties.len() == MAX_PROPERTIES || properties.contains_key(name) {
                continue;
            }
            let is_same = each.iter().all(|other| other.get(name) == Some(schema));
            let said = if is_same { schema.clone() } else { json!({}) };
            properties.insert(name.clone(), said);
        }
        properties
    }

    fn schema(&self, schema: &'a Value, levels: usize, null: Null) -> Value {
        let all = self.conjuncts(schema);
        let tells_alternatives = levels > 0 && !all.has("properties");
        let alternatives = tells_alternatives.then(|| self.alternatives(&all, levels, null));
        let mut reduced = match alternatives.flatten() {
            Some(alternatives) => alternatives,
            None => self.plain(&all, levels, null),
        };
        texts::keep(&all, &mut reduced);
        let values = reduced.get("enum").and_then(Value::as_array);
        let is_value = |default: &Value| values.is_none_or(|values| values.contains(default));
        if !reduced.get("default").is_none_or(is_value) {
            reduced.remove("default");
        }
        Value::Object(reduced)
    }

    /// Alternatives, each reduced; `None` where they tell nothing.
    fn alternatives(&self, all: &Conjuncts<'a>, levels: usize, null: Null) -> Option<Members> {
        let mut told: Vec<Value> = Vec::new();
        for alternative in all.alternatives().filter(|it| !is_never(it)) {
            let reduced = self.schema(alternative, levels, null);
            let is_left_out = null == Null::LeftOut && is_null(&reduced);
            if is_left_out || told.contains(&reduced) {
                continue;
            }
            let texts = ["description", "default"];
            let tells = reduced
                .as_object()?
                .keys()
                .any(|name| !texts.contains(&&**name));
            if !tells || told.len() == MAX_ALTERNATIVES {
                return None;
            }
            told.push(reduced);
        }
        match (told.pop()?, told.is_empty()) {
            (Value::Object(only), true) => Some(only),
            (last, _) => {
                told.push(last);
                let any_of = ("anyOf".to_owned(), Value::Array(told));
                Some(Members::from_iter([any_of]))
            }
        }
    }

    /// What is told by type, values and bounds.
    fn plain(&self, all: &Conjuncts<'a>, levels: usize, null: Null) -> Members {
        let mut reduced = Members::new();
        if let Some(values) = bounds::values(all, null) {
            if let Some(kind) = bounds::kind_of(&values) {
                reduced.insert("type".to_owned(), json!(kind));
            }
            reduced.insert("enum".to_owned(), Value::Array(values));
            return reduced;
        }
        let mut kinds = all.kinds();
        if null == Null::LeftOut && kinds.len() > 1 {
            kinds.retain(|kind| *kind != "null");
        }
        match *kinds {
            [] => return reduced,
            [kind] => reduced.insert("type".to_owned(), json!(kind)),
            [..] => reduced.insert("type".to_owned(), json!(kinds)),
        };
        if kinds.contains(&"object") && levels > 0 {
            reduced.append(&mut self.object(all, levels));
        }
        if kinds.contains(&"array") {
            reduced.insert("items".to_owned(), self.items(all, levels));
        }
        bounds::keep(all, &kinds, &mut reduced);
        reduced
    }

    /// Members of an object.
    fn object(&self, all: &Conjuncts<'a>, levels: usize) -> Members {
        let mut reduced = Members::new();
        let required = all.required();
        let is_whole = all.properties().len() <= MAX_PROPERTIES;
        let properties = self.properties(all, levels, &required);
        let mut names: Vec<Value> = Vec::new();
        for name in required {
            let name = Value::from(name);
            if properties.contains_key(name.as_str().unwrap_or_default()) && !names.contains(&name)
            {
                names.push(name);
            }
        }
        if all.has("properties") {
            reduced.insert("properties".to_owned(), Value::Object(properties));
        }
        if !names.is_empty() {
            reduced.insert("required".to_owned(), Value::Array(names));
        }
        if let Some(further) = self.further(all, levels).filter(|_| is_whole) {
            reduced.insert("additionalProperties".to_owned(), further);
        }
        reduced
    }

    /// The listed members, each reduced.
    fn properties(&self, all: &Conjuncts<'a>, levels: usize, required: &[&str]) -> Members {
        let listed = all.properties().into_iter().take(MAX_PROPERTIES);
        let reduced = listed.map(|(name, schema)| {
            let null = if required.contains(&name) {
                Null::Kept
            } else {
                Null::LeftOut
            };
            let schema = self.schema(schema, levels.saturating_sub(1), null);
            (name.to_owned(), schema)
        });
        reduced.collect()
    }

    /// What members beside the listed ones may be, where one schema alone says it.
    fn further(&self, all: &Conjuncts<'a>, levels: usize) -> Option<Value> {
        let one = all.alone()?;
        if one.contains_key("patternProperties") {
            return None;
        }
        match one.get("additionalProperties")? {
            Value::Bool(false) => Some(Value::Bool(false)),
            schema @ Value::Object(_) => {
                let reduced = self.schema(schema, levels - 1, Null::Kept);
                (reduced != json!({})).then_some(reduced)
            }
            _ => None,
        }
    }

    /// What the elements of a list are. Of a list whose places differ, nothing is told.
    fn items(&self, all: &Conjuncts<'a>, levels: usize) -> Value {
        let is_tuple = all.has("prefixItems");
        match all.first("items") {
            Some(schema) if !is_tuple && levels > 0 => self.schema(schema, levels - 1, Null::Kept),
            Some(_) | None => json!({}),
        }
    }
}
