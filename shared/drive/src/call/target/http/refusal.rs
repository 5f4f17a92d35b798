//! Responses with another status than success: what they mean for this call, and for whoever runs the tool.

use std::time::{Duration, SystemTime};

use body::{Body, Bounds};
use model::retry_after;
use reqwest::header::{LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use run::Outcome;
use serde_json::Value;

use super::super::super::failure::{bounded, failed, lost};
use super::attempt::{Again, Attempted, Post};
use super::response;

/// What is read of the body of a refusal, in bytes.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;
/// What is told of a server's own words, in bytes.
const MAX_WORDS_BYTES: usize = 500;

/// What a status means.
struct Meaning {
    code: &'static str,
    /// The end of a sentence that begins with the tool.
    says: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing was done, and the same call will fare no better.
    Refused,
    /// Nothing was done, and the same call may be made later.
    Later,
    /// It may have been done.
    Unknown,
}

impl Post<'_> {
    pub(super) async fn refused(&self, response: Response) -> Attempted {
        let status = response.status();
        if let Some(to) = target(&response) {
            return no_longer(redirected(self.tool.name.as_str(), status, &to));
        }
        let header = response.headers().get(RETRY_AFTER);
        let header = header.and_then(|value| value.to_str().ok());
        let pause = retry_after(None, header, SystemTime::now());
        let bounds = Bounds {
            bytes: MAX_REFUSAL_BYTES,
            time: self.time_left(),
        };
        let body = Body::new(response, bounds).beginning().await;
        let words = words(&body);
        let read = response::read(body, self.secrets).await;
        let outcome = match read.map(|answer| answer.response) {
            Ok(tool::Response::Failed(failure)) => {
                failed(failure.code, failure.message, failure.retryable)
            }
            Ok(tool::Response::Ok { .. }) | Err(_) => self.outcome_of(status, words, pause),
        };
        Attempted {
            outcome,
            again: again(status, pause),
        }
    }

    fn outcome_of(
        &self,
        status: StatusCode,
        words: Option<String>,
        pause: Option<Duration>,
    ) -> Outcome {
        let Meaning { code, says, kind } = meaning(status);
        let words = words.map_or_else(String::new, |words| format!(" It says: {words}"));
        let pause = pause.map_or_else(String::new, |pause| {
            let seconds = pause.as_millis().div_ceil(1000);
            format!(" It asks to be left alone for {seconds} s.")
        });
        let (name, status) = (&self.tool.name, status.as_u16());
        let message = format!("The tool {name} {says} ({status}).{words}{pause}");
        match kind {
            Kind::Refused => failed(code, message, false),
            Kind::Later => failed(code, message, true),
            Kind::Unknown => lost(self.call, code, message),
        }
    }
}

const fn no_longer(outcome: Outcome) -> Attempted {
    Attempted {
        outcome,
        again: Again::No,
    }
}

/// Overloads and gateways that lost their server pass.
fn again(status: StatusCode, pause: Option<Duration>) -> Again {
    match (status.as_u16(), pause) {
        (429 | 502 | 503 | 504, Some(pause)) => Again::After(pause),
        (429 | 502 | 503 | 504, None) => Again::Soon,
        _ => Again::No,
    }
}

fn meaning(status: StatusCode) -> Meaning {
    let of = |code, says, kind| Meaning { code, says, kind };
    match status.as_u16() {
        401 | 403 | 407 => of(
            "tool_unauthorized",
            "does not let this service in: whoever runs it has to check the headers of its entry in the catalogue",
            Kind::Refused,
        ),
        404 | 405 | 410 | 501 => of(
            "tool_not_found",
            "is not at its address, or takes no POST there: whoever runs it has to check the address in the catalogue",
            Kind::Refused,
        ),
        408 | 425 => of("tool_busy", "did not take the call", Kind::Later),
        413 => of(
            "request_too_large",
            "does not take a call of this length, its files included",
            Kind::Refused,
        ),
        429 => of("tool_busy", "has no room for another call now", Kind::Later),
        400..500 => of("tool_refused", "refused the call", Kind::Refused),
        503 => of("tool_busy", "is not available now", Kind::Later),
        // Those above 504 are of content delivery networks.
        502 | 504 | 520..=527 | 530 => of(
            "tool_unavailable",
            "stands behind a gateway that got no answer from it",
            Kind::Unknown,
        ),
        500.. => of("tool_error", "failed", Kind::Unknown),
        _ => of(
            "bad_response",
            "answered outside its contract, with a status that is neither success nor error",
            Kind::Refused,
        ),
    }
}

