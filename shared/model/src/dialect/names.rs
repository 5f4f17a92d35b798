//! Which offered name is meant by another spelling of it, or by a name that models make up for it.

use strsim::osa_distance;

/// Longest name that is compared, in bytes.
const MAX_NAME_BYTES: usize = 96;
/// Words that models put around a name and that say nothing.
const FILLERS: [&str; 12] = [
    "tool",
    "tools",
    "function",
    "functions",
    "func",
    "call",
    "use",
    "run",
    "the",
    "api",
    "default",
    "my",
];
/// From this length on, in bytes, one letter may be wrong; from twice as much two.
const MIN_BYTES_OF_A_SLIP: usize = 5;

/// The value beside the name that is meant, where the first of these ways that finds any finds one alone: the same words, words
/// around or left out, a slip of the pen.
pub(super) fn fitting<'a>(
    name: &str,
    known: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<&'a str> {
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
    let asked = Spelling::of(name);
    let known: Vec<_> = known
        .map(|(name, value)| (Spelling::of(name), value))
        .collect();
    let ways: [fn(&Spelling, &Spelling) -> bool; 3] = [
        Spelling::is_same,
        Spelling::holds_or_is_held,
        Spelling::is_slip,
    ];
    ways.iter().find_map(|fits| {
        let mut fitting = known
            .iter()
            .filter(|(known, _)| fits(&asked, known))
            .map(|(_, value)| *value);
        let first = fitting.next()?;
        Some(fitting.all(|other| other == first).then_some(first))
    })?
}

/// The words of a name, in small letters.
struct Spelling {
    words: Vec<String>,
    joined: String,
}

impl Spelling {
    fn of(name: &str) -> Self {
        let words = words(core(name));
        Self {
            joined: words.concat(),
            words,
        }
    }

    fn is_same(&self, known: &Self) -> bool {
        !self.joined.is_empty() && self.joined == known.joined
    }

    fn holds_or_is_held(&self, known: &Self) -> bool {
        let holds = |all: &Self, some: &Self| {
            let telling = || {
                some.words
                    .iter()
                    .filter(|word| !FILLERS.contains(&&***word))
            };
            telling().next().is_some() && telling().all(|word| all.words.contains(word))
        };
        holds(self, known) || holds(known, self)
    }

    fn is_slip(&self, known: &Self) -> bool {
        let slips = known.joined.len() / MIN_BYTES_OF_A_SLIP;
        slips > 0 && osa_distance(&self.joined, &known.joined) <= slips.min(2)
    }
}

/// A name without what is put before and behind it: `functions.search:0`, `mcp__web__search`, `default_api.search()`.
fn core(name: &str) -> &str {
    let name = name.trim().trim_end_matches("()");
    let name = match name.rsplit_once(':') {
        Some((before, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => before,
        Some(_) | None => name,
    };
    let last = name.rsplit(['.', ':', '/']).find(|part| !part.is_empty());
    let last = last.unwrap_or(name);
    let last = last.rsplit("__").find(|part| !part.is_empty());
    last.unwrap_or(name)
}

/// Splits at what is no letter or digit, and where a capital begins a word.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_small = false;
    let mut begins = true;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            begins = true;
            continue;
        }
        if begins || after_small && character.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
        begins = false;
        after_small = character.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(name: &str) -> Option<&'static str> {
        let tools = [
            "search",
            "code_interpreter",
            "answer",
            "enhance_reasoning",
            "read_url",
        ];
        let known = tools.map(|tool| (tool, tool)).into_iter();
        fitting(
            name,
            known.chain([("python", "code_interpreter"), ("web_search", "search")]),
        )
    }

    #[test]
    fn a_name_means_the_tool_that_alone_fits_it() {
        let cases = [
            ("functions.search", "search"),
            ("default_api.search", "search"),
            ("functions.search:0", "search"),
            ("search()", "search"),
            ("Search", "search"),
            ("SEARCH", "search"),
            ("web-search", "search"),
            ("webSearch", "search"),
            ("searchTool", "search"),
            ("search_tool", "search"),
            ("google_search", "search"),
            ("mcp__web__search", "search"),
            ("tools/search", "search"),
            ("seach", "search"),
            ("CodeInterpreter", "code_interpreter"),
            ("code-interpreter", "code_interpreter"),
            ("code interpreter", "code_interpreter"),
            ("codeinterpreter", "code_interpreter"),
            ("interpreter", "code_interpreter"),
            ("code_interpeter", "code_interpreter"),
            ("python", "code_interpreter"),
            ("Python", "code_interpreter"),
            ("final_answer", "answer"),
            ("reasoning", "enhance_reasoning"),
            ("ReadURL", "read_url"),
        ];
        for (name, tool) in cases {
            assert_eq!(meant(name), Some(tool), "{name}");
        }
    }

    #[test]
    fn a_name_that_fits_none_or_several_means_none() {
        for name in [
            "",
            "get_weather",
            "tool",
            "function",
            "search_answer",
            "go",
            "_",
            "é",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
        assert_eq!(meant(&"search_".repeat(30)), None);
    }
}
