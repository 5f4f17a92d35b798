//! Tools that are servers of the operator's, and functions at endpoints of their own: what an entry says is read as it is meant, or refused
//! with the path of the field and what was expected, without a word of what may be a secret.

use catalog::Target;
use serde_json::{Value, json};

use super::kit::{Given, SHIPPED, given_shipped, given_tools};

/// A catalogue whose one tool has this target.
fn given_target(target: Value) -> Given {
    let mut tool = super::kit::function("look", "where");
    tool["target"] = target;
    given_tools(json!([tool]))
}

fn http(url: &Value) -> Value {
    json!({"http": {"url": url}})
}

fn headers(headers: &Value) -> Value {
    json!({"http": {"url": "https://example.org", "headers": headers}})
}

#[test]
fn an_address_is_taken_as_it_is_meant() {
    let long = format!("https://example.org/{}", "a".repeat(2028));
    for (written, read) in [
        ("https://example.org", "https://example.org/"),
        (
            "http://127.0.0.1:9000/tools/look",
            "http://127.0.0.1:9000/tools/look",
        ),
        ("HTTPS://Example.ORG/Look", "https://example.org/Look"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("https://example.org:443/", "https://example.org/"),
        (
            "https://example.org/a?key=v&b=1",
            "https://example.org/a?key=v&b=1",
        ),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("https://example.org?to=a@b", "https://example.org/?to=a@b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://weather", "http://weather/"),
        ("http://10.0.0.8:8000/", "http://10.0.0.8:8000/"),
        ("http://localhost/%7Ea", "http://localhost/%7Ea"),
        ("https://example.org/a/../b", "https://example.org/b"),
        (&long, &long),
    ] {
        let catalog = given_target(http(&json!(written))).catalog();
        let Target::Http(server) = &catalog.tools[0].target else {
            panic!("a server");
        };
        assert_eq!(server.url.as_str(), read);
        assert!(server.headers.is_empty());
    }
}

#[test]
fn an_address_that_is_none_is_refused_and_not_repeated() {
    let long = format!("https://example.org/{}", "a".repeat(2029));
    let texts = [
        ("", "found an empty one"),
        (
            "s3cr3t.example.org",
            "does not begin with http:// or https://",
        ),
        ("/s3cr3t", "does not begin with http:// or https://"),
        (
            "//s3cr3t.example.org",
            "does not begin with http:// or https://",
        ),
        ("http:s3cr3t", "does not begin with http:// or https://"),
        ("http:/s3cr3t", "does not begin with http:// or https://"),
        (
            "mailto:s3cr3t@example.org",
            "does not begin with http:// or https://",
        ),
        ("ftp://s3cr3t.example.org", "found another scheme"),
        ("file:///s3cr3t", "found another scheme"),
        ("ws://s3cr3t.example.org", "found another scheme"),
        ("htps://s3cr3t.example.org", "found another scheme"),
        ("https://", "without a host"),
        ("https:///s3cr3t", "without a host"),
        ("https://?s3cr3t", "without a host"),
        ("https://:8080/s3cr3t", "found one that is none: empty host"),
        (
            "https://s3cr3t:99999/",
            "found one that is none: invalid port number",
        ),
        (
            "https://s3cr3t:http/",
            "found one that is none: invalid port number",
        ),
        ("https://s3cr3t:0/", "the port 0"),
        (
            "https://[::1",
            "found one that is none: invalid IPv6 address",
        ),
        (
            "https://300.1.2.3/s3cr3t",
            "found one that is none: invalid IPv4 address",
        ),
        ("https://{S3CR3T}/", "with a placeholder"),
        ("https://example.org/${S3CR3T}", "with a placeholder"),
        (
            "https://example.org/weather/{city}",
            "arguments go in the body",
        ),
        ("https://<s3cr3t>/", "with a placeholder"),
        ("https://$S3CR3T/", "whose host is no name"),
        ("https://s3cr3t,example/", "whose host is no name"),
        ("https://a%00s3cr3t/", "found one that is none: "),
        (
            "https://user:s3cr3t@example.org/",
            "with a user name or a password",
        ),
        (
            "https://s3cr3t@example.org/",
            "with a user name or a password",
        ),
        (
            "https://:s3cr3t@example.org/",
            "with a user name or a password",
        ),
        (
            "https://@example.org/s3cr3t",
            "with a user name or a password",
        ),
        ("https://example.org/#s3cr3t", "with a fragment"),
        ("https://example.org/#", "with a fragment"),
        (" https://example.org/s3cr3t", "with a blank"),
        ("https://example.org/s3cr3t\n", "with a blank"),
        ("https://exa mple.org/s3cr3t", "with a blank"),
        ("https://example.org/s3cr3t\t", "with a blank"),
        ("https://example.org\\s3cr3t", "or a backslash"),
        ("https://example.org/\u{0}s3cr3t", "a control character"),
        ("https://example.org/\u{a0}s3cr3t", "with a blank"),
        (&long, "at most 2048 bytes long, found 2049 bytes"),
    ];
    for (written, says) in texts {
        let expected = "expected an http or https address, ";
        let given = given_target(http(&json!(written)));
        given.then_it_is_refused("tools[0].target.http.url", expected);
        given.then_it_is_refused("tools[0].target.http.url", says);
        assert!(
            !problem(&given).to_lowercase().contains("s3cr3t"),
            "{written}"
        );
    }
    let types = [
        json!(null),
        json!(7),
        json!(["https://example.org"]),
        json!({"env": "URL"}),
    ];
    for written in types {
        given_target(http(&written))
            .then_it_is_refused("tools[0].target.http.url", "expected a string");
    }
}

#[test]
fn a_server_is_an_object_with_an_address_and_headers_alone() {
    // The target, the path of the error below it, and what is said.
    let cases = [
        (json!({"http": {}}), ".http", "missing field `url`"),
        (json!({"http": null}), ".http", "invalid type: null"),
        (json!({"http": true}), ".http", "invalid type: boolean"),
        (
            json!({"http": "https://example.org"}),
            ".http",
            "invalid type: string",
        ),
        (
            json!({"http": {"headers": {}}}),
            ".http",
            "missing field `url`",
        ),
        (
            json!({"http": {"url": "https://example.org", "method": "GET"}}),
            ".http.method",
            "unknown field `method`",
        ),
        (
            json!({"http": {"url": "https://example.org", "Headers": {}}}),
            ".http.Headers",
            "unknown field `Headers`",
        ),
        (
            json!({"http": {"url": "https://example.org"}, "headers": {}}),
            ".headers",
            "unknown field `headers`",
        ),
        (
            json!({"http": {"url": "https://example.org"}, "lambda": "a"}),
            "",
            "expected either",
        ),
        (
            json!({"http": {"url": "https://example.org"}, "endpoint": "http://a"}),
            "",
            "expected either",
        ),
        (
            json!({"http": {"url": "https://example.org"}, "models": {"m": "qwen"}, "system": ""}),
            "",
            "expected either",
        ),
        (
            json!({"HTTP": {"url": "https://example.org"}}),
            ".HTTP",
            "unknown field `HTTP`",
        ),
        (
            json!({"https": {"url": "https://example.org"}}),
            ".https",
            "unknown field `https`",
        ),
        (
            json!({"url": "https://example.org"}),
            ".url",
            "unknown field `url`",
        ),
        (
            json!({"http": {"url": "https://example.org", "headers": null}}),
            ".http.headers",
            "invalid type: null",
        ),
        (
            json!({"http": {"url": "https://example.org", "headers": ["a"]}}),
            ".http.headers",
            "invalid type: sequence",
        ),
        (
            json!({"http": {"url": "https://example.org", "headers": "a: b"}}),
            ".http.headers",
            "invalid type: string",
        ),
    ];
    for (target, below, says) in cases {
        given_target(target).then_it_is_refused(&format!("tools[0].target{below}"), says);
    }
}

#[test]
fn a_header_names_the_variable_that_holds_its_value() {
    let many = (0..32).map(|n| (format!("x-{n}"), json!({"env": "V"})));
    let catalog = given_target(headers(&many.collect::<serde_json::Map<_, _>>().into())).catalog();
    assert_eq!(catalog.header_variables().count(), 32);
    let given = headers(
        &json!({"Authorization": {"env": "WEATHER_TOKEN"}, "X-Team_1": {"env": "_t"}, "user-agent": {"env": "UA"}}),
    );
    let catalog = given_target(given).catalog();
    let Target::Http(server) = &catalog.tools[0].target else {
        panic!("a server");
    };
    let read: Vec<_> = server
        .headers
        .iter()
        .map(|header| (&*header.name, &*header.variable))
        .collect();
    let expected = [
        ("authorization", "WEATHER_TOKEN"),
        ("x-team_1", "_t"),
        ("user-agent", "UA"),
    ];
    assert_eq!(read, expected);
    assert_eq!(
        catalog.header_variables().collect::<Vec<_>>(),
        ["WEATHER_TOKEN", "_t", "UA"]
    );
}

/// What is wrong with a header, the path of the error below `headers`, and what is said.
const WRONG_HEADERS: &[(&str, &str, &str)] = &[
    (
        r#"{"authorization": "Bearer s3cr3t"}"#,
        ".authorization",
        "never written down",
    ),
    (r#"{"authorization": 7}"#, ".authorization", FORM),
    (r#"{"authorization": null}"#, ".authorization", FORM),
    (r#"{"authorization": ["s3cr3t"]}"#, ".authorization", FORM),
    (r#"{"authorization": {}}"#, ".authorization", FORM),
    (
        r#"{"authorization": {"env": ""}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": " "}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": "$TOKEN"}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": "${TOKEN}"}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": "Bearer s3cr3t"}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": "sk-s3cr3t"}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": "1TOKEN"}}"#,
        ".authorization.env",
        "no digit first",
    ),
    (
        r#"{"authorization": {"env": "TÖKEN"}}"#,
        ".authorization.env",
        "the name of a variable",
    ),
    (
        r#"{"authorization": {"env": 7}}"#,
        ".authorization.env",
        FORM,
    ),
    (
        r#"{"authorization": {"env": null}}"#,
        ".authorization.env",
        FORM,
    ),
    (
        r#"{"authorization": {"value": "s3cr3t"}}"#,
        ".authorization.value",
        FORM,
    ),
    (
        r#"{"authorization": {"env": "V", "prefix": "s3cr3t"}}"#,
        ".authorization.prefix",
        FORM,
    ),
    (
        r#"{"X-Key": {"env": "A"}, "x-key": {"env": "B"}}"#,
        ".x-key",
        "stands here already",
    ),
];

const FORM: &str = r#"expected {"env": "NAME_OF_A_VARIABLE"}"#;

/// Texts that are no names of headers.
const NO_NAMES: &[&str] = &[
    "",
    " ",
    "x y",
    "x:y",
    "x\n",
    "é",
    "(x)",
    "x/y",
    "\"x\"",
    ":authority",
    "x\u{0}",
];

/// Headers of connections and bodies, and those that each call has.
const TAKEN_NAMES: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "idempotency-key",
    "traceparent",
    "x-request-timeout-ms",
    "Content-Type",
    "HOST",
    "Idempotency-Key",
];

#[test]
fn a_wrong_header_is_refused_and_its_value_not_repeated() {
    let refused = |written: &Value, below: &str, says: &str| {
        let given = given_target(headers(written));
        given.then_it_is_refused(&format!("tools[0].target.http.headers{below}"), says);
        assert!(!problem(&given).contains("s3cr3t"), "{written}");
    };
    for (written, below, says) in WRONG_HEADERS {
        refused(&serde_json::from_str(written).unwrap(), below, says);
    }
    let long = "x".repeat(129);
    for name in NO_NAMES.iter().chain([&&*long]) {
        refused(
            &json!({*name: {"env": "V"}}),
            &format!(".{name}"),
            "expected the name of a header",
        );
    }
    for name in TAKEN_NAMES {
        refused(
            &json!({*name: {"env": "V"}}),
            &format!(".{name}"),
            "which the service sets",
        );
    }
    refused(&json!({"a": {"env": long}}), ".a.env", "1 to 128");
    let many = (0..33).map(|n| (format!("x-{n}"), json!({"env": "V"})));
    let many = many.collect::<serde_json::Map<_, _>>();
    refused(&many.into(), "", "at most 32 headers, found 33");
}

#[test]
fn a_function_may_have_an_endpoint_of_its_own() {
    let catalog =
        given_target(json!({"lambda": "look", "endpoint": "http://127.0.0.1:9000"})).catalog();
    let Target::Lambda(lambda) = &catalog.tools[0].target else {
        panic!("a function");
    };
    let endpoint = lambda.endpoint.as_ref().map(ToString::to_string);
    assert_eq!(
        (&*lambda.function, endpoint.as_deref()),
        ("look", Some("http://127.0.0.1:9000/"))
    );
    let shipped = given_shipped().catalog();
    let none = |target: &Target| match target {
        Target::Lambda(lambda) => lambda.endpoint.is_none(),
        Target::Models(_)
        | Target::Http(_)
        | Target::Mcp(_)
        | Target::Discuss(_)
        | Target::Chain(_) => true,
    };
    assert!(
        shipped.tools.iter().all(|tool| none(&tool.target)),
        "{SHIPPED}"
    );
}

#[test]
fn a_wrong_function_is_refused() {
    // The target, the path of the error below it, and what is said.
    let cases = [
        (
            json!({"lambda": " "}),
            ".lambda",
            "the name or the ARN of a function",
        ),
        (
            json!({"lambda": ["look"]}),
            ".lambda",
            "invalid type: sequence",
        ),
        (
            json!({"lambda": {"name": "look"}}),
            ".lambda",
            "invalid type: map",
        ),
        (
            json!({"endpoint": "http://127.0.0.1:9000"}),
            "",
            "expected either",
        ),
        (
            json!({"lambda": "look", "endpoint": ""}),
            ".endpoint",
            "found an empty one",
        ),
        (
            json!({"lambda": "look", "endpoint": 9000}),
            ".endpoint",
            "invalid type: integer",
        ),
        (
            json!({"lambda": "look", "endpoint": "127.0.0.1:9000"}),
            ".endpoint",
            "does not begin with",
        ),
        (
            json!({"lambda": "look", "endpoint": "ftp://127.0.0.1"}),
            ".endpoint",
            "another scheme",
        ),
        (
            json!({"lambda": "look", "endpoint": "http://me:s3cr3t@127.0.0.1"}),
            ".endpoint",
            "a user name or a password",
        ),
        (
            json!({"lambda": "look", "endpoint": "http://127.0.0.1/?s3cr3t"}),
            ".endpoint",
            "found one with a query",
        ),
        (
            json!({"lambda": "look", "endpoint": "http://127.0.0.1/#s3cr3t"}),
            ".endpoint",
            "a fragment",
        ),
        (
            json!({"lambda": "look", "endpoint": {"env": "LAMBDA"}}),
            ".endpoint",
            "invalid type: map",
        ),
        (
            json!({"lambda": "look", "endpoints": "http://127.0.0.1"}),
            ".endpoints",
            "unknown field `endpoints`",
        ),
        (
            json!({"lambda": "look", "url": "http://127.0.0.1"}),
            ".url",
            "unknown field `url`",
        ),
    ];
    for (target, below, says) in cases {
        let given = given_target(target);
        given.then_it_is_refused(&format!("tools[0].target{below}"), says);
        assert!(!problem(&given).contains("s3cr3t"));
    }
}

#[test]
fn what_stands_beside_a_server_fits_it() {
    let server = json!({"http": {"url": "https://example.org"}});
    let with = |field: &str, value: Value| {
        given_target(server.clone()).with(&format!("/tools/0/{field}"), value)
    };
    let catalog = with("sources", json!("results"))
        .with("/tools/0/program", json!("where"))
        .catalog();
    let tool = &catalog.tools[0];
    assert_eq!(
        (tool.sources.as_deref(), tool.program.as_deref()),
        (Some("results"), Some("where"))
    );
    let cases = [
        ("ends_run", json!(true), "expected a tool that is a model"),
        (
            "tenant",
            json!("owner"),
            "expected a tool that is a Lambda function",
        ),
        ("sources", json!(""), "found an empty one"),
        ("program", json!("code"), "(where), found `code`"),
    ];
    for (field, value, says) in cases {
        with(field, value).then_it_is_refused(&format!("tools[0].{field}"), says);
    }
    given_shipped()
        .with("/tools/0/tenant", json!("owner"))
        .then_it_is_refused("tools[0].tenant", "no other target is isolated by tenant");
}

#[test]
fn a_tool_that_cannot_be_reached_is_not_offered() {
    let catalog = given_shipped().catalog();
    let tools = catalog.tool_set(&run::Preferences::default(), |_| true);
    let left = tools.without(|tool| tool.as_str() == "search");
    let call = catalog::RequestedCall {
        tool: "search".to_owned(),
        arguments: "{}".to_owned(),
    };
    let run::Role::Rejected { code, message } = left.check(&call).role else {
        panic!("it is refused");
    };
    assert_eq!(code, "unknown_tool");
    assert!(message.contains("code_interpreter"), "{message}");
    assert!(
        !left
            .functions()
            .iter()
            .any(|function| function["function"]["name"] == "search")
    );
}

fn problem(given: &Given) -> String {
    catalog::Catalog::parse(&given.0.to_string())
        .unwrap_err()
        .problem
}
