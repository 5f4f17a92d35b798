//! Takes secrets out of texts that come from servers: those repeat what they are sent, in errors above all.

use std::cmp::Reverse;

use crate::forms::{self, SHORTEST};

/// What whoever cuts a text puts behind it.
const CUT: char = '…';

/// Secrets in all their forms, the longest first: one may be part of another.
#[derive(Clone)]
pub struct Redactor {
    forms: Vec<String>,
    /// What stands in the place of one.
    mark: &'static str,
}

impl Redactor {
    pub fn new<'a>(mark: &'static str, secrets: impl Iterator<Item = &'a str>) -> Self {
        let secrets = secrets.filter(|secret| !secret.is_empty());
        let mut forms: Vec<_> = secrets.flat_map(forms::of).collect();
        forms.retain(|form| !form.is_empty());
        forms.sort_unstable_by(|a, b| (Reverse(a.len()), a).cmp(&(Reverse(b.len()), b)));
        forms.dedup();
        Self { forms, mark }
    }

    pub const fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// A text without them.
    #[must_use]
    pub fn taken_out_of(&self, mut text: String) -> String {
        for form in &self.forms {
            if text.contains(&**form) {
                text = text.replace(&**form, self.mark);
            }
        }
        text
    }

    /// The same for a text that may have been cut in the middle of one.
    #[must_use]
    pub fn taken_out_of_cut(&self, text: String) -> String {
        let text = self.taken_out_of(text);
        let mut parts = text.split(CUT);
        let last = parts.next_back().unwrap_or_default();
        let cut: String = parts.map(|part| self.without_half(part)).collect();
        cut + last
    }

    /// What stands before the sign of a cut, and that sign, without the beginning of a secret at its end.
    fn without_half(&self, part: &str) -> String {
        let halves = self.forms.iter().filter_map(|form| {
            let longest = part.len().min(form.len());
            let mut ends = (SHORTEST..=longest).rev();
            ends.find(|&end| {
                let begin = form.get(..end);
                begin.is_some_and(|begin| part.ends_with(begin))
            })
        });
        let half = halves.max().unwrap_or(0);
        let kept = part.len() - half;
        let mark = if half == 0 { "" } else { self.mark };
        format!("{}{mark}{CUT}", &part[..kept])
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    const MARK: &str = "[secret]";

    fn of(secret: &str) -> Redactor {
        Redactor::new(MARK, [secret].into_iter())
    }

    #[test]
    fn a_text_that_was_cut_in_a_secret_does_not_end_with_its_beginning() {
        let redactor = of("sk-0123456789");
        let cases = [
            ("refused: sk-012345…", "refused: [secret]…"),
            ("refused: sk-0123456789…", "refused: [secret]…"),
            // So little tells nothing.
            ("refused: sk-01…", "refused: sk-01…"),
            ("a: sk-012345…, b: sk-0123…!", "a: [secret]…, b: [secret]…!"),
            ("not cut: sk-012345", "not cut: sk-012345"),
            ("", ""),
            ("…", "…"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                redactor.taken_out_of_cut(text.to_owned()),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn one_that_is_part_of_another_leaves_nothing_of_it() {
        let redactor = Redactor::new(MARK, ["secret-1", "secret-1-and-more"].into_iter());
        let told = redactor.taken_out_of("secret-1-and-more, secret-1".to_owned());
        assert_eq!(told, "[secret], [secret]");
        assert!(Redactor::new(MARK, [""].into_iter()).is_empty());
    }

    proptest! {
        #[test]
        fn no_form_of_a_secret_is_left(secret in "[!-~]{8,40}", before in "[a-z ]{0,5}", behind in "[a-z ]{0,5}") {
            let redactor = of(&secret);
            let whole = format!("{before}{secret}{behind}");
            let hex = data_encoding::HEXLOWER.encode(whole.as_bytes());
            let json = serde_json::to_string(&whole).unwrap();
            for told in [whole.clone(), json.clone(), hex.to_uppercase(), hex] {
                let rest = redactor.taken_out_of(told.clone());
                prop_assert!(rest.len() < told.len() - secret.len() + MARK.len() + 1, "{told}: {rest}");
                prop_assert!(!rest.contains(&secret), "{told}: {rest}");
            }
            // Of base64 a part at either end is left that tells no whole byte of the secret but the last.
            for told in [STANDARD.encode(&whole), URL_SAFE.encode(&whole)] {
                let rest = redactor.taken_out_of(told.clone());
                prop_assert!(rest.contains(MARK), "{told}: {rest}");
                let kept: String = rest.replace(MARK, "").chars().filter(|c| *c != '=').collect();
                prop_assert!(kept.len() <= (before.len() + behind.len()) * 2 + 6, "{told}: {rest}");
            }
        }

        #[test]
        fn what_holds_no_secret_stays(text in "[a-z …]{0,60}") {
            let redactor = of("S3CR3T/0123456789+=");
            prop_assert_eq!(redactor.taken_out_of_cut(text.clone()), text);
        }
    }
}
