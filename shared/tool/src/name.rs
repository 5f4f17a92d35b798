//! Names of files as they travel between a tool and the orchestrator, and the characters that nobody sees in them.

/// Longest name of a file, in bytes.
pub const MAX_NAME_BYTES: usize = 200;

/// Whether a name is that of a file and nothing else, for whoever reads it: no path, nothing hidden, nothing that is not seen.
pub fn is_plain_name(name: &str) -> bool {
    let is_odd = |c: char| matches!(c, '/' | '\\') || is_unseen(c);
    !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && !name.starts_with('.')
        && !name.contains(is_odd)
}

/// Whether a character is obeyed or passed over where a text is shown, rather than seen: controls (C0, DEL, C1), ends of lines,
/// what turns the direction of writing around, what has no width. The joiners, which emoji and several scripts are written with,
/// are none.
pub const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_file_and_shows_all_that_it_holds() {
        let longest = "x".repeat(MAX_NAME_BYTES);
        for name in [
            "a",
            "data.csv",
            "a b",
            "-rf *",
            "étude 𝄞.txt",
            "a..b",
            "#1",
            "表.csv",
            "نام\u{200c}ها.txt",
            "👩\u{200d}💻.png",
            "CON",
            &longest,
        ] {
            assert!(is_plain_name(name), "{name:?}");
        }
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for name in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "a/b",
            "a/",
            ".",
            "..",
            ".bashrc",
            "a\\b",
            "C:\\a",
            &long,
            "a\0b",
            "a\nb",
            "a\tb",
            "a\x1b[31mb",
            "a\u{7f}",
            "a\u{9b}31m",
            "\u{202e}gnp.exe",
            "\u{2067}gnp.exe",
            "\u{61c}gnp.exe",
            "a\u{200b}b",
            "a\u{200f}",
            "a\u{2028}b",
            "\u{feff}a",
            "a\u{ad}b",
            "a\u{2060}b",
            "a\u{e0041}",
        ] {
            assert!(!is_plain_name(name), "{name:?}");
        }
    }
}
