//! What an operator has set for a model, in its requests.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::overrides::Overrides;

/// The request to a model for which an operator has set these fields.
fn overridden(fields: &Value) -> ChatRequest {
    ChatRequest {
        overrides: Arc::new(Overrides::read(fields.as_object().unwrap())),
        ..request()
    }
}

#[test]
fn what_an_operator_has_set_stands_in_the_place_of_what_is_asked_or_beside_it() {
    let plain = sent(&request(), &RequestProfile::default());
    // What is set, which fields are not sent, and which are sent so.
    let cases = [
        (json!({}), vec![], json!({})),
        (json!({"temperature": null}), vec!["temperature"], json!({})),
        (
            json!({"temperature": 1}),
            vec![],
            json!({"temperature": 1.0}),
        ),
        (
            json!({"max_tokens": null}),
            vec!["max_tokens"],
            json!({"max_completion_tokens": 4096}),
        ),
        (
            json!({"max_completion_tokens": null}),
            vec![],
            json!({"max_tokens": 4096}),
        ),
        (
            json!({"top_k": 20, "provider": {"require_parameters": true, "order": null}}),
            vec![],
            json!({"top_k": 20, "provider": {"require_parameters": true, "order": null}}),
        ),
    ];
    for (set, without, with) in cases {
        let mut expected = plain.clone();
        let fields = expected.as_object_mut().unwrap();
        fields.retain(|name, _| !without.contains(&name.as_str()));
        fields.extend(with.as_object().unwrap().clone());
        assert_eq!(
            sent(&overridden(&set), &RequestProfile::default()),
            expected,
            "{set}"
        );
    }
}

#[test]
fn no_field_of_an_operators_stands_in_a_request_twice_and_the_service_learns_on() {
    let text = |request: &ChatRequest, profile: &RequestProfile| {
        serde_json::to_string(&profile.body(request, "m")).unwrap()
    };
    let pinned = overridden(&json!({"temperature": 0.6, "top_p": 0.5}));
    let written = text(&pinned, &RequestProfile::default());
    assert_eq!(written.matches("temperature").count(), 1, "{written}");
    // A temperature that is refused is left out, whoever has set it, and a limit keeps one of its names as long as it can.
    let (told, body) = after(&pinned, &[without(&["temperature"])]);
    assert_eq!(
        (told[0].as_deref(), body.get("temperature")),
        (Some("temperature"), None)
    );
    let renamed = overridden(&json!({"max_tokens": null}));
    let (told, body) = after(&renamed, &[without(&["max_tokens"])]);
    assert_eq!(
        (told[0].as_deref(), &body["max_completion_tokens"]),
        (None, &json!(4096))
    );
    let (told, _) = after(
        &overridden(&json!({"temperature": null})),
        &[Restriction::OtherTemperature],
    );
    assert_eq!(told, [None]);
    // What an operator has set is never left out by itself: nothing is learned of it.
    let (told, body) = after(&pinned, &[without(&["top_p"])]);
    assert_eq!((told[0].as_deref(), &body["top_p"]), (None, &json!(0.5)));
}
