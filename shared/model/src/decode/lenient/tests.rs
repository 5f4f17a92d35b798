//! What each kind of field makes of each kind of value.

use serde_json::json;

use super::parts::Parts;
use super::*;

/// Values of every kind, in one order.
fn values() -> [Value; 12] {
    [
        json!(null),
        json!(false),
        json!(true),
        json!(0),
        json!(-3),
        json!(12.0),
        json!(""),
        json!("7"),
        json!([]),
        json!([{"text": "a"}, "b"]),
        json!({}),
        json!({"text": "c"}),
    ]
}

/// What a field makes of them; `None` where it refuses one.
fn read<T: for<'de> Deserialize<'de>, R>(show: impl Fn(T) -> R) -> Vec<Option<R>> {
    let values = values().into_iter().map(|value| value.to_string());
    values
        .map(|text| serde_json::from_str::<T>(&text).ok().map(&show))
        .collect()
}

#[test]
fn a_text_is_read_of_what_can_be_one_and_is_empty_else() {
    let text = ["", "", "", "0", "-3", "?", "", "7", "", "ab", "", "c"];
    let found: Vec<String> = values()
        .iter()
        .map(|value| {
            let text = value.to_string();
            serde_json::from_str::<Text<'_>>(&text)
                .map_or("?".to_owned(), |text| text.0.into_owned())
        })
        .collect();
    assert_eq!(found, text);
}

#[test]
fn a_count_is_a_whole_number_or_none() {
    let none = Some(None);
    let some = |number| Some(Some(number));
    assert_eq!(
        read(|count: Count| count.0),
        [
            none,
            none,
            none,
            some(0),
            none,
            some(12),
            none,
            some(7),
            none,
            none,
            none,
            none
        ]
    );
    for (text, count) in [
        ("12.5", None),
        ("\"8.0\"", Some(8)),
        ("\"x\"", None),
        ("1e3", Some(1000)),
    ] {
        assert_eq!(
            serde_json::from_str::<Count>(text).unwrap().0,
            count,
            "{text}"
        );
    }
}

#[test]
fn an_error_tells_of_a_failure_unless_it_is_empty_or_zero_all_through() {
    let found: Vec<bool> = read(|present: Present| present.0)
        .into_iter()
        .flatten()
        .collect();
    let (yes, no) = (true, false);
    assert_eq!(
        found,
        [no, no, yes, no, yes, yes, no, yes, no, yes, no, yes]
    );
}

#[test]
fn objects_are_read_one_by_one_or_in_a_list_and_what_is_none_is_passed_over() {
    #[derive(serde::Deserialize)]
    struct Part {
        text: String,
    }
    let object = read(|object: Lenient<Part>| object.0.map(|part| part.text));
    let (none, c) = (Some(None), Some(Some("c".to_owned())));
    let expected = [
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        none,
        None,
        c,
    ];
    assert_eq!(object, expected);
    let list = read(|parts: Parts<Part>| {
        let is_empty = parts.is_empty();
        let (first, others) = parts.into_first_and_others();
        let texts = first.into_iter().chain(others).map(|part| part.text);
        (is_empty, texts.collect::<String>())
    });
    let nothing = Some((true, String::new()));
    let mut expected = vec![nothing; 12];
    expected[9] = Some((false, "a".to_owned()));
    expected[11] = Some((false, "c".to_owned()));
    assert_eq!(list, expected);
    let several = r#"[{"text": "a"}, null, {"text": "b"}, 3, {"text": "c"}]"#;
    let (first, others) = serde_json::from_str::<Parts<Part>>(several)
        .unwrap()
        .into_first_and_others();
    let texts: Vec<String> = first
        .into_iter()
        .chain(others)
        .map(|part| part.text)
        .collect();
    assert_eq!(texts, ["a", "b", "c"]);
}
