//! What a run leaves to the one that follows it.

use super::Run;
use crate::{MAX_PRIOR_BYTES, Prior, Source, json_bytes};

impl Prior {
    /// What a follow-up to this run knows of it.
    pub fn of(run: &Run) -> Self {
        Self {
            query: beginning(&run.start.request.query),
            answer: run.answer().map(beginning),
            sources: first(run.sources()),
        }
    }
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
