//! Looking for runs by the words of their titles.
//!
//! The index has no words: titles are read page by page and compared here, so that case does not count.

use run::{Owner, RunId};

use crate::history::Page;
use crate::{Store, StoreError};

/// Runs that one search looks at, about 300 bytes each; the next page goes on behind them.
const LOOKED_AT: u32 = 2_000;
/// Runs read at once.
const A_READ: u32 = 500;

/// The words that are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// The words of a text, which blanks part; `None` where it has none.
    pub fn of(text: &str) -> Option<Self> {
        let words: Vec<_> = text.split_whitespace().map(folded).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether a title holds all of them, each also as a part of another word.
    pub fn are_in(&self, title: &str) -> bool {
        let title = folded(title);
        self.0.iter().all(|word| title.contains(word))
    }
}

impl Store {
    /// The runs of an owner whose titles hold the words, newest first, after a run where one is named. A page may have fewer than
    /// `limit`, also none, although the list goes on.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn search(
        &self,
        owner: &Owner,
        words: &Words,
        after: Option<RunId>,
        limit: u32,
        now_ms: u64,
    ) -> Result<Page, StoreError> {
        let mut found = Vec::new();
        let mut next = after;
        for _ in 0..LOOKED_AT / A_READ {
            let page = self.unmarked(owner, next, A_READ, now_ms).await?;
            next = page.next;
            let mut of_words = page.runs.into_iter().filter(|run| words.are_in(&run.title));
            found.extend(of_words.by_ref().take(limit as usize - found.len()));
            if of_words.next().is_some() {
                next = found.last().map(|last| last.run_id);
                break;
            }
            if next.is_none() {
                break;
            }
        }
        self.add_marks(owner, &mut found).await?;
        Ok(Page { runs: found, next })
    }
}

/// A text whose case does not count. The sigma at the end of a word is one like any other.
fn folded(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.map(|it| if it == 'ς' { 'σ' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn words_are_found_whatever_their_case_and_order() {
        for (text, title, found) in [
            ("tokyo", "How crowded is Tokyo?", true),
            ("CROWD tokyo", "How crowded is Tokyo?", true),
            ("tokyo\u{3000}how", "How crowded is Tokyo?", true),
            ("kyoto", "How crowded is Tokyo?", false),
            ("how kyoto", "How crowded is Tokyo?", false),
            ("ΟΔΟΣ", "Η οδός και η οδος", true),
            ("οδος", "ΟΔΟΣ", true),
            ("οδοσ", "ΟΔΟΣ", true),
            ("élan", "ÉLAN vital", true),
            ("東京", "東京はどれほど混んでいますか", true),
            ("%", "10 % of 5", true),
            ("_", "a b", false),
            ("(", "f(x)", true),
            ("i\u{307}stanbul", "İSTANBUL", true),
        ] {
            let words = Words::of(text).unwrap();
            assert_eq!(words.are_in(title), found, "{text} in {title}");
        }
        assert_eq!(Words::of(" \u{3000}\n"), None);
    }
}
