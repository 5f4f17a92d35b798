//! Names of owners, as they are typed.

use run::Owner;

const MAX_BYTES: usize = 40;
/// The owner of the key of the environment, that of a laptop without any, and the name under which both are stored.
const RESERVED: [&str; 3] = ["default", "local", Owner::UNNAMED];
/// How names begin that those get who have no key.
const RESERVED_BEGINNING: &str = "visitor";

/// An owner that may have a key of the table.
pub(super) fn parse(name: &str) -> Result<Owner, String> {
    let is_first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_later = |byte: u8| is_first(byte) || matches!(byte, b'.' | b'_' | b'-');
    let is_name = match name.as_bytes() {
        [first, rest @ ..] => is_first(*first) && rest.iter().all(|byte| is_later(*byte)),
        [] => false,
    };
    if !is_name || name.len() > MAX_BYTES {
        return Err(format!(
            "expected 1 to {MAX_BYTES} of a-z, 0-9, `.`, `_` and `-`, the first of them a letter or a digit"
        ));
    }
    if RESERVED.contains(&name) || name.starts_with(RESERVED_BEGINNING) {
        return Err(
            "this name is kept for those who have no key of the table: choose another one"
                .to_owned(),
        );
    }
    Ok(Owner::new(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_mean_somebody_else_are_refused() {
        for name in [
            "default",
            "local",
            "anonymous",
            "visitor",
            "visitor-1",
            "visitors",
        ] {
            assert!(parse(name).unwrap_err().contains("kept"), "{name}");
        }
        for name in [
            "defaults",
            "local-1",
            "0",
            "a.b_c-d",
            "my-visitor",
            &"a".repeat(40),
        ] {
            assert_eq!(parse(name), Ok(Owner::new(name)));
        }
    }

    #[test]
    fn names_of_another_form_are_refused() {
        let names = [
            "",
            " ",
            "Alice",
            "a b",
            "-a",
            ".a",
            "_a",
            "é",
            "a/b",
            "a#b",
            "a\n",
            "\u{1b}[2J",
            "а",
        ];
        let long = "a".repeat(41);
        for name in names.into_iter().chain([&*long]) {
            assert!(
                parse(name).unwrap_err().contains("expected 1 to 40"),
                "{name:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_name_is_taken_as_it_is_where_it_has_the_form(name in "[a-z0-9][a-z0-9._-]{0,39}") {
            let is_kept = RESERVED.contains(&&*name) || name.starts_with("visitor");
            prop_assert_eq!(parse(&name).ok(), (!is_kept).then(|| Owner::new(&*name)));
        }

        #[test]
        fn whatever_is_taken_has_the_form(name in any::<String>()) {
            if parse(&name).is_ok() {
                let form = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
                prop_assert!(name.chars().all(form) && (1..=40).contains(&name.len()));
            }
        }
    }
}
