use super::*;
use proptest::prelude::*;

fn judged(text: &str) -> Result<String, Refused> {
    Target::parse(text, &Ports::default()).map(|target| target.url().to_string())
}

#[test]
fn a_page_is_asked_for_as_a_browser_would_ask() {
    let cases = [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("http://example.org", "http://example.org/"),
        ("HTTP://EXAMPLE.ORG:80/", "http://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("https://example.org./a", "https://example.org./a"),
        (" <https://example.org/a> ", "https://example.org/a"),
        ("`https://example.org/a`", "https://example.org/a"),
        ("example.org", "https://example.org/"),
        ("example.org/a?b=http://c", "example.org/a?b=http://c"),
        ("www.example.org/a", "https://www.example.org/a"),
        (
            "https://bücher.example/ü",
            "https://xn--bcher-kva.example/%C3%BC",
        ),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://example。org/", "https://example.org/"),
        ("https://ｅｘａｍｐｌｅ.org/", "https://example.org/"),
        ("https://exa\tmple.org/\na", "https://example.org/a"),
        ("https:\\\\example.org\\a", "https://example.org/a"),
        ("http://1.1.1.1#@127.0.0.1/", "http://1.1.1.1/#@127.0.0.1/"),
        ("http://0x08080808/", "http://8.8.8.8/"),
        (
            "http://[2606:4700:4700::1111]/",
            "http://[2606:4700:4700::1111]/",
        ),
        ("http://[::ffff:8.8.8.8]/", "http://[::ffff:808:808]/"),
        ("https://local.example.org/", "https://local.example.org/"),
        ("https://mylocalhost.org/", "https://mylocalhost.org/"),
        (
            "https://example.com/127.0.0.1",
            "https://example.com/127.0.0.1",
        ),
    ];
    for (text, asked) in cases {
        let expected = if text.contains("b=http://") {
            // What stands behind the host may hold an address of its own; then its scheme has to be written.
            Err(Refused::NotAnAddress)
        } else {
            Ok(asked.to_owned())
        };
        assert_eq!(judged(text), expected, "{text}");
    }
}

#[test]
fn no_spelling_of_a_host_that_is_not_public_is_asked() {
    let hosts = [
        // One address in every spelling that the rules of browsers know.
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "0177.0.0.1",
        "0177.0.0.01",
        "127.0.0.0x1",
        "127.0x0.1",
        "0X7F.1",
        "00000177.1",
        "127.000.000.001",
        "①②⑦.⓪.⓪.①",
        "１２７.０.０.１",
        "127。0。0。1",
        "127．0．0．1",
        "127｡0｡0｡1",
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "12\t7.0.0\n.1",
        "127.0.0.1\u{ad}",
        // Others that look like none.
        "0",
        "0.0.0.0",
        "0x0",
        "10.1",
        "192.168.257",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.169.254",
        "169.254.43518",
        "168.63.129.16",
        "4294967295",
        // IPv6, and IPv4 in it.
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]",
        "[::ffff:127.0.0.1]",
        "[::FFFF:7F00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[2001:db8::1]",
        // Names of this machine and its network.
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ｌｏｃａｌｈｏｓｔ",
        "l\u{ad}ocalhost",
        "a.localhost",
        "localhost.localdomain",
        "printer.local",
        "metadata.google.internal",
        "metadata.google.internal.",
        "METADATA.GOOGLE.INTERNAL",
        "metadata.goog",
        "metadata",
        "instance-data",
        "ip-10-0-0-1.ec2.internal",
        "router.lan",
        "nas.home.arpa",
        "wiki.intranet",
        "example.onion",
        "intranet",
        "host",
    ];
    for host in hosts {
        for text in [
            format!("http://{host}/"),
            format!("https://{host}/latest/meta-data/"),
            format!("http:{host}"),
            format!("http:///{host}/"),
            format!("http://{host}\\@1.1.1.1/"),
            format!("//{host}/"),
            format!("http://{host}:8080/"),
        ] {
            let expected = if text.starts_with("//") {
                Refused::NotAnAddress
            } else {
                Refused::Private
            };
            assert_eq!(judged(&text), Err(expected), "{text}");
        }
        let page = Target::parse("http://example.org/", &Ports::default()).unwrap();
        for location in [format!("http://{host}/"), format!("//{host}/")] {
            let followed = page.follow(&location, &Ports(vec![8080]));
            assert_eq!(followed, Err(Refused::Private), "{location}");
        }
    }
}

