//! Arguments under a name that differs from the schema's in case, or in how its words are joined.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::schema::{Schema, properties};

/// The arguments with the members of the object at this place under the names that the schema has for them.
///
/// A member is renamed where it alone can be meant: no other one reads the same.
pub(super) fn at(arguments: &Value, at: &str, schema: &Schema) -> Option<Value> {
    let known = properties(schema.at(at)?)?;
    let members = arguments.pointer(at)?.as_object()?;
    let mut read: HashMap<String, usize> = HashMap::new();
    for name in members.keys() {
        *read.entry(plain(name)).or_default() += 1;
    }
    let meant = |name: &str| {
        let name = plain(name);
        let mut meant = known.keys().filter(|known| plain(known) == name);
        let one = meant.next()?;
        let is_certain = meant.next().is_none() && read.get(&name) == Some(&1);
        is_certain.then_some(one)
    };
    let mut any = false;
    let renamed: Map<String, Value> = members
        .iter()
        .map(|(name, value)| {
            let new = (!known.contains_key(name)).then(|| meant(name)).flatten();
            any |= new.is_some();
            (new.unwrap_or(name).clone(), value.clone())
        })
        .collect();
    if !any {
        return None;
    }
    let mut changed = arguments.clone();
    *changed.pointer_mut(at)? = Value::Object(renamed);
    Some(changed)
}

/// A name without what spellings differ in: `numResults`, `num-results` and `NUM_RESULTS` read the same.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|char| !['_', '-', ' '].contains(char));
    letters.flat_map(char::to_lowercase).collect()
}
