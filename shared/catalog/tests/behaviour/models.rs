//! What a model's server is sent beside what is asked: headers, and fields of each request.

use catalog::{HeaderText, ModelHeader};
use serde_json::{Value, json};

use super::kit::{Given, given_tools};

fn with(field: &str, value: &Value) -> Given {
    let mut given = given_tools(json!([]));
    given.0["models"]["qwen"][field] = value.clone();
    given
}

/// The value that the path of the error, below the field, begins after, and what is said.
type Refusals = [(Value, &'static str, &'static str)];

fn each_is_refused(field: &str, refusals: &Refusals) {
    for (value, below, says) in refusals {
        let path = format!("models.qwen.{field}{below}");
        with(field, value).then_it_is_refused(&path, says);
    }
}

#[test]
fn headers_are_texts_or_the_names_of_variables_in_the_order_of_the_file() {
    let written = json!({
        "HTTP-Referer": "https://example.org/", "X-Title": "An orchestra of models", "user-agent": "mine/1",
        "CF-Access-Client-Secret": {"env": "CF_SECRET"}, "authorization": {"env": "GATEWAY"}, "api-key": {"env": "GATEWAY"},
    });
    let catalog = with("headers", &written).catalog();
    let header = |name: &str, value| ModelHeader {
        name: name.to_owned(),
        value,
    };
    let text = |text: &str| HeaderText::Written(text.to_owned());
    let variable = |name: &str| HeaderText::Variable(name.to_owned());
    let expected = [
        header("http-referer", text("https://example.org/")),
        header("x-title", text("An orchestra of models")),
        header("user-agent", text("mine/1")),
        header("cf-access-client-secret", variable("CF_SECRET")),
        header("authorization", variable("GATEWAY")),
        header("api-key", variable("GATEWAY")),
    ];
    assert_eq!(catalog.models[0].headers, expected);
    let variables: Vec<_> = catalog.header_variables().collect();
    assert_eq!(variables, ["CF_SECRET", "GATEWAY", "GATEWAY"]);
}

#[test]
fn a_header_that_is_no_text_for_a_file_or_that_the_service_sends_is_refused_and_never_repeated() {
    let many: serde_json::Map<_, _> = (0..33).map(|at| (format!("x-{at}"), json!("a"))).collect();
    let long = "s3cr3t".repeat(200);
    let form = r#"{"env": "NAME_OF_A_VARIABLE"}"#;
    each_is_refused(
        "headers",
        &[
            (json!(["a"]), "", "map"),
            (many.into(), "", "at most 32 headers, found 33"),
            (json!({"": "a"}), ".", "the name of a header"),
            (json!({"a b": "c"}), ".a b", "the name of a header"),
            (json!({"a:": "c"}), ".a:", "the name of a header"),
            (json!({"Host": "a"}), ".Host", "which the service sets"),
            (
                json!({"Content-Length": "1"}),
                ".Content-Length",
                "which the service sets",
            ),
            (
                json!({"content-type": "a/b"}),
                ".content-type",
                "which the service sets",
            ),
            (
                json!({"Accept-Encoding": "br"}),
                ".Accept-Encoding",
                "which the service sets",
            ),
            (
                json!({"traceparent": "00-1"}),
                ".traceparent",
                "which the service sets",
            ),
            (
                json!({"tracestate": {"env": "A"}}),
                ".tracestate",
                "which the service sets",
            ),
            (
                json!({"X-Title": "a", "x-title": "b"}),
                ".x-title",
                "in other letters",
            ),
            (
                json!({"Authorization": "Bearer s3cr3t"}),
                ".Authorization",
                form,
            ),
            (json!({"x-api-key": "s3cr3t"}), ".x-api-key", form),
            (json!({"api-key": "s3cr3t"}), ".api-key", form),
            (json!({"Modal-Secret": "s3cr3t"}), ".Modal-Secret", form),
            (
                json!({"cf-access-token": "s3cr3t"}),
                ".cf-access-token",
                form,
            ),
            (json!({"Cookie": "s3cr3t"}), ".Cookie", form),
            (json!({"x-auth": "s3cr3t"}), ".x-auth", form),
            (json!({"x": ""}), ".x", "1 to 1024 characters"),
            (
                json!({"x": " s3cr3t"}),
                ".x",
                "without blanks at their ends",
            ),
            (json!({"x": "s3cr3t\r\nb: c"}), ".x", "characters of ASCII"),
            (json!({"x": "s3cr3té"}), ".x", "characters of ASCII"),
            (json!({"x": long}), ".x", "1 to 1024 characters"),
            (json!({"x": 7}), ".x", form),
            (json!({"x": null}), ".x", form),
            (json!({"x": ["s3cr3t"]}), ".x", form),
            (json!({"x": {"env": "1A"}}), ".x.env", "no digit first"),
            (json!({"x": {"var": "A"}}), ".x.var", form),
        ],
    );
}