#[test]
fn what_is_no_address_of_a_page_is_refused_with_the_reason() {
    let long = format!("https://example.org/{}", "a".repeat(MAX_URL_BYTES));
    let grows = format!("https://example.org/{}", "ü".repeat(900));
    let cases = [
        ("", Refused::NotAnAddress),
        ("page", Refused::NotAnAddress),
        ("/etc/passwd", Refused::NotAnAddress),
        ("http://", Refused::NotAnAddress),
        ("http://256.1.1.1/", Refused::NotAnAddress),
        ("http://1.1.1.1.1/", Refused::NotAnAddress),
        ("http://4294967296/", Refused::NotAnAddress),
        ("http://foo.0x4/", Refused::NotAnAddress),
        ("http://[fe80::1%25eth0]/", Refused::NotAnAddress),
        ("http://[::1/", Refused::NotAnAddress),
        ("http://xn--a.com/", Refused::NotAnAddress),
        ("http://exam\0ple.org/", Refused::NotAnAddress),
        ("http://exam ple.org/", Refused::NotAnAddress),
        ("http://example.org:99999/", Refused::NotAnAddress),
        ("file:///etc/passwd", Refused::Scheme),
        ("ftp://example.org/", Refused::Scheme),
        ("gopher://example.org:80/_x", Refused::Scheme),
        ("data:text/html,x", Refused::Scheme),
        ("javascript:alert(1)", Refused::Scheme),
        ("view-source:https://example.org/", Refused::Scheme),
        ("blob:https://example.org/a", Refused::Scheme),
        ("ws://example.org/", Refused::Scheme),
        ("http://user@example.org/", Refused::UserInfo),
        ("http://user:secret@example.org/", Refused::UserInfo),
        ("http://1.1.1.1@127.0.0.1/", Refused::UserInfo),
        ("http://127.0.0.1@1.1.1.1/", Refused::UserInfo),
        ("http://1.1.1.1&@127.0.0.1/", Refused::UserInfo),
        ("http://example.org:@127.0.0.1/", Refused::UserInfo),
        ("http://example.org:22/", Refused::Port),
        ("http://example.org:8080/", Refused::Port),
        ("https://example.org:0/", Refused::Port),
        (&long, Refused::TooLong),
        (&grows, Refused::TooLong),
    ];
    for (text, expected) in cases {
        assert_eq!(judged(text), Err(expected), "{text}");
    }
}

#[test]
fn a_redirect_is_judged_like_an_address_and_leads_to_no_less_safe_a_place() {
    let ports = Ports::default();
    let follow = |from: &str, location: &str| {
        let page = Target::parse(from, &ports).unwrap();
        let followed = page.follow(location, &ports);
        followed.map(|target| target.url().to_string())
    };
    let (http, https) = ("http://example.org/a/b?c#d", "https://example.org/a/b");
    let cases = [
        (http, "/x", Ok("http://example.org/x#d")),
        (http, "x#y", Ok("http://example.org/a/x#y")),
        (http, "?q", Ok("http://example.org/a/b?q#d")),
        (http, "//other.org/", Ok("http://other.org/#d")),
        (http, "https://other.org/", Ok("https://other.org/#d")),
        (https, "http://example.org/", Err(Refused::Downgrade)),
        (https, "ftp://example.org/", Err(Refused::Scheme)),
        (https, "file:///etc/passwd", Err(Refused::Scheme)),
        (https, "javascript:alert(1)", Err(Refused::Scheme)),
        (https, "https://u:p@example.org/", Err(Refused::UserInfo)),
        (https, "//example.org:8443/", Err(Refused::Port)),
        (https, "https://[::1]/", Err(Refused::Private)),
        (http, "http://0xa9fea9fe/latest/", Err(Refused::Private)),
        (http, "\\\\127.0.0.1\\", Err(Refused::Private)),
        (http, "http://", Err(Refused::NotAnAddress)),
    ];
    for (from, location, expected) in cases {
        assert_eq!(
            follow(from, location),
            expected.map(str::to_owned),
            "{location}"
        );
    }
}

#[test]
fn a_port_is_asked_that_the_operator_has_added() {
    let ports = Ports(vec![8080]);
    assert!(Target::parse("http://example.org:8080/", &ports).is_ok());
    assert_eq!(
        Target::parse("http://127.0.0.1:8080/", &ports),
        Err(Refused::Private)
    );
    assert_eq!(
        Target::parse("http://example.org:8081/", &ports),
        Err(Refused::Port)
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_judge_fail_or_names_a_host_that_is_not_public(
        text in "(https?:/{0,3})?[\\[\\]0-9a-fA-Fx.:@%/\\\\ ⑦。ｌlocalhst-]{0,40}"
    ) {
        if let Ok(target) = Target::parse(&text, &Ports::default()) {
            let host = target.url().host_str().unwrap().trim_matches(['[', ']']).to_owned();
            match host.parse() {
                Ok(address) => prop_assert!(is_public(address), "{}", target.url()),
                Err(_) => prop_assert!(may_ask_name(&host), "{}", target.url()),
            }
            prop_assert!(target.url().username().is_empty());
        }
    }

    #[test]
    fn what_was_judged_is_judged_the_same_when_it_is_read_again(text in "https?://[a-z0-9.]{1,20}(:[0-9]{1,4})?/[ -~]{0,20}") {
        if let Ok(target) = Target::parse(&text, &Ports::default()) {
            prop_assert_eq!(Target::parse(target.url().as_str(), &Ports::default()), Ok(target));
        }
    }
}
