//! How earlier calls are written in a request, so that the strictest server accepts them.

use run::{CallId, ToolName};

/// Bedrock's, OpenAI's and Gemini's limit, in characters.
const LONGEST_NAME: usize = 64;
/// For a name of which no character is left.
const NAMELESS: &str = "unknown";

/// An id of nine letters and digits, as Mistral wants them, and unique in a run.
pub(super) fn id(call: CallId) -> String {
    match call {
        CallId::Orchestrator { round } => format!("r{:04}0000", round % 10_000),
        CallId::Tool { round, index } => format!("r{:04}{:04}", round % 10_000, index % 10_000),
    }
}

/// The name of a tool as servers take it in a history: letters, digits, `_` and `-`, beginning with a letter or `_`. Those of
/// offered tools are so already; models invent others.
pub(super) fn name(tool: &ToolName) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let given = tool.as_str().trim().chars();
    let mut name: String = given.map(|c| if is_kept(c) { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        name.insert(0, '_');
    }
    name.truncate(LONGEST_NAME);
    if name.bytes().all(|byte| byte == b'_') {
        NAMELESS.to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_nine_letters_and_digits_and_unique_in_a_run() {
        let rounds = 1..=50;
        let calls =
            rounds.flat_map(|round| (1..=17).map(move |index| CallId::Tool { round, index }));
        let ids: Vec<_> = calls.map(id).collect();
        assert!(
            ids.iter()
                .all(|id| id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()))
        );
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert_eq!(
            id(CallId::Tool {
                round: u32::MAX,
                index: u32::MAX
            })
            .len(),
            9
        );
        assert_eq!(id(CallId::Orchestrator { round: 7 }), "r00070000");
        assert_eq!(
            id(CallId::Tool {
                round: 12,
                index: 3
            }),
            "r00120003"
        );
    }

    #[test]
    fn an_invented_name_is_told_in_a_spelling_that_servers_take() {
        let long = "x".repeat(100);
        let cases = [
            ("search", "search"),
            ("web-search_2", "web-search_2"),
            ("browser.tabs.open", "browser_tabs_open"),
            ("$READFILE", "_READFILE"),
            ("default_api:search", "default_api_search"),
            ("view_file\" path=\"a.php\"", "view_file__path__a_php_"),
            ("2fast", "_2fast"),
            ("-dash", "_-dash"),
            (" search ", "search"),
            ("", NAMELESS),
            ("  ", NAMELESS),
            ("検索", NAMELESS),
            ("検索a", "__a"),
            (&long, &long[..64]),
        ];
        for (given, told) in cases {
            assert_eq!(name(&ToolName::new(given)), told, "{given}");
        }
    }
}
