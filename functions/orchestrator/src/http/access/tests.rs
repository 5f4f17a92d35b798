use super::*;
use axum::http::HeaderValue;

/// SHA-256 of `open sesame`.
const DIGEST: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

fn access(variables: &[(&str, &str)]) -> Result<Access, AccessError> {
    let env = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Access::read(env, Access::CLOSED)
}

fn headers(name: &'static str, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))])
}

fn parts(headers: HeaderMap) -> Parts {
    let (mut parts, ()) = axum::http::Request::new(()).into_parts();
    parts.headers = headers;
    parts
}

#[test]
fn only_the_key_opens() {
    let access = access(&[(KEY_VARIABLE, DIGEST)]).unwrap();
    let check = |value| {
        matches!(
            access.claim(&parts(headers("authorization", value))),
            Claim::Is(_)
        )
    };
    for right in [
        "Bearer open sesame",
        "bearer open sesame",
        "BEARER  open sesame ",
    ] {
        assert!(check(right), "{right}");
    }
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "open sesame",
        "Basic open sesame",
        "Bearer Open sesame",
        "Bearer open sesam",
        DIGEST,
    ] {
        assert!(!check(wrong), "{wrong}");
    }
    assert!(matches!(
        access.claim(&parts(HeaderMap::new())),
        Claim::Nobody
    ));
}

#[test]
fn without_a_key_nobody_enters_where_one_must_be() {
    let access = access(&[(KEY_VARIABLE, " ")]).unwrap();
    let bearer = |value| access.claim(&parts(headers("authorization", value)));
    assert!(matches!(bearer("Bearer "), Claim::Nobody));
    assert!(matches!(
        Access::OPEN.claim(&parts(HeaderMap::new())),
        Claim::Is(_)
    ));
}

#[test]
fn what_is_made_as_a_key_is_looked_up_wherever_it_is_shown() {
    let key = format!(
        "Bearer {KEY_PREFIX}{}",
        "aZ9".repeat(20).get(..KEY_CHARS).unwrap()
    );
    let value = HeaderValue::from_str(&key).unwrap();
    let shown = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
    let hash = KeyHash::of(key.trim_start_matches("Bearer ").as_bytes());
    for access in [
        Access::OPEN,
        Access::CLOSED,
        access(&[(KEY_VARIABLE, DIGEST)]).unwrap(),
    ] {
        assert!(matches!(access.claim(&parts(shown.clone())), Claim::Key(found) if found == hash));
    }
    // What clients send that must send something opens a laptop's own stack, and nothing else.
    for other in ["Bearer sk-no-key", "Bearer slm_short", "Bearer none"] {
        let shown = headers("authorization", other);
        assert!(matches!(
            Access::OPEN.claim(&parts(shown.clone())),
            Claim::Is(_)
        ));
        assert!(matches!(
            Access::CLOSED.claim(&parts(shown.clone())),
            Claim::Nobody
        ));
    }
}

#[test]
fn what_did_not_come_through_the_network_is_turned_away() {
    let access = access(&[(ORIGIN_VARIABLE, &DIGEST.to_uppercase())]).unwrap();
    assert!(
        access
            .check_origin(&headers(ORIGIN_HEADER, "open sesame"))
            .is_ok()
    );
    assert!(access.check_origin(&headers(ORIGIN_HEADER, "")).is_err());
    assert!(access.check_origin(&HeaderMap::new()).is_err());
    assert!(Access::OPEN.check_origin(&HeaderMap::new()).is_ok());
}

#[test]
fn a_secret_that_is_nothing_is_refused() {
    let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for variable in [KEY_VARIABLE, ORIGIN_VARIABLE] {
        let error = access(&[(variable, of_nothing)]).unwrap_err();
        assert_eq!(error, AccessError::OfNothing { variable });
    }
}

#[test]
fn a_variable_that_holds_no_digest_is_told_without_its_value() {
    let error = access(&[(KEY_VARIABLE, "hunter2")])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("ACCESS_KEY_SHA256: ") && error.contains("7 characters"),
        "{error}"
    );
    assert!(!error.contains("hunter2"));
}

#[test]
fn pages_of_others_are_named_by_their_origins() {
    let named = |said: &str| {
        let access = access(&[("CORS_ORIGINS", said)]);
        access.map(|access| access.page_origins)
    };
    let origins = |all: &[&'static str]| {
        let all = all.iter().map(|origin| HeaderValue::from_static(origin));
        Ok(all.collect::<Vec<_>>())
    };
    assert_eq!(named(""), origins(&[]));
    assert_eq!(named(" , "), origins(&[]));
    assert_eq!(
        named("https://Chat.example.org/, http://localhost:3000,https://a.example:443"),
        origins(&[
            "https://chat.example.org",
            "http://localhost:3000",
            "https://a.example"
        ])
    );
    for wrong in [
        "*",
        "null",
        "chat.example.org",
        "ftp://a.example",
        "https://*.example.org",
        "https://u@a.example",
        "https://a.example/chat",
        "https://a.example?b",
        "https://",
    ] {
        let found = wrong.to_owned();
        let variable = "CORS_ORIGINS";
        assert_eq!(
            named(wrong),
            Err(AccessError::NoOrigin { variable, found }),
            "{wrong}"
        );
    }
}
