//! The guide to servers of models: each of its entries is one of a catalogue, and its variables are those that entries name.

use std::collections::BTreeSet;

use catalog::HeaderText;
use serde_json::Value;

use super::kit::given_tools;

const GUIDE: &str = include_str!("../../../../docs/models.md");

/// The fences of the guide: what they say they are, and what stands in them.
fn fences() -> Vec<(&'static str, &'static str)> {
    let mut parts = GUIDE.split("```");
    let mut found = Vec::new();
    parts.next();
    while let (Some(fence), Some(_)) = (parts.next(), parts.next()) {
        found.push(fence.split_once('\n').unwrap());
    }
    found
}

#[test]
fn each_entry_of_the_guide_is_one_of_a_catalogue() {
    let mut entries = 0;
    for (kind, text) in fences() {
        match kind {
            "json" => {
                let mut given = given_tools(serde_json::json!([]));
                given.0["models"] = serde_json::from_str::<Value>(text).unwrap();
                assert_eq!(given.catalog().models.len(), 1, "{text}");
                entries += 1;
            }
            "sh" | "sh variables" => {}
            other => panic!("a fence `{other}` is checked by nobody"),
        }
    }
    assert!(entries >= 9, "{entries}");
}

#[test]
fn each_variable_of_the_guide_is_read_by_an_entry_and_the_other_way_round() {
    let fixed = [
        "QWEN_API_URL",
        "QWEN_API_KEY",
        "QWEN_MODEL",
        "EXTRA_CA_CERTS",
    ];
    let (mut set, mut named) = (BTreeSet::new(), BTreeSet::new());
    for (kind, text) in fences() {
        match kind {
            "sh variables" => {
                for line in text.lines() {
                    let (name, value) = line.split_once('=').expect(line);
                    assert!(!value.is_empty() && !value.contains(' '), "{line}");
                    set.insert(name.to_owned());
                }
            }
            "json" => {
                let mut given = given_tools(serde_json::json!([]));
                given.0["models"] = serde_json::from_str::<Value>(text).unwrap();
                for header in given.catalog().models.remove(0).headers {
                    match header.value {
                        HeaderText::Variable(name) => named.insert(name),
                        HeaderText::Written(_) => false,
                    };
                }
            }
            _ => {}
        }
    }
    set.retain(|name| !fixed.contains(&name.as_str()));
    // Of the first entry, which shows the fields alone.
    named.remove("GATEWAY_TOKEN");
    assert_eq!(set, named);
}
