//! The command line of `pause` and `resume`.

use std::path::PathBuf;

use clap::Args;
use tool::is_unseen;

use crate::data_dir;

const MAX_REASON_CHARS: usize = 300;

/// What those are told who ask meanwhile.
#[derive(Clone, Debug, Args)]
pub(crate) struct PauseOptions {
    /// What those are told who ask meanwhile: one line of at most 300 characters
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) table: TableOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ResumeOptions {
    #[command(flatten)]
    pub(crate) table: TableOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TableOptions {
    /// Folder of the embedded table's file; `AWS_ENDPOINT_URL_DYNAMODB` names a table elsewhere
    #[arg(long, env = "DATA_DIR", default_value = data_dir::DEFAULT)]
    pub(crate) data_dir: PathBuf,
}

/// All of it can be seen, on one line: pages and terminals of others show it.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars > MAX_REASON_CHARS {
        return Err(format!(
            "expected at most {MAX_REASON_CHARS} characters, got {chars}"
        ));
    }
    if text.contains(is_unseen) {
        return Err("expected one line without characters that cannot be seen".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reason_is_one_line_that_can_be_seen() {
        for text in ["", "Back at 9.", "é 七 🦀 \"quoted\" <b>", &"é".repeat(300)] {
            assert_eq!(reason(text), Ok(text.to_owned()));
        }
        assert_eq!(reason(" Back soon\n"), Ok("Back soon".to_owned()));
        for text in [
            "a\nb",
            "a\rb",
            "a\tb",
            "\u{1b}[2J",
            "a\u{2028}b",
            "a\u{202e}b",
            "a\0b",
        ] {
            assert!(reason(text).unwrap_err().contains("one line"), "{text:?}");
        }
        let said = reason(&"é".repeat(301)).unwrap_err();
        assert_eq!(said, "expected at most 300 characters, got 301");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_short_and_all_of_it_seen(text in any::<String>()) {
            if let Ok(taken) = reason(&text) {
                prop_assert_eq!(&*taken, text.trim());
                prop_assert!(taken.chars().count() <= 300 && !taken.contains(is_unseen));
            }
        }
    }
}