#[test]
fn fields_of_a_request_are_kept_as_they_are_written() {
    let written = json!({
        "top_k": 20, "temperature": null, "max_tokens": null, "reasoning_effort": "low", "seed": 7, "stop": ["\n\n"],
        "chat_template_kwargs": {"enable_thinking": false, "a": null}, "provider": {"require_parameters": true},
        "extra_body": {"google": {"thinking_config": {"thinking_budget": 0}}}, "parallel_tool_calls": false, "cache_prompt": true,
    });
    let catalog = with("request", &written).catalog();
    assert_eq!(Value::Object(catalog.models[0].request.clone()), written);
    let around = json!({"documents": ""}).to_string().len();
    let largest = json!({"documents": "x".repeat(16 * 1024 - around)});
    assert_eq!(largest.to_string().len(), 16 * 1024);
    with("request", &largest).catalog();
    let none = given_tools(json!([])).catalog();
    assert!(none.models[0].request.is_empty() && none.models[0].headers.is_empty());
    for temperature in [json!(0), json!(1), json!(0.6), json!(2)] {
        with("request", &json!({"temperature": temperature})).catalog();
    }
}

#[test]
fn a_field_that_says_what_is_asked_how_long_or_in_which_form_is_refused_with_who_says_it() {
    let ours = [
        ("model", "_MODEL"),
        ("messages", "the service, from the run"),
        ("tools", "`tools` of the catalogue"),
        ("tool_choice", "the service"),
        ("functions", "`tools` of the catalogue"),
        ("function_call", "the service"),
        ("stream", "the service"),
        ("stream_options", "the service"),
        ("response_format", "`orchestrator.calls`"),
        ("n", "reads one answer"),
        ("best_of", "pays for one answer"),
        ("grammar", "`orchestrator.calls`"),
        ("json_schema", "`orchestrator.calls`"),
        ("guided_json", "`orchestrator.calls`"),
        ("structured_outputs", "`orchestrator.calls`"),
        ("n_predict", "the run says how long"),
        ("max_new_tokens", "the run says how long"),
    ];
    for (field, says) in ours {
        for value in [json!(null), json!(1), json!({})] {
            with("request", &json!({field: value}))
                .then_it_is_refused(&format!("models.qwen.request.{field}"), says);
        }
    }
    let around = json!({"documents": ""}).to_string().len();
    let long = "x".repeat(16 * 1024 + 1 - around);
    each_is_refused(
        "request",
        &[
            (json!([1]), "", "map"),
            (json!("top_k=1"), "", "map"),
            (
                json!({"max_tokens": 100}),
                ".max_tokens",
                "sends that as `max_completion_tokens`",
            ),
            (
                json!({"max_completion_tokens": 100}),
                ".max_completion_tokens",
                "sends that as `max_tokens`",
            ),
            (
                json!({"max_tokens": null, "max_completion_tokens": null}),
                "",
                "no bound of cost",
            ),
            (json!({"temperature": 2.1}), ".temperature", "from 0 to 2"),
            (json!({"temperature": -1}), ".temperature", "from 0 to 2"),
            (json!({"temperature": "0.7"}), ".temperature", "from 0 to 2"),
            (
                json!({"seed": null}),
                ".seed",
                "null leaves out what the service sends itself",
            ),
            (
                json!({"extra_body": {"top_k": 20, "chat_template_kwargs": {}}}),
                ".extra_body",
                "expected its fields here themselves",
            ),
            (
                json!({"extra_body": {"google": {}, "top_k": 20}}),
                ".extra_body",
                "expected its fields here themselves",
            ),
            (json!({"": 1}), ".", "a name of 1 to 64 bytes"),
            (json!({"a\n": 1}), ".a\n", "a name of 1 to 64 bytes"),
            (json!({"documents": long}), "", "at most 16384 bytes"),
        ],
    );
}
