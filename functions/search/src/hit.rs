//! One result, from what a provider wrote to what the model gets.
//!
//! Refuses characters that nobody sees, addresses that are not of the web, and texts beyond their limits; a text
//! that was cut says so by an ellipsis at its end.

use std::collections::HashSet;

use reqwest::Url;
use serde::Serialize;

use crate::text::{at_most, plain_text};
use crate::{address, date};

const MAX_TITLE_CHARS: usize = 200;
const MAX_SNIPPET_CHARS: usize = 600;

/// One result as the model gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    pub title: String,
    pub snippet: String,
    pub url: String,
    /// When the page was published, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What might become a result, in plain text; each part may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    pub title: String,
    pub snippet: String,
    pub url: String,
    pub date: String,
}

impl Candidate {
    /// Nothing if it says nothing or leads nowhere that a browser should go. Addresses are relative to `site`.
    fn into_hit(self, site: &Url) -> Option<(String, Hit)> {
        let url = address::of_web(&self.url, site)?;
        let snippet = at_most(MAX_SNIPPET_CHARS, &plain_text(&self.snippet));
        let title = at_most(MAX_TITLE_CHARS, &plain_text(&self.title));
        let title = if title.is_empty() {
            at_most(MAX_TITLE_CHARS, &snippet)
        } else {
            title
        };
        let hit = Hit {
            title,
            snippet,
            date: date::of(&plain_text(&self.date)),
            url: url.to_string(),
        };
        (!hit.title.is_empty()).then(|| (address::canonical(&url), hit))
    }
}

/// At most `most` results, each page once: the first that leads there counts.
pub fn hits(candidates: Vec<Candidate>, site: &Url, most: usize) -> Vec<Hit> {
    let mut seen = HashSet::new();
    let hits = candidates
        .into_iter()
        .filter_map(|candidate| candidate.into_hit(site))
        .filter(|(page, _)| seen.insert(page.clone()));
    hits.map(|(_, hit)| hit).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn site() -> Url {
        Url::parse("https://example.com/").unwrap()
    }

    fn candidate(title: &str, snippet: &str, url: &str) -> Candidate {
        Candidate {
            title: title.to_owned(),
            snippet: snippet.to_owned(),
            url: url.to_owned(),
            date: String::new(),
        }
    }

    #[test]
    fn of_two_results_for_one_page_the_first_stays() {
        let candidates = vec![
            candidate("One", "first", "https://example.org/a?utm_source=x"),
            candidate("One again", "second", "http://www.example.org/a/"),
            candidate("Two", "", "https://example.org/b"),
            candidate("", "only a snippet", "https://example.org/c"),
            candidate(" ", "\u{200b}\n", "https://example.org/d"),
            candidate("No address", "x", "javascript:alert(1)"),
            candidate("Too many", "x", "https://example.org/e"),
        ];
        let kept = hits(candidates, &site(), 3);
        let kept: Vec<_> = kept
            .iter()
            .map(|hit| (&*hit.title, &*hit.snippet, &*hit.url))
            .collect();
        let expected = [
            ("One", "first", "https://example.org/a?utm_source=x"),
            ("Two", "", "https://example.org/b"),
            ("only a snippet", "only a snippet", "https://example.org/c"),
        ];
        assert_eq!(kept, expected);
    }

    proptest! {
        #[test]
        fn no_control_character_reaches_a_result_and_no_text_its_limit(
            title in ".{0,40}|[\\x00-\\x1f\u{202e}\u{200b}a]{0,300}",
            snippet in "(.|\n|\u{7f}|\u{2028}|\u{e0041}){0,900}",
            date in ".{0,50}",
        ) {
            let url = "https://example.org/".to_owned();
            for hit in hits(vec![Candidate { title, snippet, url, date }], &site(), 1) {
                let texts = [Some(&hit.title), Some(&hit.snippet), Some(&hit.url), hit.date.as_ref()];
                for text in texts.into_iter().flatten() {
                    prop_assert!(!text.contains(tool::is_unseen), "{text:?}");
                }
                prop_assert!(hit.title.chars().count() <= MAX_TITLE_CHARS);
                prop_assert!(hit.snippet.chars().count() <= MAX_SNIPPET_CHARS);
            }
        }

        #[test]
        fn each_page_stands_once_and_in_the_order_in_which_it_came(pages in proptest::collection::vec(0_u8..6, 0..20)) {
            let candidates = pages.iter().map(|page| candidate("t", "s", &format!("https://example.org/{page}?utm_x={page}")));
            let kept = hits(candidates.collect(), &site(), 99);
            let mut seen = Vec::new();
            for page in pages {
                if !seen.contains(&page) {
                    seen.push(page);
                }
            }
            let expected: Vec<_> = seen.iter().map(|page| format!("https://example.org/{page}?utm_x={page}")).collect();
            prop_assert_eq!(kept.into_iter().map(|hit| hit.url).collect::<Vec<_>>(), expected);
        }
    }
}
