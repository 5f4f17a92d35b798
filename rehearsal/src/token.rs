//! The words, numbers and marks that every rule reads.

/// The smallest piece of a question that a rule looks at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// Digits with an optional fraction; thousands separators are gone.
    Number(String),
    /// Digits with signs between them that are no number: a date, a time, a version, a telephone number.
    Code(String),
    /// Lower case, without apostrophes; may hold `/ . - _` between letters (`km/h`).
    Word(String),
    Mark(char),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text == word)
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(text) => Some(text),
            Self::Number(_) | Self::Code(_) | Self::Mark(_) => None,
        }
    }

    /// The number that digits or a number word stand for, as digits.
    pub(crate) fn number(&self) -> Option<String> {
        match self {
            Self::Number(digits) => Some(digits.clone()),
            Self::Word(text) => {
                let (_, value) = NUMBER_WORDS.iter().find(|(word, _)| word == text)?;
                Some(value.to_string())
            }
            Self::Code(_) | Self::Mark(_) => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<u64> {
        self.number()?.parse().ok()
    }
}

const NUMBER_WORDS: [(&str, u32); 30] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("dozen", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
];
