//! The whole tool against servers that answer well or badly.

use axum::http::HeaderValue;
use read_url::{Config, Reader};
use serde_json::json;

use crate::internet::{HTML, Web, call, failed, read, respond};

const ROBOTS: &str = "text/plain";

#[tokio::test]
async fn a_page_comes_back_with_its_title_its_text_and_its_links() {
    let web = Web::new().page(
        "example.org/a",
        HTML,
        "<title>T</title><h1>Hi</h1><p>See <a href='b?c'>more</a>.",
    );
    let expected = json!({"ok": true, "result": {
        "url": "http://example.org/a", "title": "T", "text": "# Hi\n\nSee more.",
        "links": [{"text": "more", "url": "http://example.org/b?c"}], "truncated": false,
    }});
    assert_eq!(web.read("http://example.org/a").await, expected);
}

#[tokio::test]
async fn a_text_that_is_no_page_comes_back_as_it_is() {
    let cases = [
        ("application/json", r#"{"a": [1, 2.50], "b": "<b>"}"#),
        ("application/ld+json; charset=utf-8", "{}"),
        ("text/plain", "<p>not a page</p>\n  indented\n"),
        ("text/csv", "a,b\n1,2\n"),
        ("text/markdown", "# x\n\n[a](b)"),
        ("application/rss+xml", "<rss><title>x</title></rss>"),
        ("", "plain words"),
    ];
    for (media_type, body) in cases {
        let web = Web::new().page("example.org/data", media_type, body);
        assert_eq!(
            web.read("http://example.org/data").await,
            read("http://example.org/data", "data", body),
            "{media_type}"
        );
    }
    let web = Web::new().page(
        "example.org/x",
        "text/plain",
        "a\u{202e}b\r\nc\u{200b}\0".replace('\0', "\u{1b}[1m"),
    );
    assert_eq!(
        web.read("http://example.org/x").await,
        read("http://example.org/x", "x", "ab\nc[1m")
    );
    for (status, media_type) in [(200, HTML), (204, ""), (200, ""), (200, "text/plain")] {
        let web = Web::new().with("example.org/", move || {
            respond(status, &[("content-type", media_type)], "")
        });
        let told = web.read("http://example.org/").await;
        let text = told["result"]["text"].as_str().unwrap();
        assert!(text.starts_with('[') && text.contains("no text"), "{told}");
    }
}

#[tokio::test]
async fn a_file_is_told_and_handed_on() {
    let pdf = b"%PDF-1.7\n\0\xff some bytes";
    let web = Web::new().page("example.org/a/report.pdf", "application/pdf", pdf.to_vec());
    let told = web.read("http://example.org/a/report.pdf").await;
    let text = "[This address is that of a PDF, 22 bytes, and not of a page. It is kept as the file report.pdf: where code_interpreter is offered, \
                its programs find it in their working directory.]";
    let expected = read("http://example.org/a/report.pdf", "report.pdf", text)["result"].clone();
    assert_eq!(told["result"], expected);
    assert_eq!(
        told["artifacts"],
        json!([{"name": "report.pdf", "media_type": "application/pdf", "data": "JVBERi0xLjcKAP8gc29tZSBieXRlcw=="}])
    );

    for media_type in ["text/html", "application/octet-stream", "text/plain", ""] {
        let web = Web::new().page("example.org/x", media_type, pdf.to_vec());
        let told = web.read("http://example.org/x").await;
        assert_eq!(
            told["artifacts"][0]["name"], "x.pdf",
            "{media_type}: {told}"
        );
    }
    let web = Web::new().page("example.org/x.png", "image/png", b"\x89PNG\0".to_vec());
    assert_eq!(
        web.read("http://example.org/x.png").await["artifacts"][0]["media_type"],
        "image/png"
    );
    let web = Web::new().page(
        "example.org/x.pdf",
        "application/pdf",
        "<!doctype html><p>Sign in first.",
    );
    assert_eq!(
        web.read("http://example.org/x.pdf").await,
        read("http://example.org/x.pdf", "", "Sign in first.")
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_type_and_size() {
    let cases: [(&'static str, &[u8], &str); 4] = [
        (
            "video/mp4",
            b"\0\0\0 ftyp",
            "there is no text at this address, but 8 bytes (video/mp4)",
        ),
        (
            "application/zip",
            b"PK\x03\x04",
            "there is no text at this address, but 4 bytes (application/zip)",
        ),
        (
            "",
            b"\0\x01",
            "there is no text at this address, but 2 bytes (of an unknown type)",
        ),
        (
            "text/html",
            b"MZ\0\0",
            "there is no text at this address, but 4 bytes (text/html)",
        ),
    ];
    for (media_type, body, message) in cases {
        let web = Web::new().page("example.org/x", media_type, body);
        assert_eq!(
            web.read("http://example.org/x").await,
            failed("unreadable", message, false)
        );
    }
}

#[tokio::test]
async fn statuses_are_told_in_words() {
    let cases = [
        (404, "example.org has no such page (status 404)", false),
        (410, "example.org has no such page (status 410)", false),
        (
            401,
            "example.org shows this page only to those who have signed in (status 401)",
            false,
        ),
        (
            403,
            "example.org refuses to show this page (status 403)",
            false,
        ),
        (
            429,
            "example.org refuses more requests for now; try again later (status 429)",
            true,
        ),
        (500, "example.org did not give the page (status 500)", true),
        (503, "example.org did not give the page (status 503)", true),
        (418, "example.org did not give the page (status 418)", false),
        (304, "example.org did not give the page (status 304)", false),
        (300, "example.org did not give the page (status 300)", false),
    ];
    for (status, message, retryable) in cases {
        let web = Web::new().with("example.org/", move || {
            respond(status, &[], "<p>secret words of the error page")
        });
        assert_eq!(
            web.read("http://example.org/").await,
            failed("http_status", message, retryable)
        );
    }
    for (status, header) in [
        (200, ("cf-mitigated", "challenge")),
        (403, ("cf-mitigated", "challenge")),
        (202, ("x-amzn-waf-action", "challenge")),
        (405, ("x-amzn-waf-action", "captcha")),
    ] {
        let web = Web::new().with("example.org/", move || {
            respond(
                status,
                &[("content-type", HTML), header],
                "<title>Just a moment...</title>",
            )
        });
        let message = "example.org lets browsers read this page, and no programs; another page may say the same";
        assert_eq!(
            web.read("http://example.org/").await,
            failed("challenged", message, false)
        );
    }
    // Sends on, and does not say where.
    let web = Web::new().with("example.org/", || respond(302, &[], "x"));
    assert_eq!(
        web.read("http://example.org/").await["error"]["code"],
        "http_status"
    );
}

#[tokio::test]
async fn redirects_are_followed_five_times() {
    let chain = |length: usize| {
        let web = (0..length).fold(Web::new(), |web, n| {
            web.redirect(&format!("example.org/{n}"), 302, &format!("/{}", n + 1))
        });
        web.page(&format!("example.org/{length}"), HTML, "<p>end")
    };
    assert_eq!(
        chain(5).read("http://example.org/0#x").await,
        read("http://example.org/5#x", "", "end")
    );
    let endless = failed(
        "bad_redirect",
        "example.org sends its readers on and on",
        false,
    );
    assert_eq!(chain(6).read("http://example.org/0").await, endless);
    let round = Web::new().redirect("example.org/", 307, "/");
    assert_eq!(round.read("http://example.org/").await, endless);
    assert_eq!(round.asked().len(), 6);
}

#[tokio::test]
async fn a_redirect_may_say_its_address_in_bytes_of_any_encoding() {
    let cases: [(&'static [u8], &str); 4] = [
        ("/안녕".as_bytes(), "/%EC%95%88%EB%85%95"),
        (b"/caf\xe9?\xff=%20", "/caf%E9?%FF=%20"),
        (
            "http://bücher.example/ü".as_bytes(),
            "xn--bcher-kva.example/%C3%BC",
        ),
        (b"/a b", "/a%20b"),
    ];
    for (location, asked) in cases {
        let asked = if asked.starts_with('/') {
            format!("example.org{asked}")
        } else {
            asked.to_owned()
        };
        let moved = move || {
            let mut response = respond(302, &[], "");
            response
                .headers_mut()
                .insert("location", HeaderValue::from_bytes(location).unwrap());
            response
        };
        let web = Web::new()
            .with("example.org/", moved)
            .page(&asked, HTML, "<p>there");
        assert_eq!(
            web.read("http://example.org/").await["result"]["text"],
            "there",
            "{asked}"
        );
    }
}

#[tokio::test]
async fn the_rules_of_each_site_on_the_way_are_obeyed() {
    let refused = failed(
        "robots",
        "example.org does not allow programs to read this address (robots.txt); another page may say the same",
        false,
    );
    let unknown = failed(
        "robots",
        "example.org does not say which of its pages programs may read (robots.txt could not be read), so none is read now",
        true,
    );
    let page = || Web::new().page("example.org/a", HTML, "<p>x");
    let allowed = read("http://example.org/a", "", "x");
    let cases = [
        (200, "User-agent: *\nDisallow: /a", &refused),
        (200, "User-agent: *\nDisallow: /b", &allowed),
        (200, "User-agent: serverless-llm\nDisallow: /", &refused),
        (200, "<html>no rules</html>", &allowed),
        (200, "", &allowed),
        (404, "", &allowed),
        (410, "", &allowed),
        (401, "", &refused),
        (403, "", &refused),
        (429, "", &unknown),
        (500, "", &unknown),
        (503, "", &unknown),
    ];
    for (status, rules, expected) in cases {
        let web = page().with("example.org/robots.txt", move || {
            respond(status, &[("content-type", ROBOTS)], rules)
        });
        assert_eq!(
            web.read("http://example.org/a").await,
            *expected,
            "{status} {rules}"
        );
        assert_eq!(web.asked().len(), usize::from(*expected == allowed));
    }
    // Where its own are, and where the next site's are.
    let moved = page()
        .redirect(
            "example.org/robots.txt",
            301,
            "http://www.example.org/robots.txt",
        )
        .page(
            "www.example.org/robots.txt",
            ROBOTS,
            "User-agent: *\nDisallow: /",
        );
    assert_eq!(moved.read("http://example.org/a").await, refused);
    let next = Web::new()
        .redirect("example.org/a", 302, "http://other.example/b")
        .page(
            "other.example/robots.txt",
            ROBOTS,
            "User-agent: *\nDisallow: /b",
        );
    let elsewhere = failed(
        "robots",
        "other.example does not allow programs to read this address (robots.txt); another page may say the same",
        false,
    );
    assert_eq!(next.read("http://example.org/a").await, elsewhere);
    assert_eq!(next.asked(), ["example.org/a"]);
}

#[tokio::test]
async fn the_rules_are_asked_for_once_and_not_where_the_operator_says_so() {
    let web = Web::new()
        .page(
            "example.org/robots.txt",
            ROBOTS,
            "User-agent: *\nDisallow: /private",
        )
        .page("example.org/a", HTML, "<p>x")
        .page("example.org/private", HTML, "<p>y");
    let reader = web.reader().await;
    for _ in 0..3 {
        assert_eq!(
            call(&reader, "http://example.org/a", 60_000).await["ok"],
            true
        );
        assert_eq!(
            call(&reader, "http://example.org/private", 60_000).await["error"]["code"],
            "robots"
        );
    }
    assert_eq!(web.asked_for_rules(), 1);
    let mut config = Config::new(web.network().await);
    config.obeys_robots = false;
    let told = call(
        &Reader::new(config).unwrap(),
        "http://example.org/private",
        60_000,
    )
    .await;
    assert_eq!(told, read("http://example.org/private", "", "y"));
    assert_eq!(web.asked_for_rules(), 1);
}

#[tokio::test]
async fn an_address_that_cannot_be_asked_says_what_to_mend() {
    let reader = Web::new().reader().await;
    for (url, message) in [
        (
            "page",
            "url: it is no address of a page, like https://example.org/page",
        ),
        ("ftp://example.org/", "url: only http and https are read"),
        (
            "http://user@example.org/",
            "url: it holds a name or a password",
        ),
        (
            "http://example.org:22/",
            "url: its port is none of the web, and the operator has not added it",
        ),
    ] {
        assert_eq!(
            call(&reader, url, 60_000).await,
            failed("invalid_arguments", message, false),
            "{url}"
        );
    }
}
