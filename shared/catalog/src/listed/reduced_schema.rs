//! A schema as it is offered to models: only what every model server can make a grammar of, and no longer than a prompt can bear.
//!
//! llama.cpp makes one grammar of the schemas of all tools, so that one that it cannot read takes all of them away. A reduced schema
//! is wider than the whole one, never narrower, but for nulls in place of optional members, which models write too often; what a
//! model writes is checked by the whole one.

mod bounds;
mod conjuncts;
mod node;
mod null;
mod texts;

use serde_json::{Value, json};

use node::Reducer;

/// Largest offered schema, in bytes of JSON.
const MAX_OFFERED_BYTES: usize = 8 * 1024;
/// Levels that are kept, at first and where that is still too large.
const LEVELS: [usize; 4] = [8, 4, 2, 1];

/// Reduces a closed schema of arguments.
pub(super) fn reduce(closed: &Value) -> Value {
    let reduced = LEVELS.iter().map(|levels| {
        let whole = Reducer { root: closed }.arguments(*levels);
        Value::Object(whole)
    });
    let mut fitting = reduced.filter(|whole| whole.to_string().len() <= MAX_OFFERED_BYTES);
    fitting
        .next()
        .unwrap_or_else(|| json!({"type": "object", "properties": {}}))
}
