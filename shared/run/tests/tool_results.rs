//! The result of a tool is one object as JSON: what comes of it again is what went in, with files or without.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use run::{ARTIFACTS, ArtifactEntry, Outcome, ToolObject};
use serde_json::{Map, Value, json};

fn fields(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn file(name: &str) -> ArtifactEntry {
    ArtifactEntry {
        name: name.to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: 3,
        version: Some("r1.1-1".to_owned()),
        error: None,
    }
}

#[test]
fn only_a_list_of_nothing_but_files_is_taken_for_one() {
    let kept = json!({"name": "a.csv", "media_type": "text/csv", "bytes": 3, "version": "r1.1-1"});
    let refused = json!({"name": "b", "media_type": "", "bytes": 9, "error": "its name"});
    for (listed, count) in [
        (json!([kept]), 1),
        (json!([kept, refused]), 2),
        (json!([]), 0),
        (json!("none"), 0),
        (json!({"name": "a.csv"}), 0),
        (json!([kept, "and more"]), 0),
        (json!([{"name": "a.csv"}]), 0),
        (json!([{"name": "a", "media_type": "t", "bytes": -1}]), 0),
        (json!([{"name": "a", "media_type": "t", "bytes": 3.0}]), 0),
        (
            json!([{"name": "a", "media_type": "t", "bytes": 3, "version": null}]),
            0,
        ),
        (
            json!([{"name": "a", "media_type": "t", "bytes": 3, "url": "https://e.example"}]),
            0,
        ),
    ] {
        let result = json!({"stdout": "x", ARTIFACTS: listed});
        let object = ToolObject::from(fields(result.clone()));
        assert_eq!(object.artifacts().len(), count, "{listed}");
        assert_eq!(Value::Object(object.to_map()), result, "{listed}");
    }
}

#[test]
fn files_that_were_kept_stand_in_place_of_a_tools_own_list() {
    let own = fields(json!({"stdout": "x", ARTIFACTS: ["mine"]}));
    let object = ToolObject::new(own.clone(), vec![file("a.csv")]);
    assert_eq!(object.artifacts(), [file("a.csv")]);
    assert_eq!(*object.fields(), fields(json!({"stdout": "x"})));
    // Without files, what the tool said is what it said.
    assert_eq!(ToolObject::new(own.clone(), Vec::new()).to_map(), own);
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = "[a-z]{0,3}".prop_map(Value::from);
    let entry = (any::<bool>(), any::<u64>(), "[a-z]{0,3}").prop_map(|(kept, bytes, name)| {
        let mut entry = json!({"name": name, "media_type": "text/csv", "bytes": bytes});
        if kept {
            entry["version"] = json!("r1.1-1");
        }
        entry
    });
    let one = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        text,
        entry
    ];
    prop_oneof![
        one.clone(),
        prop::collection::vec(one, 0..4).prop_map(Value::from)
    ]
}

proptest! {
    #[test]
    fn what_was_stored_reads_back_as_it_was(
        result in prop::collection::hash_map(prop_oneof![Just(ARTIFACTS.to_owned()), "[a-z]{0,3}"], any_value(), 0..4),
        files in prop::collection::vec("[a-z]{1,3}", 0..3),
    ) {
        let result: Map<_, _> = result.into_iter().collect();
        let files: Vec<_> = files.iter().map(|name| file(name)).collect();
        let outcome = Outcome::Object(ToolObject::new(result.clone(), files.clone()));
        let stored = serde_json::to_string(&outcome).unwrap();
        prop_assert_eq!(serde_json::from_str::<Outcome>(&stored).unwrap(), outcome);
        if files.is_empty() {
            let stored: Value = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&stored["object"], &Value::Object(result));
        }
    }
}
