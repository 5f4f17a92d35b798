//! What holds for any arguments.

use proptest::prelude::*;
use run::Role;
use serde_json::{Value, json};

use crate::{check, used};

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z \"\\\\\n0-9é🦀]{0,12}"
}

/// Arguments of `book` that fit its schema.
fn fitting() -> impl Strategy<Value = Value> {
    let guest = (word(), proptest::option::of(any::<i32>())).prop_map(|(name, age)| {
        let mut guest = json!({"name": name});
        if let Some(age) = age {
            guest["age"] = json!(age);
        }
        guest
    });
    let optional = (
        proptest::option::of(-1e6_f64..1e6),
        proptest::option::of(any::<bool>()),
        proptest::option::of(proptest::sample::select(vec!["Low", "High"])),
        proptest::option::of(proptest::option::of(word())),
        proptest::option::of(proptest::collection::vec(word(), 0..3)),
        proptest::option::of(proptest::collection::vec(guest, 0..3)),
        proptest::option::of(proptest::option::of(any::<i32>())),
    );
    (word(), 1..10, optional).prop_map(
        |(city, nights, (price, quiet, class, note, tags, rooms, floor))| {
            let mut arguments = json!({"city": city, "nights": nights});
            let optional = [
                ("price", price.map(Value::from)),
                ("quiet", quiet.map(Value::from)),
                ("class", class.map(Value::from)),
                ("note", note.map(Value::from)),
                ("tags", tags.map(Value::from)),
                ("rooms", rooms.map(Value::from)),
                ("floor", floor.map(Value::from)),
            ];
            for (name, value) in optional {
                if let Some(value) = value {
                    arguments[name] = value;
                }
            }
            arguments
        },
    )
}

/// Any JSON, often under names that the schemas know.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f32>().prop_map(|number| json!(number)),
        word().prop_map(Value::from),
        proptest::sample::select(vec![
            "3",
            "true",
            "null",
            "[1]",
            "{\"name\": \"Eva\"}",
            "high",
            ""
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = proptest::sample::select(vec![
            "city",
            "nights",
            "Nights",
            "guest",
            "rooms",
            "name",
            "age",
            "arguments",
            "input",
            "tags",
            "floor",
            "days",
            "x",
        ]);
        let members =
            proptest::collection::btree_map(name.prop_map(str::to_owned), inner.clone(), 0..5);
        prop_oneof![
            proptest::collection::vec(inner, 0..3).prop_map(Value::Array),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Optional members of `book` and of its guest to which null is no value.
const NO_NULLS: &[&str] = &[
    "price", "quiet", "class", "tags", "days", "homepage", "guest", "rooms",
];

/// The arguments with nulls for optional members that are not there.
fn with_nulls(mut arguments: Value, names: &[&str]) -> Value {
    if let Some(members) = arguments.as_object_mut() {
        for name in names {
            members.entry(*name).or_insert(Value::Null);
        }
        if let Some(guest) = members.get_mut("guest").and_then(Value::as_object_mut) {
            guest.entry("age").or_insert(Value::Null);
        }
    }
    arguments
}

proptest! {
    #[test]
    fn what_fits_is_never_changed(arguments in fitting()) {
        prop_assert_eq!(used("book", &arguments.to_string()), arguments);
    }

    #[test]
    fn nulls_for_optional_arguments_change_nothing(
        arguments in prop_oneof![fitting(), anything().prop_filter("an object", Value::is_object)],
        names in proptest::sample::subsequence(NO_NULLS, 0..=NO_NULLS.len()),
    ) {
        let plain = check("book", &arguments.to_string());
        let nulled = check("book", &with_nulls(arguments, &names).to_string());
        prop_assert_eq!(plain.role, nulled.role);
        prop_assert_eq!(plain.arguments, nulled.arguments);
    }

    #[test]
    fn what_is_used_fits_and_what_is_refused_says_why(arguments in anything()) {
        let call = check("book", &arguments.to_string());
        match call.role {
            Role::Rejected { message, .. } => {
                prop_assert!(message.contains("expected") || message.contains("JSON"), "{}", message);
                prop_assert!(message.chars().count() <= 1000);
            }
            Role::Work | Role::Answer => {
                let again = Value::Object(call.arguments.clone()).to_string();
                prop_assert_eq!(used("book", &again), Value::Object(call.arguments), "once read, it stays");
            }
        }
    }

    #[test]
    fn no_text_makes_the_check_fail(text in "[\\[{}\\]\":,\\\\`'a-z0-9\n é🦀-]{0,60}", tool in proptest::sample::select(vec!["book", "code_interpreter", "answer", "shout", "nobody"])) {
        check(tool, &text);
    }
}
