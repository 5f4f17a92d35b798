//! Which offered name is meant by another spelling of it, or by a name that models make up for it.

use strsim::osa_distance;

/// Longest name that is compared, in bytes.
const MAX_NAME_BYTES: usize = 96;
/// Words that models put around a name and that say nothing; versions say nothing either.
const FILLERS: [&str; 14] = [
    "tool",
    "tools",
    "function",
    "functions",
    "func",
    "call",
    "use",
    "run",
    "execute",
    "the",
    "api",
    "default",
    "my",
    "mcp",
];
/// From this length on, in bytes, one letter of a word may be wrong; from twice as much two.
const MIN_TYPO_BYTES: usize = 5;

/// How far a name may differ from the one that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// A call is plain: words may be left out, and letters wrong.
    Loose,
    /// It may be no call: an identifier of the same words, and at most one beside them.
    Strict,
}

/// The value beside the name that is meant, where the first of these ways that finds any finds one alone: the same words, one
/// word more, words left out, a typo.
pub(super) fn fitting<'a>(
    name: &str,
    tolerance: Tolerance,
    known: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<&'a str> {
    let is_title = name.trim().contains(char::is_whitespace);
    if name.len() > MAX_NAME_BYTES || tolerance == Tolerance::Strict && is_title {
        return None;
    }
    let asked = [name, core(name)].map(Spelling::of);
    let known: Vec<_> = known
        .map(|(name, value)| (Spelling::of(name), value))
        .collect();
    let all: [fn(&Spelling, &Spelling) -> bool; 4] = [
        Spelling::is_same,
        Spelling::has_one_word_more,
        Spelling::has_words_left_out,
        Spelling::is_typo,
    ];
    let ways = match tolerance {
        Tolerance::Loose => &all[..],
        Tolerance::Strict => &all[..2],
    };
    ways.iter().find_map(|fits| {
        let mut fitting = known
            .iter()
            .filter(|(known, _)| asked.iter().any(|asked| fits(asked, known)))
            .map(|(_, value)| *value);
        let first = fitting.next()?;
        Some(fitting.all(|other| other == first).then_some(first))
    })?
}

/// The words of a name that say something, in small letters.
struct Spelling {
    words: Vec<String>,
    joined: String,
}

impl Spelling {
    fn of(name: &str) -> Self {
        let mut words = words(name.trim());
        words.retain(|word| !FILLERS.contains(&&**word) && !is_version(word));
        Self {
            joined: words.concat(),
            words,
        }
    }

    fn is_same(&self, known: &Self) -> bool {
        !self.joined.is_empty() && self.joined == known.joined
    }

    fn has_one_word_more(&self, known: &Self) -> bool {
        let holds = known.words.iter().all(|word| self.words.contains(word));
        !known.words.is_empty() && holds && self.words.len() == known.words.len() + 1
    }

    fn has_words_left_out(&self, known: &Self) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| known.words.contains(word))
    }

    fn is_typo(&self, known: &Self) -> bool {
        let typos = |word: &str| (word.len() / MIN_TYPO_BYTES).min(2);
        let pairs = self.words.iter().zip(&known.words);
        let mut off = 0;
        for (word, known) in pairs {
            let distance = osa_distance(word, known);
            if distance > typos(known) {
                return false;
            }
            off += distance;
        }
        self.words.len() == known.words.len() && (1..=2).contains(&off)
    }
}

fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last part of a name, behind what is put before it: `mcp__web__search`, `tools/search`.
fn core(name: &str) -> &str {
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

    fn meant(name: &str, tolerance: Tolerance) -> Option<&'static str> {
        let tools = [
            "search",
            "code_interpreter",
            "answer",
            "enhance_reasoning",
            "read_url",
            "get_weather",
        ];
        let known = tools.map(|tool| (tool, tool)).into_iter();
        let aliases = [("python", "code_interpreter"), ("web_search", "search")];
        fitting(name, tolerance, known.chain(aliases))
    }

    #[test]
    fn a_name_means_the_tool_that_alone_fits_it() {
        let closely = [
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
            ("search.run", "search"),
            ("search.v2", "search"),
            ("CodeInterpreter", "code_interpreter"),
            ("code-interpreter", "code_interpreter"),
            ("codeinterpreter", "code_interpreter"),
            ("python", "code_interpreter"),
            ("Python", "code_interpreter"),
            ("final_answer", "answer"),
            ("ReadURL", "read_url"),
            ("google_search_v2", "search"),
            ("google_search_2", "search"),
            ("mcp__brave_labs__search", "search"),
            ("mcp__brave_labs__search__", "search"),
            ("intranet.docs.search", "search"),
            ("intranet/docs/search/", "search"),
            ("intranet.docs::search", "search"),
        ];
        for (name, tool) in closely {
            assert_eq!(meant(name, Tolerance::Strict), Some(tool), "{name}");
            assert_eq!(meant(name, Tolerance::Loose), Some(tool), "{name}");
        }
        let freely = [
            ("seach", "search"),
            ("code interpreter", "code_interpreter"),
            ("interpreter", "code_interpreter"),
            ("code_interpeter", "code_interpreter"),
            ("reasoning", "enhance_reasoning"),
            ("Search results", "search"),
        ];
        for (name, tool) in freely {
            assert_eq!(meant(name, Tolerance::Strict), None, "{name}");
            assert_eq!(meant(name, Tolerance::Loose), Some(tool), "{name}");
        }
    }

    #[test]
    fn a_name_that_fits_none_or_several_means_none() {
        for name in [
            "",
            "tool",
            "function",
            "search_answer",
            "delete_search_index",
            "set_weather",
            "got_weather",
            "go",
            "seach_engine",
            "v",
            "_",
            "é",
        ] {
            assert_eq!(meant(name, Tolerance::Loose), None, "{name}");
        }
        for (bytes, tool) in [(96, Some("search")), (97, None)] {
            let name = format!("{:_<bytes$}", "search_");
            assert_eq!(meant(&name, Tolerance::Loose), tool, "{bytes}");
        }
    }
}
