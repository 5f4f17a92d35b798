//! No address that is not public is reached: not by its name, not by a redirect, not by a name that changes.

use crate::internet::{PUBLIC, Web, call, failed, respond};
use serde_json::Value;

const PAGE: &str = "<title>Page</title><p>Public words.";

fn private(host: &str) -> Value {
    failed(
        "private_address",
        &format!("{host} is not read: it is not on the public internet"),
        false,
    )
}

#[tokio::test]
async fn a_page_of_a_public_name_is_read() {
    let web = Web::new().page("example.org/", "text/html", PAGE);
    let read = web.read("http://example.org/").await;
    assert_eq!(read["result"]["text"], "Public words.", "{read}");
    assert_eq!(web.asked(), ["example.org/"]);
}

#[tokio::test]
async fn a_name_that_has_one_address_that_is_not_public_is_not_connected_to() {
    for address in [
        "127.0.0.1",
        "127.0.0.53",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:7f00:1::1",
        "2001:db8::1",
        "4000::1",
    ] {
        for addresses in [vec![address], vec![PUBLIC, address], vec![address, PUBLIC]] {
            let web = Web::new().name("inside.example.org", &[&addresses]).page(
                "inside.example.org/",
                "text/html",
                PAGE,
            );
            assert_eq!(
                web.read("http://inside.example.org/").await,
                private("inside.example.org"),
                "{addresses:?}"
            );
            assert_eq!(
                web.asked_for_rules() + web.asked().len(),
                0,
                "{addresses:?}"
            );
        }
    }
}

#[tokio::test]
async fn addresses_of_ipv6_that_networks_carry_to_public_ones_are_read() {
    for address in ["2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"] {
        let web =
            Web::new()
                .name("example.org", &[&[address]])
                .page("example.org/", "text/html", PAGE);
        assert_eq!(
            web.read("http://example.org/").await["ok"],
            true,
            "{address}"
        );
    }
}

#[tokio::test]
async fn what_is_not_public_as_it_is_written_is_never_resolved() {
    let web = Web::new();
    let reader = web.reader().await;
    for url in [
        "http://127.0.0.1/",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
        "http://localhost./",
        "http://a.localhost/",
        "http://metadata.google.internal/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
        "http://router.lan/",
        "http://metadata/",
        "127.0.0.1",
        "localhost.localdomain/x",
    ] {
        let told = call(&reader, url, 60_000).await;
        assert_eq!(told["error"]["code"], "private_address", "{url}: {told}");
    }
    assert_eq!(web.resolved(), [""; 0]);
    assert_eq!(web.asked(), [""; 0]);
}

#[tokio::test]
async fn a_name_that_changes_is_judged_by_the_address_that_is_connected_to() {
    let rules = || respond(200, &[("connection", "close")], "User-agent: *\nAllow: /");
    for inside in ["127.0.0.1", "169.254.169.254", "::1", "10.0.0.1"] {
        // Public when the rules of the site are asked for, inside when the page is.
        let web = Web::new()
            .name("rebind.example.org", &[&[PUBLIC], &[inside]])
            .with("rebind.example.org/robots.txt", rules)
            .page("rebind.example.org/", "text/html", PAGE);
        let told = web.read("http://rebind.example.org/").await;
        assert_eq!(told, private("rebind.example.org"), "{inside}");
        assert_eq!(web.connected(), [PUBLIC]);
        assert_eq!(web.asked(), [""; 0]);

        // Inside at first, public later; in turns; public and inside at once.
        let turns: [&[&[&str]]; 3] = [
            &[&[inside], &[PUBLIC]],
            &[&[PUBLIC], &[inside], &[PUBLIC], &[inside]],
            &[&[PUBLIC, inside]],
        ];
        for answers in turns {
            let web = Web::new()
                .name("rebind.example.org", answers)
                .with("rebind.example.org/robots.txt", rules)
                .with("rebind.example.org/", || {
                    respond(200, &[("connection", "close")], PAGE)
                });
            let reader = web.reader().await;
            for _ in 0..4 {
                call(&reader, "http://rebind.example.org/", 60_000).await;
            }
            assert!(
                web.connected().iter().all(|address| address == PUBLIC),
                "{:?}",
                web.connected()
            );
        }
    }
}

#[tokio::test]
async fn a_redirect_to_what_is_not_public_is_not_followed() {
    for (location, resolves) in [
        ("http://169.254.169.254/latest/meta-data/", None),
        ("http://127.0.0.1:9001/", None),
        ("//localhost/", None),
        ("http://0x7f000001/", None),
        ("http://[::ffff:7f00:1]/", None),
        ("http://inside.example.org/", Some("10.0.0.1")),
        ("https://inside.example.org/", Some("fd00::1")),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let mut web = Web::new().redirect("example.org/", status, location);
            if let Some(address) = resolves {
                web = web.name("inside.example.org", &[&[address]]);
            }
            let told = web.read("http://example.org/").await;
            assert_eq!(
                told["error"]["code"], "private_address",
                "{location}: {told}"
            );
            assert_eq!(web.asked(), ["example.org/"]);
            assert!(web.connected().iter().all(|address| address == PUBLIC));
        }
    }
}

#[tokio::test]
async fn a_redirect_elsewhere_that_is_no_page_is_told() {
    let told = |what: &str| {
        failed(
            "bad_redirect",
            &format!("example.org sends its readers on to an address that is not read: {what}"),
            false,
        )
    };
    for (location, reason) in [
        ("file:///etc/passwd", "only http and https are read"),
        ("ftp://example.org/", "only http and https are read"),
        ("javascript:alert(1)", "only http and https are read"),
        (
            "http://user:pass@example.org/",
            "it holds a name or a password",
        ),
        (
            "http://example.org:6379/",
            "its port is none of the web, and the operator has not added it",
        ),
        (
            "http://",
            "it is no address of a page, like https://example.org/page",
        ),
    ] {
        let web = Web::new().redirect("example.org/", 302, location);
        assert_eq!(
            web.read("http://example.org/").await,
            told(reason),
            "{location}"
        );
    }
}

#[tokio::test]
async fn the_rules_of_a_site_are_not_looked_for_where_no_page_would_be() {
    let web = Web::new()
        .redirect("example.org/robots.txt", 302, "http://127.0.0.1/robots.txt")
        .page("example.org/", "text/html", PAGE);
    assert_eq!(
        web.read("http://example.org/").await["error"]["code"],
        "robots"
    );
    assert_eq!(web.asked(), [""; 0]);
}

#[tokio::test]
async fn no_request_says_where_its_reader_comes_from_or_who_it_is() {
    let web = Web::new()
        .with("example.org/", || {
            respond(
                302,
                &[
                    ("location", "http://other.example/"),
                    ("set-cookie", "a=b; Domain=example"),
                ],
                "",
            )
        })
        .page("other.example/", "text/html", PAGE);
    assert_eq!(
        web.read("http://example.org/#secret").await["result"]["url"],
        "http://other.example/#secret"
    );
    for headers in web.headers() {
        let mut names: Vec<_> = headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
        assert!(
            headers["user-agent"]
                .to_str()
                .unwrap()
                .starts_with("serverless-llm/")
        );
    }
}
