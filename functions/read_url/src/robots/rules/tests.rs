use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(file: &str, paths: &[(&str, bool)]) {
    let rules = Rules::parse(file);
    for (path, allowed) in paths {
        assert_eq!(rules.allow(path), *allowed, "{path} by {file:?}");
    }
}

#[test]
fn the_group_that_names_this_reader_holds_else_that_for_everybody() {
    check("", &[("/", true)]);
    check("<!doctype html><p>user-agent: none</p>", &[("/", true)]);
    check(
        "User-agent: *\nDisallow: /",
        &[("/", false), ("/a", false), ("/robots.txt", true)],
    );
    check("User-agent: *\nDisallow:", &[("/a", true)]);
    check(
        "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /media_proxy/",
        &[("/api", true), ("/media_proxy/a", false)],
    );
    check(
        "user-agent: *\ndisallow: /\n\nUSER-AGENT: Serverless-LLM/9.9\nALLOW: /",
        &[("/a", true)],
    );
    check("User-agent: serverless\nDisallow: /", &[("/a", true)]);
    check("User-agent: serverless-llm-2\nDisallow: /", &[("/a", true)]);
    check(
        "User-agent: a\nUser-agent: serverless-llm\nDisallow: /x",
        &[("/x", false), ("/y", true)],
    );
    check(
        "User-agent: serverless-llm\nDisallow: /x\n\nUser-agent: serverless-llm\nDisallow: /y",
        &[("/x", false), ("/y", false)],
    );
    check(
        "User-agent: serverless-llm\n\nUser-agent: *\nDisallow: /",
        &[("/a", false)],
    );
    check(
        "User-agent: serverless-llm\nCrawl-delay: 9\n\nUser-agent: *\nDisallow: /",
        &[("/a", false)],
    );
    check(
        "User-agent: serverless-llm\nDisallow:\n\nUser-agent: *\nDisallow: /",
        &[("/a", true)],
    );
    check("Disallow: /", &[("/a", true)]);
    check(
        "\u{feff}User-agent: *\r\nDisallow: /a # that is all\r\n",
        &[("/a", false), ("/b", true)],
    );
    check("User-agent: *\rDisallow: /a", &[("/a", false)]);
    check(
        "User-agent: *\nSitemap: https://a/b\nDisallow: /a",
        &[("/a", false)],
    );
}

#[test]
fn the_longest_rule_decides_and_allowing_wins_a_tie() {
    check(
        "User-agent: *\nDisallow: /a\nAllow: /a/b",
        &[("/a/c", false), ("/a/b/c", true)],
    );
    check(
        "User-agent: *\nAllow: /a/b\nDisallow: /a",
        &[("/a/c", false), ("/a/b/c", true)],
    );
    check("User-agent: *\nDisallow: /p\nAllow: /p", &[("/p", true)]);
    check(
        "User-agent: *\nDisallow: /\nAllow: /$",
        &[("/", true), ("/a", false)],
    );
}

#[test]
fn wildcards_and_escapes_mean_what_everybody_reads_in_them() {
    check(
        "User-agent: *\nDisallow: /*.php$",
        &[
            ("/a.php", false),
            ("/a.php?b", true),
            ("/a/b.php", false),
            ("/a.phps", true),
        ],
    );
    check(
        "User-agent: *\nDisallow: /fish*",
        &[
            ("/fish", false),
            ("/fishheads/y", false),
            ("/Fish", true),
            ("/catfish", true),
        ],
    );
    check(
        "User-agent: *\nDisallow: /*/private/",
        &[("/u/private/x", false), ("/private/x", true)],
    );
    check(
        "User-agent: *\nDisallow: *?q=",
        &[("/s?q=a", false), ("/s?p=a", true)],
    );
    check(
        "User-agent: *\nDisallow: /a**b$",
        &[("/axb", false), ("/axbb", false), ("/axbc", true)],
    );
    check(
        "User-agent: *\nDisallow: /a$b",
        &[("/a$bc", false), ("/a", true)],
    );
    check(
        "User-agent: *\nDisallow: /bücher",
        &[("/b%C3%BCcher", false), ("/b%c3%bccher/1", false)],
    );
    check(
        "User-agent: *\nDisallow: /%7Ejoe/",
        &[("/~joe/x", false), ("/%7ejoe/x", false)],
    );
    check(
        "User-agent: *\nDisallow: /a%2fb",
        &[("/a%2Fb", false), ("/a/b", true)],
    );
    check(
        "User-agent: *\nDisallow: /100%",
        &[("/100%", false), ("/100", true)],
    );
}

/// What a pattern means, said without regard to time.
fn means(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => true,
        b"$" => path.is_empty(),
        [b'*', rest @ ..] => (0..=path.len()).any(|at| means(rest, &path[at..])),
        [byte, rest @ ..] => path.first() == Some(byte) && means(rest, &path[1..]),
    }
}

proptest! {
    #[test]
    fn a_pattern_matches_what_it_means(pattern in "[ab*]{0,8}\\$?", path in "[ab]{0,10}") {
        prop_assert_eq!(matches(&pattern, &path), means(pattern.as_bytes(), path.as_bytes()));
    }

    #[test]
    fn a_path_has_one_spelling(path in "[ -~é%]{0,20}") {
        prop_assert_eq!(normal(&normal(&path)), normal(&path));
    }

    #[test]
    fn no_file_makes_the_reader_fail(file in "(\\PC|\n|user-agent: \\*\n|disallow: |allow: |[*$%/]){0,60}", path in "/[ -~]{0,20}") {
        Rules::parse(&file).allow(&path);
    }
}

#[test]
fn effort_of_no_file_is_more_than_its_length() {
    for piece in [
        "Disallow: /*a*b*c$\n",
        "Disallow: /%\n",
        "Allow: /aaaa*\n",
        "User-agent: *\n",
        "::\n",
        "#",
    ] {
        let file = |bytes: usize| format!("User-agent: *\n{}", effort::repeated(piece)(bytes));
        effort::assert_linear(piece, file, |text| {
            Rules::parse(text).allow("/aaaaaaaa/b/c/x?aaaa")
        });
    }
    let path = |bytes: usize| format!("/{}", "a".repeat(bytes));
    let rules = Rules::parse("User-agent: *\nDisallow: /*aa*aa*aa*b*aa*b$");
    effort::assert_linear("a long path", path, |path| rules.allow(path));
}
