//! What of a page nobody sees, and so no model reads.
//!
//! Judged by element and attributes. What a style sheet or a script hides cannot be told from here.

use std::collections::BTreeMap;

use super::tree::{Id, Tree};

/// Elements whose content is not shown as text, or is of no use as one.
const NOT_SHOWN: [&str; 25] = [
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "applet",
    "svg",
    "canvas",
    "audio",
    "video",
    "map",
    "head",
    "noembed",
    "noframes",
    "datalist",
    "select",
    "param",
    "source",
    "track",
    "textarea",
    "input",
    "portal",
    "annotation-xml",
];

type Test = fn(&str) -> bool;

/// A declaration that takes an element out of sight, and the values by which it does.
const TAKES_AWAY: [(&str, Test); 13] = [
    ("display", |value| value == "none"),
    ("visibility", |value| matches!(value, "hidden" | "collapse")),
    ("content-visibility", |value| value == "hidden"),
    ("opacity", is_next_to_zero),
    ("font-size", is_next_to_zero),
    ("font", |value| {
        value
            .split([' ', '/'])
            .next()
            .is_some_and(|first| first.starts_with('0') && is_next_to_zero(first))
    }),
    ("color", is_transparent),
    ("-webkit-text-fill-color", is_transparent),
    ("text-indent", is_far_away),
    ("left", is_far_away),
    ("top", is_far_away),
    ("clip-path", |value| {
        matches!(
            value,
            "inset(100%)" | "inset(50%)" | "circle(0)" | "circle(0px)" | "polygon(0 0)"
        )
    }),
    ("transform", |value| {
        value.contains("scale(0)") || value.contains("(-9999") || value.contains("(-1000")
    }),
];

/// Lengths and shares below this are not seen: of a pixel, of one, of a hundred.
const NEXT_TO_ZERO: f64 = 0.1;
/// Pixels to the left of or above a page where nothing is seen any more.
const FAR_AWAY: f64 = -900.0;

/// Which nodes are out of sight, with all that is in them.
///
/// Elements that are made again share the text of their attributes: each is judged once.
pub fn hidden_of(tree: &Tree) -> Vec<bool> {
    let mut styles = BTreeMap::new();
    let mut hides_once = |style: &str| {
        let known = styles.entry((style.as_ptr(), style.len()));
        *known.or_insert_with(|| hides(style))
    };
    (0..tree.len())
        .map(|id| is_hidden(tree, id, &mut hides_once))
        .collect()
}

fn is_hidden(tree: &Tree, id: Id, hides: &mut impl FnMut(&str) -> bool) -> bool {
    let Some(name) = tree.name(id) else {
        return false;
    };
    // Pages show themselves by script; then nothing of them could be read.
    if matches!(name, "html" | "body") {
        return false;
    }
    let has = |attribute: &str| tree.attribute(id, attribute).is_some();
    NOT_SHOWN.contains(&name)
        || (name == "dialog" && !has("open"))
        || (has("hidden") && !has_value(tree, id, "hidden", "until-found"))
        // A picture that is kept from being read aloud is seen all the same: formulas are such.
        || (name != "img" && has_value(tree, id, "aria-hidden", "true"))
        || tree.attribute(id, "style").is_some_and(hides)
}

fn has_value(tree: &Tree, id: Id, attribute: &str, value: &str) -> bool {
    let given = tree.attribute(id, attribute);
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case(value))
}

/// Whether the declarations of a `style` attribute take an element out of sight.
fn hides(style: &str) -> bool {
    let style = without_comments(style).to_ascii_lowercase();
    let declarations: Vec<_> = style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(name, value)| {
            (
                name.trim(),
                value.split('!').next().unwrap_or_default().trim(),
            )
        })
        .collect();
    let says = |wanted: &str, test: Test| {
        declarations
            .iter()
            .any(|(name, value)| *name == wanted && test(value))
    };
    let is_clipped = says("overflow", |value| value == "hidden")
        || says("position", |value| value == "absolute");
    let is_nothing = says("height", is_next_to_zero)
        || says("width", is_next_to_zero)
        || says("max-height", is_next_to_zero);
    let is_cut_away = says("clip", |value| {
        value.starts_with("rect(0") || value.starts_with("rect(1px")
    });
    TAKES_AWAY.iter().any(|(name, test)| says(name, *test))
        || (is_clipped && is_nothing)
        || is_cut_away
}

fn without_comments(style: &str) -> String {
    let mut parts = style.split("/*");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("*/").map_or("", |(_, behind)| behind));
    }
    kept
}

/// The number that a value begins with, and its unit.
fn number(value: &str) -> Option<(f64, &str)> {
    let end = value
        .find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+'))
        .unwrap_or(value.len());
    let (number, unit) = value.split_at(end);
    Some((number.parse().ok()?, unit.trim()))
}

fn is_next_to_zero(value: &str) -> bool {
    number(value).is_some_and(|(number, unit)| {
        let of = if unit == "%" { number / 100.0 } else { number };
        of < NEXT_TO_ZERO || (unit == "px" && number < 2.0)
    })
}

fn is_far_away(value: &str) -> bool {
    number(value).is_some_and(|(number, unit)| {
        let pixels = match unit {
            "em" | "rem" | "ex" | "ch" => number * 16.0,
            "%" | "vw" | "vh" => number * 10.0,
            _ => number,
        };
        pixels <= FAR_AWAY
    })
}

fn is_transparent(value: &str) -> bool {
    let alpha = value
        .strip_suffix(')')
        .and_then(|value| value.rsplit_once([',', '/']))
        .filter(|(before, _)| {
            before.starts_with("rgba") || before.starts_with("hsla") || value.contains('/')
        })
        .map(|(_, alpha)| alpha.trim());
    value == "transparent" || alpha.is_some_and(is_next_to_zero)
}

#[cfg(test)]
mod tests;
