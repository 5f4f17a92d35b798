use super::*;

#[test]
fn an_answer_to_a_request_that_calls_nothing_is_judged_by_what_it_says_of_calls() {
    let cases = [
        (200, None, true),
        (204, Some("OPTIONS, POST"), true),
        (200, Some("GET, HEAD, OPTIONS"), false),
        (405, Some("POST"), true),
        (405, Some("GET"), false),
        (405, Some(""), true),
        (405, None, true),
        (400, None, true),
        (415, None, true),
        (422, None, true),
        (500, None, true),
        (501, None, true),
        (301, None, false),
        (308, None, false),
        (401, None, false),
        (403, None, false),
        (404, None, false),
        (404, Some("POST"), false),
        (410, None, false),
        (502, None, false),
        (503, None, false),
        (504, None, false),
    ];
    for (status, allow, fits) in cases {
        assert_eq!(wrong(status, allow).is_none(), fits, "{status} {allow:?}");
    }
}

#[test]
fn only_functions_of_aws_are_asked_by_a_dry_run_and_no_query_is_shown() {
    for (endpoint, is_aws) in [
        ("https://lambda.eu-central-1.amazonaws.com", true),
        ("https://lambda.cn-north-1.amazonaws.com.cn/", true),
        ("https://vpce-1.lambda.us-east-1.vpce.amazonaws.com", true),
        ("https://lambda.us-east-1.api.aws", true),
        ("http://127.0.0.1:9000", false),
        ("http://localhost.localstack.cloud:4566", false),
        ("https://amazonaws.com.example.org", false),
    ] {
        assert_eq!(
            is_of_aws(&Url::parse(endpoint).unwrap()),
            is_aws,
            "{endpoint}"
        );
    }
    let url = Url::parse("https://example.org:8443/a/b?key=s3cr3t").unwrap();
    assert_eq!(shown(&url), "https://example.org:8443/a/b");
}
