//! What must never be shown of an address: name and password, and the query but for its version. A server that repeats what it
//! was sent has it in the form in which it reads it, so each is looked for in all of its forms ([`Redactor`]).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::percent_decode_str;
use secret::{Redactor, SHORTEST, Secret};

/// The one part of a query that tells no secret.
const SHOWN: &str = "api-version";

/// Name and password: a name may be a token, too.
pub(crate) type Credentials = (Secret, Option<Secret>);

/// A text without the secrets of an address; `query`: the parts of its query.
pub(super) fn redact<'a>(
    text: &str,
    credentials: Option<&Credentials>,
    query: impl Iterator<Item = &'a str>,
) -> String {
    let mut secrets = secrets(credentials, query);
    secrets.retain(|secret| secret.len() >= SHORTEST);
    let secrets = secrets.iter().map(|secret| &**secret);
    Redactor::new("[secret]", secrets).taken_out_of(text.to_owned())
}

fn secrets<'a>(
    credentials: Option<&Credentials>,
    query: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let mut found = Vec::new();
    if let Some((name, password)) = credentials {
        let (name, password) = (name.reveal(), password.as_ref().map_or("", Secret::reveal));
        found.extend([name.to_owned(), password.to_owned()]);
        // As a header has it; the signs that may end it tell nothing.
        found.push(STANDARD_NO_PAD.encode(format!("{name}:{password}")));
    }
    for value in query.filter_map(secret_of) {
        // Forms have a space as a plus sign.
        for value in [value, &value.replace('+', " ")] {
            let decoded = percent_decode_str(value).decode_utf8_lossy();
            found.extend([value.to_owned(), decoded.into_owned()]);
        }
    }
    found
}

/// A part of a query for people.
pub(super) fn shown_part(part: &str) -> String {
    match secret_of(part) {
        None => part.to_owned(),
        Some(secret) => format!("{}…", part.strip_suffix(secret).unwrap_or_default()),
    }
}

/// A part's value, where it is one to keep; all of it where it has no name, or nothing but the signs that end a base64 text.
fn secret_of(part: &str) -> Option<&str> {
    match part.split_once('=') {
        Some((SHOWN, _)) => None,
        Some((_, value)) if !value.trim_matches('=').is_empty() => Some(value),
        Some(_) | None => Some(part),
    }
}

#[cfg(test)]
mod tests {
    use crate::address::Base;

    const MARK: &str = "[secret]";

    #[test]
    fn no_form_of_a_secret_is_shown() {
        let cases: &[(&str, &[&str])] = &[
            // A token as the name of a user.
            (
                "http://sk-tok123456@host",
                &["sk-tok123456", "c2stdG9rMTIzNDU2Og==", "c2stdG9rMTIzNDU2Og"],
            ),
            (
                "http://sk-tok123456:@host",
                &["sk-tok123456", "c2stdG9rMTIzNDU2Og=="],
            ),
            // Beside a password, and either as a URL has it.
            (
                "http://token-4711:p%40ss+w%C3%A4rd@host",
                &[
                    "token-4711",
                    "p@ss+wärd",
                    "p%40ss%2Bw%C3%A4rd",
                    "dG9rZW4tNDcxMTpwQHNzK3fDpHJk",
                ],
            ),
            // Values of a query.
            (
                "http://host?code=abc%2Bdef123",
                &["abc%2Bdef123", "abc+def123"],
            ),
            (
                "http://host?code=abc+def123",
                &["abc+def123", "abc def123", "abc%2Bdef123", "abc%20def123"],
            ),
            ("http://host?code=a=b=c=d=e", &["a=b=c=d=e"]),
            // Without a name, or so it seems.
            ("http://host?sk-bare999", &["sk-bare999"]),
            ("http://host?api-version=1&sk-bare999", &["sk-bare999"]),
            (
                "http://host?c2stYmFyZQ==",
                &["c2stYmFyZQ==", "c2stYmFyZQ%3D%3D"],
            ),
            // One that begins as another does.
            (
                "http://host?a=secret-1&b=secret-12345",
                &["secret-1", "secret-12345"],
            ),
        ];
        for (written, forms) in cases {
            let base = Base::read(written).unwrap();
            for form in *forms {
                let told = base.redact(&format!("no: <{form}>, and again {form}"));
                let rest = told.replace(MARK, "").replace('=', "");
                assert_eq!(rest, "no: <>, and again ", "{written}: {form}");
                for shown in [
                    base.shown().to_owned(),
                    base.shown_below("x"),
                    base.parts("V"),
                ] {
                    assert!(!shown.contains(form), "{shown}: {form}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        let base = Base::read("http://me:it@host/v1?api-version=2024-10-21&code=x").unwrap();
        let told = "me at host: api-version=2024-10-21 is not known, nor is code";
        assert_eq!(base.redact(told), told);
        assert_eq!(
            base.shown_below("x"),
            "http://host/v1/x?api-version=2024-10-21&code=…"
        );
    }
}
