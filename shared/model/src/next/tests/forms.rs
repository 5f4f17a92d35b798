//! Where errors have their words, and answers their waits.

use super::*;

#[test]
fn the_server_says_how_long_to_wait_and_milliseconds_are_more_exact() {
    let cases = [
        ((None, None), None),
        ((None, Some("20")), Some(Duration::from_secs(20))),
        ((Some("1250"), Some("2")), Some(Duration::from_millis(1250))),
        ((Some("soon"), Some("2")), Some(Duration::from_secs(2))),
        ((None, Some("-1")), None),
        (
            (None, Some("Wed, 21 Oct 2026 07:28:09 GMT")),
            Some(Duration::from_secs(9)),
        ),
        (
            (None, Some("Wed, 21 Oct 2026 07:27:00 GMT")),
            Some(Duration::ZERO),
        ),
        ((None, Some("tomorrow")), None),
    ];
    let now = httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
    for ((milliseconds, seconds), expected) in cases {
        assert_eq!(retry_after(milliseconds, seconds, now), expected);
    }
    let after = Some(Duration::from_secs(3));
    let error = AskError::refused(429, b"{}", after);
    assert_eq!(error.next(), Next::Retry { after });
    assert!(error.is_retryable());
}

#[test]
fn the_words_of_an_error_are_found_in_every_form() {
    let cases = [
        (r#"{"error": "model crashed"}"#, "model crashed"),
        (
            r#"{"error": {"message": "no memory", "code": 500}, "choices": []}"#,
            "no memory",
        ),
        (
            r#"{"object": "error", "message": "bad template", "code": 400}"#,
            "bad template",
        ),
        (r#"{"error": {"type": "odd"}}"#, r#"{"type":"odd"}"#),
        (r#"{"detail": "Not Found"}"#, "Not Found"),
        (r#"{"detail": [{"msg": "x"}]}"#, r#"[{"msg":"x"}]"#),
        (r#"{"detail": {"message": "no memory"}}"#, "no memory"),
        (r#"{"error": {"message": {"detail": "x"}}}"#, "x"),
        (r#"{"error": {"message": {}, "reason": "x"}}"#, "x"),
        (r#"{"error": 7}"#, r#"{"error":7}"#),
    ];
    for (body, words) in cases {
        assert_eq!(WireError::read(body.as_bytes()).unwrap().message, words);
    }
    for (text, words) in [
        ("\"no memory\"", Some("no memory")),
        ("no memory", Some("no memory")),
        (
            r#"{"message": " ", "detail": "no memory"}"#,
            Some("no memory"),
        ),
        ("\" \"", None),
        (" \n", None),
        ("{}", None),
        ("null", None),
    ] {
        let read = WireError::read_any(text.as_bytes());
        assert_eq!(read.map(|error| error.message).as_deref(), words, "{text}");
    }
    assert_eq!(WireError::read(b"[1]"), None);
    assert_eq!(WireError::read(b"{}"), None);
}
