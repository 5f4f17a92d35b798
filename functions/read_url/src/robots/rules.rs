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
                let digit = |four: u8| char::from(b"0123456789ABCDEF"[usize::from(four)]);
                normal.extend(['%', digit(byte >> 4), digit(byte & 15)]);
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
mod tests;
