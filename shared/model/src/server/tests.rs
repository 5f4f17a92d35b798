//! What a server is sent, and what is shown of it.

use super::*;
use crate::AskError;

fn headers(address: &str, key: Option<&str>) -> Vec<(String, String)> {
    let key = key.map(str::to_owned);
    let server = Server::new(address, key, "m", "QWEN_API_URL").unwrap();
    // Whichever test of this process comes first installs it for all.
    drop(rustls::crypto::ring::default_provider().install_default());
    let request = reqwest::Client::new().post(server.url(CHAT));
    let request = server.signed(request).build().unwrap();
    let read = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    request.headers().iter().map(read).collect()
}

#[test]
fn a_request_shows_who_asks_once_and_as_the_server_takes_it() {
    let azure = "https://x.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21";
    let token = "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl";
    let bearer = |key: &str| Some(("authorization", format!("Bearer {key}")));
    let cases = [
        ("https://host", None, None),
        ("https://host", Some("sk-1"), bearer("sk-1")),
        ("https://host", Some(" \"sk-1\"\n"), bearer("sk-1")),
        ("https://host", Some("Bearer sk-1"), bearer("sk-1")),
        ("https://host", Some("  "), None),
        (azure, Some("k3y"), Some((AZURE_KEY, "k3y".to_owned()))),
        (azure, Some(token), bearer(token)),
        (
            "https://me:pass@host",
            None,
            Some(("authorization", "Basic bWU6cGFzcw==".to_owned())),
        ),
        ("https://me:pass@host", Some("sk-1"), bearer("sk-1")),
    ];
    for (address, key, expected) in cases {
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(headers(address, key), Vec::from_iter(expected), "{address}");
    }
}

fn sending(headers: &[(&'static str, &'static str)]) -> HeaderMap {
    let read = |(name, value): &(&'static str, &'static str)| {
        let mut value = reqwest::header::HeaderValue::from_static(value);
        value.set_sensitive(*name != "x-title");
        (HeaderName::from_static(name), value)
    };
    headers.iter().map(read).collect()
}

#[test]
fn headers_of_the_operator_are_sent_with_each_request_and_none_takes_the_place_of_a_key() {
    let of = |address: &str, key: Option<&str>| {
        Server::new(address, key.map(str::to_owned), "m", "QWEN_API_URL").unwrap()
    };
    let basic = sending(&[("authorization", "Basic bWU6cGFzcw=="), ("x-title", "Ours")]);
    drop(rustls::crypto::ring::default_provider().install_default());
    let server = of("https://host", None)
        .with_headers(basic.clone())
        .unwrap();
    let request = reqwest::Client::new().get(server.url("models"));
    let request = server.signed(request).build().unwrap();
    assert_eq!(request.headers(), &basic);
    // Where it would be the second of its name, it is told which.
    let azure = "https://x.openai.azure.com/openai/v1";
    for (address, key, header) in [
        ("https://host", Some("sk-1"), "authorization"),
        ("https://me:pass@host", None, "authorization"),
        (azure, Some("k3y"), AZURE_KEY),
    ] {
        let both = sending(&[(header, "s3cr3t-1"), ("x-title", "Ours")]);
        let refused = of(address, key).with_headers(both).unwrap_err();
        assert_eq!(refused, header, "{address}");
    }
    for (address, key, header) in [
        ("https://host", Some("sk-1"), AZURE_KEY),
        (azure, Some("k3y"), "authorization"),
        (azure, None, AZURE_KEY),
    ] {
        let headers = sending(&[(header, "s3cr3t-1")]);
        assert!(of(address, key).with_headers(headers).is_ok(), "{address}");
    }
}

#[test]
fn what_headers_hold_that_is_secret_is_never_shown_and_what_is_none_stays() {
    let server = Server::new("https://host", None, "m", "QWEN_API_URL").unwrap();
    let headers = sending(&[
        ("authorization", "Bearer tok-12345"),
        ("x-team", "r3d"),
        ("x-title", "Orchestra"),
    ]);
    let server = server.with_headers(headers).unwrap();
    let told = "bad `Bearer tok-12345`, tok-12345 of r3d, Orchestra";
    assert_eq!(
        server.redact(told),
        "bad `[secret]`, [secret] of r3d, Orchestra"
    );
    let shown = format!("{server:?}");
    assert!(!shown.contains("tok-12345"), "{shown}");
}

#[test]
fn a_server_that_is_sent_other_headers_or_fields_is_another_one() {
    let server = Server::new("https://host", None, "m", "QWEN_API_URL").unwrap();
    let mut other = server.clone();
    assert!(server.is_same_as(&other));
    other.overrides = Arc::new(Overrides::read(
        serde_json::json!({"top_k": 1}).as_object().unwrap(),
    ));
    assert!(!server.is_same_as(&other) && server.serves_the_same_as(&other));
    let other = server
        .clone()
        .with_headers(sending(&[("x-title", "Ours")]))
        .unwrap();
    assert!(!server.is_same_as(&other) && server.serves_the_same_as(&other));
}

