//! A schema from elsewhere, made fit to be checked with: it refers to nothing outside itself, never leads back to itself, and the
//! work of checking a value with it is bounded by its size.
//!
//! What is taken out makes it wider, never narrower: whoever gave the schema checks again what it is sent. Where a wider part would make
//! the whole narrower, as under `not`, what holds the part is taken out with it.

use std::collections::{BTreeMap, BTreeSet};

use run::is_within_levels;
use serde_json::{Map, Value};

use super::keywords::{at, at_mut, below, reference};

/// Largest schema, in bytes of JSON.
const MAX_SCHEMA_BYTES: usize = 32 * 1024;
/// Arrays and objects that may stand in each other in a schema.
const MAX_SCHEMA_LEVELS: usize = 32;
/// Schemas that a check may come to, each counted as often as references lead to it.
const MAX_EXPANDED: u64 = 10_000;
/// How deep schemas may stand in each other where each stands in the place of what refers to it.
const MAX_UNFOLDED_LEVELS: usize = 64;
/// Drafts that the checker knows, by what their addresses hold.
const DRAFTS: [&str; 6] = [
    "/draft-04/",
    "/draft-06/",
    "/draft-07/",
    "/draft/2019-09/",
    "/draft/2020-12/",
    "/draft-03/",
];
/// Keywords by which a schema is referred to, or refers elsewhere, other than by its place.
const NAMES: [&str; 9] = [
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "$vocabulary",
    "$schema",
];

/// Closes a schema.
///
/// # Errors
/// One sentence that says why it cannot be used.
pub(super) fn close(schema: &Map<String, Value>) -> Result<Value, String> {
    let mut closed = Value::Object(schema.clone());
    let bytes = closed.to_string().len();
    if bytes > MAX_SCHEMA_BYTES {
        return Err(format!(
            "its schema has {bytes} bytes, at most {MAX_SCHEMA_BYTES} are taken"
        ));
    }
    if !is_within_levels(&closed, MAX_SCHEMA_LEVELS) {
        return Err(format!(
            "its schema is nested deeper than {MAX_SCHEMA_LEVELS} levels"
        ));
    }
    let mut walk = Walk::new(&closed);
    let extent = walk.measure(&Vec::new());
    if extent.levels > MAX_UNFOLDED_LEVELS {
        return Err(format!(
            "its schema unfolds to more than {MAX_UNFOLDED_LEVELS} levels"
        ));
    }
    if extent.schemas > MAX_EXPANDED {
        return Err(format!(
            "its schema unfolds to more than {MAX_EXPANDED} schemas"
        ));
    }
    let Walk {
        cut,
        named,
        dropped,
        ..
    } = walk;
    for place in &named {
        let is_root = place.is_empty();
        with_members(&mut closed, place, |members| {
            members.retain(|name, value| !is_name(name, value, is_root));
        });
    }
    for (place, keywords) in &dropped {
        with_members(&mut closed, place, |members| {
            members.retain(|name, _| !keywords.contains(&name.as_str()));
        });
    }
    for place in &cut {
        if let Some(schema) = at_mut(&mut closed, place) {
            *schema = anything(schema);
        }
    }
    Ok(closed)
}

fn with_members(whole: &mut Value, place: &Place, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Some(members) = at_mut(whole, place).and_then(Value::as_object_mut) {
        change(members);
    }
}

/// Whether a member is one of [`NAMES`]. The draft that the whole is written in stays, where it is known.
fn is_name(name: &str, value: &Value, is_root: bool) -> bool {
    let is_draft = |address: &str| DRAFTS.iter().any(|draft| address.contains(draft));
    NAMES.contains(&name) && !(is_root && name == "$schema" && value.as_str().is_some_and(is_draft))
}

/// What takes anything, with what the schema says for people. Beside a reference nothing else stays: older drafts pass it over.
fn anything(schema: &Value) -> Value {
    let description = schema.get("description").filter(|it| it.is_string());
    let description = description.map(|text| ("description".to_owned(), text.clone()));
    Value::Object(description.into_iter().collect())
}

type Place = Vec<String>;

/// How much a schema unfolds to, itself included.
#[derive(Clone, Copy)]
struct Extent {
    schemas: u64,
    levels: usize,
    /// Something in it was taken out.
    is_wider: bool,
}

impl Extent {
    const ONE: Self = Self {
        schemas: 1,
        levels: 1,
        is_wider: false,
    };

    fn with(self, below: Self) -> Self {
        Self {
            schemas: self.schemas.saturating_add(below.schemas),
            levels: self.levels.max(below.levels.saturating_add(1)),
            is_wider: self.is_wider || below.is_wider,
        }
    }
}

