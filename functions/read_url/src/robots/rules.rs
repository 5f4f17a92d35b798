//! The rules of one `robots.txt` that hold for this reader: RFC 9309, with the wildcards that everybody reads.

use percent_encoding::percent_decode_str;

/// What this reader is called in such files, the beginning of its `User-Agent`.
const PRODUCT: &str = "serverless-llm";

/// Whether paths may be read, most exact rule first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    allows: bool,
}

/// For whom the lines of a group are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Audience {
    named: bool,
    everybody: bool,
}

impl Rules {
    /// Reads a file. Groups that name this reader hold for it, together; where none does, those for everybody.
    pub fn parse(text: &str) -> Self {
        let (mut named, mut everybody) = (Vec::new(), Vec::new());
        let mut audience = Audience::default();
        let (mut is_named, mut names_go_on) = (false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else {
                continue;
            };
            let (field, value) = (field.trim(), value.trim());
            if field.eq_ignore_ascii_case("user-agent") {
                if !names_go_on {
                    audience = Audience::default();
                }
                names_go_on = true;
                audience.everybody |= value.starts_with('*');
                audience.named |= is_product(value);
                is_named |= audience.named;
                continue;
            }
            let allows = field.eq_ignore_ascii_case("allow");
            if !allows && !field.eq_ignore_ascii_case("disallow") {
                // Lines of other kinds end no group.
                continue;
            }
            names_go_on = false;
            if value.is_empty() {
                continue;
            }
            let rule = Rule {
                pattern: normal(value),
                allows,
            };
            if audience.named {
                named.push(rule.clone());
            }
            if audience.everybody {
                everybody.push(rule);
            }
        }
        let mut rules = if is_named { named } else { everybody };
        // The longest pattern decides; of two that are as long, the one that allows.
        rules.sort_by_key(|rule| (std::cmp::Reverse(rule.pattern.len()), !rule.allows));
        Self(rules)
    }

    /// No page of a site whose rules forbid all.
    pub fn none() -> Self {
        Self(vec![Rule {
            pattern: "/".to_owned(),
            allows: false,
        }])
    }

    /// Whether a path, with its query, may be read.
    pub fn allow(&self, path: &str) -> bool {
        let path = normal(path);
        let decides = self.0.iter().find(|rule| matches(&rule.pattern, &path));
        path == "/robots.txt" || decides.is_none_or(|rule| rule.allows)
    }
}

/// Whether a line names this reader; a version behind its name counts for nothing.
fn is_product(value: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
    let name = value.split(|c| !is_name(c)).next().unwrap_or_default();
    name.eq_ignore_ascii_case(PRODUCT)
}

/// A path in one spelling: what need not be escaped is not, what must be is, in capitals.
fn normal(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        let escape = rest.get(..3).filter(|escape| {
            first == '%' && escape[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        let unit = escape.unwrap_or(&rest[..first.len_utf8()]);
        rest = &rest[unit.len()..];
        for byte in percent_decode_str(unit) {
            let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            if is_plain || (escape.is_none() && byte.is_ascii_graphic() && byte != b'%') {
                normal.push(char::from(byte));
            } else {
                normal.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    normal
}

/// Whether a path begins as a pattern says: `*` is any text, `$` at its end is the path's end. Takes no longer than both are long.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|begin| path.strip_prefix(begin)) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return !to_end || rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    if to_end {
        rest.ends_with(last)
    } else {
        rest.contains(last)
    }
}

#[cfg(test)]
mod tests {
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
}
