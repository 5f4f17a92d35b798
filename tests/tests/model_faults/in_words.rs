//! Refusals and replies that are sound as such: what their status and their words mean.

use serde_json::json;
use tests::script::{Part, Script, json_body, plain, unfinished, usage};

use super::{Fault, HTML, HelpedBy, Reply, fault};

/// A refusal of the request, which no server takes back: a status, and how it is told.
fn refuses(name: &'static str, status: u16, says: &'static str, variable: &'static str) -> Fault {
    let body = json!({"error": {"message": "no", "type": "some_error"}});
    let reply = Reply::Scripted(json_body(status, &body));
    fault(name, reply, ("model_error", status >= 500), says, variable)
}

/// A trouble that may pass: it is asked three times.
fn passing(name: &'static str, status: u16, body: &str) -> Fault {
    let script = Script::Plain {
        status,
        headers: vec![("retry-after-ms", "1".to_owned())],
        body: body.into(),
    };
    let says = name.strip_prefix("answers ").unwrap_or(name);
    let says = says.split_whitespace().next().unwrap_or(says);
    fault(
        name,
        Reply::Scripted(script),
        ("model_error", true),
        says,
        "URL",
    )
    .asked(3)
}

pub fn faults() -> Vec<Fault> {
    [statuses(), limits(), replies()]
        .into_iter()
        .flatten()
        .collect()
}

fn statuses() -> Vec<Fault> {
    vec![
        refuses("answers 400", 400, "400", "URL"),
        refuses("answers 402", 402, "402", "URL"),
        refuses("answers 405", 405, "405", "MODEL"),
        refuses("answers 407", 407, "407", "URL"),
        refuses("answers 409", 409, "409", "URL"),
        refuses("answers 410", 410, "410", "URL"),
        refuses("answers 415", 415, "415", "URL"),
        refuses("answers 422", 422, "422", "URL"),
        refuses("answers 426", 426, "426", "URL"),
        refuses("answers 431", 431, "431", "URL"),
        refuses("answers 451", 451, "451", "URL"),
        refuses("answers 501", 501, "501", "URL"),
        refuses("answers 526", 526, "526", "URL"),
        passing("answers 400 without a word", 400, ""),
        passing("answers 408", 408, ""),
        passing("answers 502 in HTML", 502, HTML),
        passing("answers 503", 503, "{}"),
        passing("answers 504", 504, ""),
        passing("answers 520", 520, "error code: 520"),
        passing("answers 524", 524, ""),
        passing(
            "answers 529",
            529,
            r#"{"error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
        ),
    ]
}

fn limits() -> Vec<Fault> {
    let limited = |name, headers, body: serde_json::Value, retryable| {
        let script = Script::Plain {
            status: 429,
            headers,
            body: body.to_string().into(),
        };
        let code = ("model_rate_limited", retryable);
        fault(name, Reply::Scripted(script), code, "429", "URL")
    };
    let hour = vec![("retry-after", "3600".to_owned())];
    let quota = json!({"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}});
    let content = json!({"error": {"message": "Filtered by our content management policy.", "code": "content_filter"}});
    // How often it is asked depends on what there is to be cut.
    let too_long = Reply::Always(plain(413, "text/plain", "Payload Too Large"));
    vec![
        limited(
            "answers 429 for an hour",
            hour,
            json!({"error": "busy"}),
            true,
        ),
        limited("has no quota left", Vec::new(), quota, false),
        fault(
            "has too small a context",
            too_long,
            ("model_error", false),
            "413",
            "URL",
        )
        .helped_by(HelpedBy::Larger),
        fault(
            "refuses what is asked by its rules",
            Reply::Scripted(json_body(400, &content)),
            ("model_error", false),
            "content management policy",
            "URL",
        )
        .helped_by(HelpedBy::Nobody),
    ]
}

fn replies() -> Vec<Fault> {
    let limit = json!({"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}});
    vec![
        fault(
            "reports a limit as its first frame",
            Reply::Scripted(unfinished([Part::Frame(limit)])),
            ("model_error", true),
            "Rate limit reached",
            "URL",
        )
        .asked(3),
        fault(
            "ends behind its first frame",
            Reply::Scripted(unfinished([])),
            ("model_empty_answer", true),
            "nothing",
            "URL",
        )
        .asked(3),
        fault(
            "breaks its stream off before any text",
            Reply::Scripted(unfinished([usage(10, 0)])),
            ("model_empty_answer", true),
            "nothing",
            "URL",
        )
        .asked(3),
    ]
}
