//! Asks providers in order until one has found something: each alone, none that wants to be left alone, all within one time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use host::http::ClientError;
use serde::Serialize;
use tokio::time::Instant;

use crate::arguments::MAX_RESULTS;
use crate::breaker::Breaker;
use crate::cache::Cache;
use crate::config::Config;
use crate::hit::{Hit, hits};
use crate::problem::{Problem, minutes};
use crate::provider::{self, Provider};
use crate::query;
use crate::web::{Clients, Web};

/// All providers of a process, and what is known of them.
pub struct Chain {
    web: Web,
    entries: Vec<Entry>,
    cache: Mutex<Cache<Answered>>,
}

/// One provider: whoever holds its lock asks it.
struct Entry {
    name: &'static str,
    /// The variable that it lacks, where it is not set up.
    provider: Result<Box<dyn Provider>, &'static str>,
    breaker: tokio::sync::Mutex<Breaker>,
}

/// What came of a search that somebody answered.
#[derive(Clone, Debug)]
pub struct Answered {
    pub hits: Vec<Hit>,
    pub provider: &'static str,
    pub tried: Vec<Tried>,
}

/// What another provider said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    pub provider: &'static str,
    pub problem: String,
}

/// Nobody answered: each with its problem, in order.
#[derive(Debug, Default)]
pub struct Unanswered(pub Vec<(&'static str, Problem)>);

/// What one provider came to.
enum Outcome {
    Found {
        hits: Vec<Hit>,
        beside: Option<Problem>,
    },
    /// Somebody else has asked the same meanwhile.
    Known(Answered),
    Failed(Problem),
}

impl Chain {
    pub fn new(config: &Config) -> Result<Self, ClientError> {
        let mut clients = Clients::default();
        let entries = config.sources.iter().map(|source| {
            Ok::<_, ClientError>(Entry {
                name: source.name(),
                provider: provider::of(source, &config.locale, &mut clients)?,
                breaker: tokio::sync::Mutex::default(),
            })
        });
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Self {
            web: Web::new(config.agent.clone(), config.accept_language()),
            entries,
            cache: Mutex::default(),
        })
    }

    /// Searches for a cleaned query until `until`.
    pub async fn search(&self, query: &str, until: Instant) -> Result<Answered, Unanswered> {
        if let Some(known) = self.known(query) {
            return Ok(known);
        }
        let mut said = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let share = self.share(at, until);
            match self.ask(entry, query, share).await {
                Outcome::Known(answered) => return Ok(answered),
                Outcome::Found { hits, beside } => {
                    let is_whole = beside.is_none();
                    said.extend(beside.map(|problem| (entry.name, problem)));
                    let answered = answered(hits, entry.name, &said);
                    // A half of what could be found is worth another try.
                    if is_whole {
                        self.keep(query, &answered);
                    }
                    return Ok(answered);
                }
                Outcome::Failed(problem) => said.push((entry.name, problem)),
            }
        }
        self.nothing(said)
    }

    /// Nobody has found anything. That is an answer where somebody says so who knows, or where nothing failed.
    fn nothing(&self, said: Vec<(&'static str, Problem)>) -> Result<Answered, Unanswered> {
        let found_nothing =
            |(_, problem): &(&str, Problem)| matches!(problem, Problem::FoundNothing);
        let is_certain = |name: &str| {
            let entry = self.entries.iter().find(|entry| entry.name == name);
            entry
                .and_then(|entry| entry.provider.as_ref().ok())
                .is_some_and(|provider| provider.knows_the_web())
        };
        let all_found_nothing = said.iter().all(found_nothing);
        let who = said
            .iter()
            .position(|told| found_nothing(told) && (all_found_nothing || is_certain(told.0)));
        let Some(who) = who else {
            return Err(Unanswered(said));
        };
        let name = said[who].0;
        let others: Vec<_> = said
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        Ok(answered(Vec::new(), name, &others))
    }

    /// Asks one provider when its turn has come, unless it is left alone, or somebody has just asked the same.
    async fn ask(&self, entry: &Entry, query: &str, until: Instant) -> Outcome {
        let provider = match &entry.provider {
            Ok(provider) => provider,
            Err(variable) => return Outcome::Failed(Problem::NotSetUp { variable }),
        };
        let Ok(mut breaker) = tokio::time::timeout_at(until, entry.breaker.lock()).await else {
            return Outcome::Failed(Problem::Busy);
        };
        if let Some(known) = self.known(query) {
            return Outcome::Known(known);
        }
        if let Err(left_alone) = breaker.check(SystemTime::now()) {
            return Outcome::Failed(left_alone);
        }
        let (most_chars, most_words) = provider.takes();
        let cut = query::cut(query, most_chars, most_words);
        let found = provider
            .ask(&self.web, &cut, until)
            .await
            .and_then(|found| {
                let hits = hits(found.candidates, provider.site(), MAX_RESULTS.into());
                if hits.is_empty() {
                    return Err(Problem::Unreadable("results without addresses of the web"));
                }
                Ok((hits, found.beside))
            });
        let problem = found
            .as_ref()
            .map_or_else(Some, |(_, beside)| beside.as_ref());
        // Where something was found all the same, only a refusal is a reason to stay away.
        let counts = problem.filter(|problem| found.is_err() || problem.is_refusal());
        let pause = breaker.note(counts, SystemTime::now());
        if let Some(problem) = problem {
            note(entry.name, problem, pause);
        }
        match found {
            Ok((hits, beside)) => Outcome::Found { hits, beside },
            Err(problem) => Outcome::Failed(problem),
        }
    }

    /// When the provider at this place has had its part of the time: what is left, divided by those who may still be asked.
    fn share(&self, at: usize, until: Instant) -> Instant {
        let now = Instant::now();
        let may_be_asked = |entry: &&Entry| {
            let is_left_alone = entry
                .breaker
                .try_lock()
                .is_ok_and(|breaker| breaker.check(SystemTime::now()).is_err());
            entry.provider.is_ok() && !is_left_alone
        };
        let others = self.entries[at + 1..].iter().filter(may_be_asked).count();
        let left = until.saturating_duration_since(now);
        now + left / u32::try_from(others + 1).unwrap_or(u32::MAX)
    }

    fn known(&self, query: &str) -> Option<Answered> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(query, SystemTime::now())
    }

    fn keep(&self, query: &str, answered: &Answered) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.put(query, answered.clone(), SystemTime::now());
    }
}

fn answered(hits: Vec<Hit>, provider: &'static str, said: &[(&'static str, Problem)]) -> Answered {
    Answered {
        hits,
        provider,
        tried: tried(said),
    }
}

fn tried(said: &[(&'static str, Problem)]) -> Vec<Tried> {
    let tried = said.iter().map(|(provider, problem)| Tried {
        provider,
        problem: problem.to_string(),
    });
    tried.collect()
}

/// Told to the operator; nothing of it is a provider's own words.
fn note(provider: &str, problem: &Problem, pause: Option<Duration>) {
    let left_alone_for = pause.map(minutes);
    match problem {
        Problem::FoundNothing => tracing::debug!(provider, "a search provider found nothing"),
        // Names of engines are a server's own words.
        problem @ Problem::EnginesFailed(_) => {
            tracing::warn!(
                provider,
                code = problem.code(),
                "a search provider did not answer"
            );
        }
        problem => tracing::warn!(
            provider,
            code = problem.code(),
            left_alone_for,
            error = problem as &dyn std::error::Error,
            "a search provider did not answer"
        ),
    }
}
