//! What people say of an answer: good or bad, and why. The last rating of a run counts.

/// What somebody thinks of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    Good,
    Bad,
}

impl Rating {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Good, Self::Bad]
            .into_iter()
            .find(|rating| rating.as_str() == text)
    }
}

/// The rating of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    pub rating: Rating,
    pub comment: Option<String>,
}