/// A walk through all that the root leads to, each schema once.
struct Walk<'a> {
    root: &'a Value,
    known: BTreeMap<Place, Extent>,
    /// Those that the walk is in.
    open: BTreeSet<Place>,
    /// Those that lead back, elsewhere, or nowhere.
    cut: BTreeSet<Place>,
    /// Those that have a name beside their place.
    named: BTreeSet<Place>,
    /// Keywords that would make their schema narrower, as what they hold was made wider.
    dropped: BTreeMap<Place, Vec<&'static str>>,
}

impl<'a> Walk<'a> {
    const fn new(root: &'a Value) -> Self {
        Self {
            root,
            known: BTreeMap::new(),
            open: BTreeSet::new(),
            cut: BTreeSet::new(),
            named: BTreeSet::new(),
            dropped: BTreeMap::new(),
        }
    }

    fn measure(&mut self, place: &Place) -> Extent {
        if let Some(extent) = self.known.get(place) {
            return *extent;
        }
        let schema = at(self.root, place);
        let Some(members) = schema.and_then(Value::as_object) else {
            return Extent::ONE;
        };
        let mut extent = Extent::ONE;
        if self.open.len() >= MAX_UNFOLDED_LEVELS {
            // It is refused: how much further it goes is of no interest.
            extent.levels = usize::MAX;
            return extent;
        }
        if NAMES.iter().any(|name| members.contains_key(*name)) {
            self.named.insert(place.clone());
        }
        self.open.insert(place.clone());
        let leads_on = ["$ref", "$dynamicRef", "$recursiveRef"];
        if leads_on.iter().any(|name| members.contains_key(*name)) {
            match self.target(place, members) {
                Some(target) => extent = extent.with(self.measure(&target)),
                None => {
                    self.cut.insert(place.clone());
                }
            }
        }
        if !self.cut.contains(place) {
            for steps in schema.map(below).unwrap_or_default() {
                let holder = steps.first().cloned().unwrap_or_default();
                let next = place.iter().cloned().chain(steps).collect();
                let below = self.measure(&next);
                if below.is_wider {
                    self.drop_with(place, &holder);
                }
                extent = extent.with(below);
            }
        }
        extent.is_wider |= self.cut.contains(place) || self.drop_outdated(place, members);
        if extent.is_wider {
            self.drop_keywords(place, &["unevaluatedProperties", "unevaluatedItems"]);
        }
        self.open.remove(place);
        self.known.insert(place.clone(), extent);
        extent
    }

    /// Takes out what drafts before 2019 wrote in a form that later ones do not know: many servers name no draft, and write as ever.
    fn drop_outdated(&mut self, place: &Place, members: &Map<String, Value>) -> bool {
        let is = |keyword: &str, is_outdated: fn(&Value) -> bool| {
            members.get(keyword).is_some_and(is_outdated)
        };
        let mut outdated: Vec<&'static str> = Vec::new();
        if is("items", Value::is_array) {
            outdated.extend(["items", "additionalItems"]);
        }
        for keyword in ["exclusiveMinimum", "exclusiveMaximum", "required"] {
            if is(keyword, Value::is_boolean) {
                outdated.push(keyword);
            }
        }
        self.drop_keywords(place, &outdated);
        !outdated.is_empty()
    }

    /// Takes out what a keyword that holds something wider makes narrower.
    fn drop_with(&mut self, place: &Place, keyword: &str) {
        let keywords: &[&'static str] = match keyword {
            "not" => &["not"],
            "oneOf" => &["oneOf"],
            "if" => &["if", "then", "else"],
            "contains" => &["contains", "minContains", "maxContains"],
            _ => return,
        };
        self.drop_keywords(place, keywords);
    }

    fn drop_keywords(&mut self, place: &Place, keywords: &[&'static str]) {
        if !keywords.is_empty() {
            let dropped = self.dropped.entry(place.clone()).or_default();
            dropped.extend(keywords);
        }
    }

    /// Where a reference leads; `None` where that is back, elsewhere, or to no schema.
    fn target(&self, from: &Place, members: &Map<String, Value>) -> Option<Place> {
        let is_plain =
            !members.contains_key("$dynamicRef") && !members.contains_key("$recursiveRef");
        let written = members.get("$ref").filter(|_| is_plain)?.as_str()?;
        let target = reference(written).filter(|_| !self.has_base(from))?;
        let is_schema = at(self.root, &target).is_some_and(|it| it.is_object() || it.is_boolean());
        (is_schema && !self.open.contains(&target)).then_some(target)
    }

    /// Whether references there are not those of the whole document, as something around them has an address of its own.
    fn has_base(&self, place: &Place) -> bool {
        (1..=place.len()).any(|length| {
            let around = at(self.root, &place[..length]);
            ["$id", "id"].iter().any(|name| {
                let named = around.and_then(|schema| schema.get(name));
                named.is_some_and(Value::is_string)
            })
        })
    }
}
