//! What it costs to read a refusal, its headers, and a text that may hold a secret. A server may answer with as much as it likes,
//! and repeat what it was sent.

use std::time::SystemTime;

use serde_json::json;

use crate::Server;
use crate::error::AskError;
use crate::retry_after::retry_after;

#[test]
fn effort_of_no_refusal_is_more_than_its_length() {
    const PIECES: [&str; 20] = [
        "1",
        "12 tokens ",
        "maximum context length is ",
        "context ",
        "'",
        "`",
        "\"",
        "{",
        "[",
        "{\"error\":",
        "<",
        "<p>",
        "tools ",
        "tool_choice: ",
        "Unsupported parameter: 'a' ",
        "a.b.",
        " ",
        "\n",
        "é",
        "max_tokens must be ",
    ];
    let mut slow = Vec::new();
    for piece in PIECES {
        for status in [400, 429] {
            let plain = effort::repeated(piece);
            let told = |bytes: usize| {
                let message = plain(bytes / 2);
                json!({"error": {"message": message, "param": message, "code": message, "type": message}}).to_string()
            };
            let read = |body: &str| AskError::refused(status, body.as_bytes(), None);
            slow.extend(effort::excess(&format!("{status} {piece:?}"), &plain, read));
            slow.extend(effort::excess(
                &format!("{status} told {piece:?}"),
                told,
                read,
            ));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
fn effort_of_no_header_and_no_redaction_is_more_than_its_length() {
    let address = "http://token-4711:p%40ss+word@host/v1?code=abc%2Bdef123";
    let key = Some("sk-secret-key".to_owned());
    let server = Server::new(address, key, "a", "A_API_URL").unwrap();
    let now = SystemTime::UNIX_EPOCH;
    for piece in [
        "1",
        "1,",
        "9e9",
        "-",
        ".",
        " ",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "token-4711",
        "sk-secret-key",
        "sk-secret-ke",
        "abc%2B",
        "é",
    ] {
        effort::assert_linear(piece, effort::repeated(piece), |text| {
            let after = retry_after(Some(text), Some(text), now);
            (after, server.redact(text).len())
        });
    }
}
