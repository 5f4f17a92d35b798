//! Which words of a question a rule has accounted for. A rule speaks only of a question of which nothing is left over:
//! a number, a unit or a word that it does not know may turn the meaning round.

use crate::words::{Token, starts_with};

/// Words that ask for something without changing what is asked. No number, no negation and no word of order is among them.
const REQUEST_WORDS: [&str; 81] = [
    "please",
    "can",
    "could",
    "would",
    "will",
    "you",
    "i",
    "me",
    "my",
    "we",
    "us",
    "want",
    "like",
    "need",
    "to",
    "know",
    "tell",
    "show",
    "give",
    "write",
    "make",
    "create",
    "some",
    "a",
    "an",
    "the",
    "small",
    "short",
    "simple",
    "python",
    "python3",
    "code",
    "program",
    "script",
    "function",
    "in",
    "with",
    "using",
    "use",
    "by",
    "for",
    "that",
    "which",
    "run",
    "it",
    "and",
    "then",
    "find",
    "out",
    "compute",
    "calculate",
    "evaluate",
    "generate",
    "print",
    "prints",
    "list",
    "return",
    "returns",
    "output",
    "work",
    "solve",
    "what",
    "whats",
    "is",
    "are",
    "how",
    "much",
    "of",
    "their",
    "them",
    "check",
    "whether",
    "if",
    "result",
    "value",
    "answer",
    "hi",
    "hello",
    "hey",
    "thanks",
    "also",
];

/// Marks between sentences and their parts.
const PUNCTUATION: [char; 6] = ['.', ',', '?', '!', ':', ';'];

pub(crate) struct Coverage<'a> {
    tokens: &'a [Token],
    covered: Vec<bool>,
}

impl<'a> Coverage<'a> {
    pub(crate) fn new(tokens: &'a [Token]) -> Self {
        Self {
            tokens,
            covered: vec![false; tokens.len()],
        }
    }

    /// The rule has read these tokens.
    pub(crate) fn take(&mut self, places: impl IntoIterator<Item = usize>) {
        for place in places {
            if let Some(covered) = self.covered.get_mut(place) {
                *covered = true;
            }
        }
    }

    /// These words belong to the rule wherever they stand.
    pub(crate) fn take_phrases(&mut self, phrases: &[&str]) {
        for phrase in phrases {
            let length = phrase.split(' ').count();
            for at in 0..self.tokens.len() {
                if starts_with(&self.tokens[at..], phrase) {
                    self.take(at..at + length);
                }
            }
        }
    }

    /// Nothing is left but words of a request and punctuation.
    pub(crate) fn is_whole(&self) -> bool {
        self.left().all(|(_, token)| is_request(token))
    }

    /// What the rule has not read, with its places.
    pub(crate) fn left(&self) -> impl Iterator<Item = (usize, &'a Token)> {
        let tokens = self.tokens.iter().enumerate();
        tokens.filter(|(at, _)| !self.covered[*at])
    }
}

/// A word of a request, or punctuation.
pub(crate) fn is_request(token: &Token) -> bool {
    match token {
        Token::Number(_) | Token::Code(_) => false,
        Token::Word(word) => REQUEST_WORDS.contains(&word.as_str()),
        Token::Mark(mark) => PUNCTUATION.contains(mark),
    }
}
