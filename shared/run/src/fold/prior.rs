//! What a run leaves to the one that follows it, and what a conversation leaves to the run that goes on with it.

use super::Run;
use crate::{EarlierTurn, MAX_PRIOR_BYTES, Prior, Source, json_bytes};

/// What a turn takes besides its texts.
const TURN_BYTES: usize = 32;

impl Prior {
    /// What a follow-up to this run knows of it, and of the turns before it.
    pub fn of(run: &Run) -> Self {
        let before = run.start.prior.as_deref();
        let turns = before.into_iter().flat_map(|prior| {
            let last = EarlierTurn {
                query: prior.query.clone(),
                answer: prior.answer.clone(),
            };
            prior.earlier.iter().cloned().chain([last])
        });
        Self {
            query: beginning(&run.start.request.query),
            answer: run.answer().map(beginning),
            sources: first(run.sources()),
            earlier: newest(turns.collect()),
        }
    }

    /// The same, where more was said since, oldest first.
    #[must_use]
    pub fn then(mut self, mut turns: Vec<EarlierTurn>) -> Self {
        let Some(last) = turns.pop() else {
            return self;
        };
        self.earlier.push(EarlierTurn {
            query: self.query,
            answer: self.answer,
        });
        self.earlier.append(&mut turns);
        Self {
            query: beginning(&last.query),
            answer: last.answer.as_deref().map(beginning),
            sources: self.sources,
            earlier: newest(self.earlier),
        }
    }

    /// What is known of a conversation whose turns stand in no log, oldest first; `None` where there is none.
    pub fn of_turns(mut turns: Vec<EarlierTurn>) -> Option<Self> {
        let last = turns.pop()?;
        Some(Self {
            query: beginning(&last.query),
            answer: last.answer.as_deref().map(beginning),
            sources: Vec::new(),
            earlier: newest(turns),
        })
    }
}

/// Of turns the newest, as many as take [`MAX_PRIOR_BYTES`] together. Each is whole: half a turn misleads.
fn newest(mut turns: Vec<EarlierTurn>) -> Vec<EarlierTurn> {
    let mut bytes = 0;
    let fit = turns.iter().rev().take_while(|turn| {
        let texts = turn
            .query
            .chars()
            .chain(turn.answer.iter().flat_map(|answer| answer.chars()));
        bytes += TURN_BYTES + texts.map(json_bytes).sum::<usize>();
        bytes <= MAX_PRIOR_BYTES
    });
    let first = turns.len() - fit.count();
    turns.split_off(first)
}

/// As much of a text as takes [`MAX_PRIOR_BYTES`].
fn beginning(text: &str) -> String {
    let mut bytes = 0;
    let fits = |character: &char| {
        bytes += json_bytes(*character);
        bytes <= MAX_PRIOR_BYTES
    };
    text.chars().take_while(fits).collect()
}

/// As many sources as take [`MAX_PRIOR_BYTES`].
fn first(sources: Vec<Source>) -> Vec<Source> {
    let mut bytes = 0;
    let fits = |source: &Source| {
        let texts = source.title.chars().chain(source.url.chars());
        bytes += texts.map(json_bytes).sum::<usize>();
        bytes <= MAX_PRIOR_BYTES
    };
    sources.into_iter().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(query: &str) -> EarlierTurn {
        EarlierTurn {
            query: query.to_owned(),
            answer: Some(query.to_uppercase()),
        }
    }

    #[test]
    fn what_was_said_since_stands_behind_what_a_run_leaves_and_its_sources_stay() {
        let source = Source {
            title: "A".to_owned(),
            url: "https://a.org/".to_owned(),
        };
        let left = Prior {
            sources: vec![source],
            ..Prior::of_turns(vec![turn("a"), turn("b")]).unwrap_or_else(|| panic!("two turns"))
        };
        assert_eq!(left.clone().then(Vec::new()), left);
        let then = left.clone().then(vec![turn("c"), turn("d")]);
        assert_eq!(then.earlier, [turn("a"), turn("b"), turn("c")]);
        assert_eq!((&*then.query, then.sources), ("d", left.sources));
    }
}