#[test]
fn nothing_secret_of_an_address_is_shown() {
    let written =
        "http://sk-tok123456@127.0.0.1:9002/v1?code=abc%2Bdef123&sk-bare999&api-version=1";
    let key = Some("sk-key".to_owned());
    let server = Server::new(written, key, "m", "QWEN_API_URL").unwrap();
    assert!(
        server
            .url(CHAT)
            .ends_with("?code=abc%2Bdef123&sk-bare999&api-version=1")
    );
    let secrets = [
        "sk-key",
        "sk-tok123456",
        "abc%2Bdef123",
        "abc+def123",
        "sk-bare999",
        "c2stdG9rMTIzNDU2Og",
    ];
    let echo = secrets.join(" ");
    let error = AskError::refused(404, echo.as_bytes(), None).fit_to_show(&server);
    let problem = error.problem("Qwen", &server, 4096);
    let shown = [
        server.address(),
        problem.message,
        problem.remedy,
        error.outline(),
        error.to_string(),
        format!("{error:?} {server:?}"),
    ];
    for (shown, secret) in shown
        .iter()
        .flat_map(|it| secrets.map(|secret| (it, secret)))
    {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[test]
fn what_is_no_address_is_refused_by_its_variable_and_without_its_password() {
    for base in [
        "",
        "localhost:8001",
        "ftp://host",
        "http://",
        "u:secret@host",
        "host.example/v1?key=secret",
    ] {
        let error = Server::new(base, None, "m", "QWEN_API_URL")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("QWEN_API_URL: "), "{error}");
        assert!(!error.contains("secret"), "{error}");
        let is_named = error.contains("did you mean http://localhost:8001?");
        assert_eq!(is_named, base == "localhost:8001", "{error}");
    }
}

#[test]
fn the_remedy_for_what_is_not_found_tells_what_was_asked_and_where_it_came_from() {
    let cases = [
        (
            "http://127.0.0.1:8001",
            "http://127.0.0.1:8001/v1/chat/completions was asked: `http://127.0.0.1:8001` is from QWEN_API_URL, `/v1` was \
             added because that names no path, then `/chat/completions`. Check QWEN_API_URL, and set QWEN_MODEL to a model \
             that the server lists under http://127.0.0.1:8001/v1/models.",
        ),
        (
            "https://host/proxy?key=s3cret",
            "https://host/proxy/chat/completions?key=… was asked: `https://host/proxy` is from QWEN_API_URL, \
             `/chat/completions` was added. Check QWEN_API_URL, and set QWEN_MODEL to a model that the server lists under \
             https://host/proxy/models?key=….",
        ),
    ];
    for (address, remedy) in cases {
        let server = Server::new(address, None, "m", "QWEN_API_URL").unwrap();
        for status in [404, 405] {
            let error = AskError::refused(status, b"<h1>Not found</h1>", None);
            assert_eq!(error.problem("Qwen", &server, 4096).remedy, remedy);
        }
        let garbage = AskError::Garbage.problem("Qwen", &server, 4096).remedy;
        assert!(garbage.starts_with(&server.asked_at()), "{garbage}");
    }
}

#[test]
fn a_renewed_key_is_sent_by_all_clones_and_neither_is_told() {
    let server = Server::new("https://host", Some("sk-former".to_owned()), "m", "M").unwrap();
    let clone = server.clone();
    let alike = Server::new("https://host", Some("sk-former".to_owned()), "m", "M").unwrap();
    assert!(server.is_same_as(&alike));
    let sent = |server: &Server| {
        drop(rustls::crypto::ring::default_provider().install_default());
        let request = server.signed(reqwest::Client::new().post(server.url(CHAT)));
        let request = request.build().unwrap();
        request.headers()[AUTHORIZATION]
            .to_str()
            .unwrap()
            .to_owned()
    };
    for (given, renewals, expected) in [
        ("sk-former", 0, "Bearer sk-former"),
        (" ", 0, "Bearer sk-former"),
        ("\"sk-current\"\n", 1, "Bearer sk-current"),
        ("sk-current", 1, "Bearer sk-current"),
    ] {
        server.renew_key(given);
        assert_eq!(clone.key_renewals(), renewals, "{given}");
        assert_eq!(sent(&clone), expected, "{given}");
    }
    assert!(!server.is_same_as(&alike), "another may ask");
    let told = clone.redact("sk-former or sk-current");
    assert_eq!(told, "[key] or [key]");
}