/// Where a redirect leads.
fn target(response: &Response) -> Option<String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = response.headers().get(LOCATION)?.to_str().ok()?;
    let to = response.url().join(to).ok()?;
    Some(without_secrets(to))
}

/// An address without the parts that may hold a secret.
fn without_secrets(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    // Only addresses of servers have user info, and of those it can always be taken.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    bounded(url.to_string(), MAX_WORDS_BYTES)
}

fn redirected(tool: &str, status: StatusCode, to: &str) -> Outcome {
    let message = format!(
        "The tool {tool} is not at its address: it redirects to {to} ({}), which is not followed. Whoever runs it has to put the \
         address that answers into the catalogue.",
        status.as_u16()
    );
    failed("tool_redirected", message, false)
}

/// What a server says of a refusal in the forms that frameworks use, or as plain text; a page says nothing.
fn words(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.is_empty() || text.starts_with('<') {
        return None;
    }
    let said = match serde_json::from_str::<Value>(text) {
        Ok(value) => told(&value).unwrap_or_else(|| value.to_string()),
        Err(_) => text.to_owned(),
    };
    let said: String = said
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    Some(bounded(said, MAX_WORDS_BYTES))
}

fn told(value: &Value) -> Option<String> {
    let field = |name: &str| value.get(name);
    let said = field("message")
        .or_else(|| field("detail"))
        .or_else(|| field("title"));
    match said.or_else(|| field("error"))? {
        Value::String(text) => Some(text.clone()),
        nested @ Value::Object(_) => told(nested),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_status_means_for_a_call_and_whether_it_is_made_again() {
        let pause = Duration::from_secs(3);
        let unauthorized = ("tool_unauthorized", "Refused", false);
        let not_found = ("tool_not_found", "Refused", false);
        let gateway = ("tool_unavailable", "Unknown", false);
        for (statuses, (code, kind, passes)) in [
            (&[401, 403, 407][..], unauthorized),
            (&[404, 405, 410, 501], not_found),
            (&[408, 425], ("tool_busy", "Later", false)),
            (&[413], ("request_too_large", "Refused", false)),
            (&[429, 503], ("tool_busy", "Later", true)),
            (
                &[400, 409, 418, 422, 499],
                ("tool_refused", "Refused", false),
            ),
            (&[502, 504], ("tool_unavailable", "Unknown", true)),
            (&[520, 522, 527, 530], gateway),
            (&[500, 505, 528, 599], ("tool_error", "Unknown", false)),
            (&[204, 304], ("bad_response", "Refused", false)),
        ] {
            for status in statuses {
                let status = StatusCode::from_u16(*status).unwrap();
                let meaning = meaning(status);
                let named = match meaning.kind {
                    Kind::Refused => "Refused",
                    Kind::Later => "Later",
                    Kind::Unknown => "Unknown",
                };
                assert_eq!((meaning.code, named), (code, kind), "{status}");
                let asked = matches!(again(status, Some(pause)), Again::After(it) if it == pause);
                let soon = matches!(again(status, None), Again::Soon);
                assert_eq!((asked, soon), (passes, passes), "{status}");
            }
        }
    }

    #[test]
    fn a_servers_own_words_are_found_where_frameworks_put_them() {
        for (body, says) in [
            ("", None),
            (" \n", None),
            ("<html>Forbidden</html>", None),
            ("no such city", Some("no such city")),
            ("two\nlines", Some("two lines")),
            (r#"{"message": "m", "error": "e"}"#, Some("m")),
            (r#"{"detail": "d"}"#, Some("d")),
            (r#"{"title": "t", "status": 400}"#, Some("t")),
            (r#"{"error": "e"}"#, Some("e")),
            (r#"{"error": {"message": "inner"}}"#, Some("inner")),
            (r#"{"detail": ["a"]}"#, Some(r#"{"detail":["a"]}"#)),
            (r#"{"code": 7}"#, Some(r#"{"code":7}"#)),
        ] {
            assert_eq!(words(body.as_bytes()).as_deref(), says, "{body}");
        }
        assert_eq!(words(b"\xff"), None);
        let long = words("é".repeat(4000).as_bytes()).unwrap();
        assert!(long.starts_with('é') && long.len() < MAX_WORDS_BYTES + 10);
    }

    #[test]
    fn an_address_is_told_without_what_may_be_secret() {
        let url = Url::parse("https://user:pass@a.example:8443/p/q?key=s3cr3t#part").unwrap();
        assert_eq!(without_secrets(url), "https://a.example:8443/p/q");
    }
}
