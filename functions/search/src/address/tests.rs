use super::*;
use proptest::prelude::*;

fn site() -> Url {
    Url::parse("https://html.duckduckgo.com/html/").unwrap()
}

fn key(address: &str) -> String {
    canonical(&Url::parse(address).unwrap())
}

#[test]
fn only_addresses_that_a_browser_should_open_are_taken() {
    let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
    let cases = [
        ("https://example.com/a b", Some("https://example.com/a%20b")),
        ("//example.com/x", Some("https://example.com/x")),
        (
            " /l/?uddg=x ",
            Some("https://html.duckduckgo.com/l/?uddg=x"),
        ),
        (
            "http://bücher.example/ü",
            Some("http://xn--bcher-kva.example/%C3%BC"),
        ),
        ("", None),
        ("  ", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://example.com/", None),
        ("mailto:a@example.com", None),
        ("https://user:secret@example.com/", None),
        ("https://paypal.com@evil.example/", None),
        ("https://", None),
        (&long, None),
    ];
    for (text, expected) in cases {
        let taken = of_web(text, &site()).map(String::from);
        assert_eq!(taken.as_deref(), expected, "{text}");
    }
}

#[test]
fn addresses_of_one_page_are_the_same_and_those_of_two_are_not() {
    let same = [
        ("https://example.com/a", "http://www.example.com/a/"),
        ("https://example.com", "https://EXAMPLE.com:443/#top"),
        (
            "https://example.com/a?x=1",
            "https://example.com/a?utm_source=y&x=1&gclid=7",
        ),
        ("https://example.com/a", "https://example.com/a?fbclid=1"),
        (
            "https://en.wikipedia.org/wiki/Rust_(fungus)",
            "https://en.m.wikipedia.org/wiki/Rust_%28fungus%29",
        ),
        ("https://example.com/%7euser", "https://example.com/~user"),
        ("https://example.com/%e4%ba%ac", "https://example.com/京"),
        ("https://example.com./a", "https://m.example.com/a"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/%a%30", "https://example.com/%25a0"),
    ];
    for (one, other) in same {
        assert_eq!(key(one), key(other));
    }
    let different = [
        ("https://example.com/a", "https://example.com/b"),
        ("https://example.com/a?x=1", "https://example.com/a?x=2"),
        (
            "https://example.com/a?x=1&y=2",
            "https://example.com/a?x=12",
        ),
        ("https://example.com/", "https://example.com:8443/"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/a?q=%26x", "https://example.com/a?q=&x"),
        ("https://m.example/", "https://example/"),
        ("https://example.com/A", "https://example.com/a"),
        ("https://example.com/%+a", "https://example.com/%+A"),
    ];
    for (one, other) in different {
        assert_ne!(key(one), key(other));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_canonical_address_is_its_own(
        host in "(www\\.|m\\.|mobile\\.){0,3}[a-z]{1,8}(\\.m\\.wikipedia\\.org|\\.com|\\.m\\.m\\.wikipedia\\.org)?",
        path in "(/|%[0-9a-fA-F]{2}|%|[a-z~(]){0,12}",
        query in "(\\?([a-z]{1,3}=%[0-9a-f]{2}|utm_a=1|&|%25|gclid|#x){0,6})?",
    ) {
        let url = Url::parse(&format!("http://{host}/{path}{query}"));
        prop_assume!(url.is_ok());
        let once = canonical(&url.unwrap());
        let again = Url::parse(&once).unwrap();
        prop_assert_eq!(canonical(&again), once);
    }

    #[test]
    fn what_is_taken_is_an_ascii_address_of_the_web(text in ".{0,60}") {
        if let Some(url) = of_web(&text, &site()) {
            prop_assert!(matches!(url.scheme(), "http" | "https"));
            prop_assert!(url.as_str().is_ascii() && !url.as_str().contains(|c: char| c.is_ascii_control()));
        }
    }
}
