//! Asking one model after the other until one answers. What a failure says decides who is asked next: the same model again, another one,
//! one with a larger context, or nobody. Each model that is asked in the place of another is told, with the reason.

mod failures;
mod onward;

use std::time::Duration;

use model::{AskError, ChatRequest, Message};
use run::{Attempts, ModelId};
use tokio::time::{Instant, sleep};

use super::ask::{self, Failure, GivenUp};
use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::ledger::Ledger;
use super::loading;
use super::question::Question;
use super::retry::{MOST_QUESTIONS, Others, RetryState, pause};
use super::wanted::Wanted;
use crate::measure;
use crate::models::Capabilities;
pub(super) use failures::Failures;
use onward::{Onward, is_lasting, is_too_long, onward, rest_asked_for};

/// What a model has answered.
pub(super) struct Answered<'a> {
    pub(super) endpoint: ModelEndpoint<'a>,
    pub(super) message: Message,
}

/// Who may be asked for a call, in order: whom the log names as asked last, then the others but for those that it says have failed.
pub(super) fn candidates(
    first: &ModelId,
    others: impl IntoIterator<Item = ModelId>,
    attempts: &Attempts,
) -> Vec<ModelId> {
    let mut all = vec![first.clone()];
    all.extend(others);
    let asked = attempts.model().filter(|asked| all.contains(asked));
    let asked = asked.unwrap_or(first).clone();
    let mut ended = attempts.ended().iter();
    let failed: Vec<_> = ended.by_ref().filter_map(|it| it.model.as_ref()).collect();
    all.retain(|id| *id != asked && !failed.contains(&id));
    all.insert(0, asked);
    all
}

/// Makes the request for one model, by what is known of it.
pub(super) type Prompt<'p> = dyn Fn(&ModelEndpoint<'_>, &Capabilities) -> ChatRequest + Sync + 'p;

/// Asks the candidates, the first one first, and forwards the text as it comes. The prompt is no type of its own: all that is done for a
/// question would be in the binary once more for each.
pub(super) async fn ask<'a>(
    context: &'a CallContext,
    candidates: &[ModelId],
    wanted: Wanted,
    ledger: &mut Ledger,
    prompt: &Prompt<'_>,
) -> Result<Answered<'a>, Failures<'a>> {
    let mut route = Route::new(context, candidates);
    let Some(mut at) = route.pick(|_| true) else {
        return Err(route.failures());
    };
    if let Some(reason) = route.why_not(candidates.first(), at) {
        route.go_to(at, &reason, ledger).await;
    }
    loop {
        let question = route.question(at, wanted);
        let endpoint = question.endpoint;
        ledger.ask(&endpoint.model.id);
        let state = &mut route.candidates[at].state;
        let prompt = |known: &Capabilities| prompt(&endpoint, known);
        let asked = ask::ask(&question, state, &mut route.questions, ledger, &prompt);
        let asked = Box::pin(asked).await;
        let failure = match asked {
            Ok(message) => return Ok(Answered { endpoint, message }),
            Err(GivenUp::Failed(failure)) => failure,
            Err(GivenUp::Unpaid) => return Err(route.failures()),
        };
        let reason = format!("{} {}", endpoint.name(), failure.error);
        let Some(next) = route.after(at, failure) else {
            return Err(route.failures());
        };
        route.go_to(next, &reason, ledger).await;
        if next == at {
            sleep(pause(0, rand::random())).await;
        }
        at = next;
    }
}

/// Who may be asked, and how asking has gone.
struct Route<'a> {
    context: &'a CallContext,
    candidates: Vec<Candidate<'a>>,
    failures: Vec<(ModelEndpoint<'a>, AskError)>,
    /// Questions that have been sent.
    questions: u32,
    /// Replies that broke off after some of their text had been shown.
    breaks: u32,
    /// The question did not fit into so many tokens: it needs more.
    outgrown: Option<u32>,
}

struct Candidate<'a> {
    endpoint: ModelEndpoint<'a>,
    state: RetryState,
    is_given_up: bool,
    /// It is asked again because those with a larger context have not answered.
    came_back: bool,
}

impl Candidate<'_> {
    const fn id(&self) -> &ModelId {
        &self.endpoint.model.id
    }
}

impl<'a> Route<'a> {
    /// Of the candidates those that have a server; of several that stand for the same model there the first.
    fn new(context: &'a CallContext, candidates: &[ModelId]) -> Self {
        let mut different: Vec<Candidate<'a>> = Vec::new();
        for endpoint in candidates.iter().filter_map(|id| context.model(id)) {
            let mut known = different.iter();
            if !known.any(|other| other.endpoint.server.is_same_as(endpoint.server)) {
                different.push(Candidate {
                    endpoint,
                    state: RetryState::default(),
                    is_given_up: false,
                    came_back: false,
                });
            }
        }
        Self {
            context,
            candidates: different,
            failures: Vec::new(),
            questions: 0,
            breaks: 0,
            outgrown: None,
        }
    }

    /// The first candidate that fits, has not been given up and is not left alone at the moment; else the first whose circuit is not open.
    fn pick(&self, fits: impl Fn(&Candidate<'_>) -> bool) -> Option<usize> {
        let now = Instant::now();
        let models = &self.context.services.models;
        let all = self.candidates.iter().enumerate();
        let left = all.filter(|(_, candidate)| !candidate.is_given_up && fits(candidate));
        let left: Vec<_> = left.map(|(at, candidate)| (at, candidate.id())).collect();
        let first = |has_others| {
            let mut left = left.iter();
            left.find(|(_, id)| models.admit(id, has_others, now).is_ok())
        };
        let has_others = left.len() > 1;
        let picked = first(has_others).or_else(|| has_others.then(|| first(false)).flatten());
        picked.map(|(at, _)| *at)
    }

    /// Why another candidate than the first one is asked, where that is so.
    fn why_not(&self, first: Option<&ModelId>, picked: usize) -> Option<String> {
        let first = first.filter(|first| *first != self.candidates[picked].id())?;
        let Some(endpoint) = self.context.model(first) else {
            return Some(format!("the model `{first}` has no server"));
        };
        Some(format!(
            "{} could not answer a moment ago and is left alone for now",
            endpoint.name()
        ))
    }

    /// Tells that this candidate is asked from now on.
    async fn go_to(&self, at: usize, reason: &str, ledger: &mut Ledger) {
        let id = self.candidates[at].id();
        if ledger.asked() != Some(id) {
            measure::asked_in_place(ledger.asked(), id);
        }
        self.context.start_over(reason, id, ledger).await;
    }

    fn question(&self, at: usize, wanted: Wanted) -> Question<'a> {
        let endpoint = self.candidates[at].endpoint;
        let others = self.candidates.iter().enumerate();
        let others = others.filter(|(other, candidate)| *other != at && !candidate.is_given_up);
        let others = others.map(|(_, candidate)| candidate);
        let others = others.filter(|candidate| self.is_large_enough(candidate));
        let others = Others {
            largest: others.map(|candidate| self.context_of(candidate)).max(),
            none_left: false,
        };
        // Half of what is left is for the others. Where another driver can give the call more time, that is not this driver's to divide.
        let has_limit = others.are_there() && !self.context.may_be_left;
        let begin = has_limit.then(|| self.context.time_left() / 2);
        Question {
            context: self.context,
            endpoint,
            wanted,
            others,
            begin,
        }
    }

    /// Who is asked after a failure.
    fn after(&mut self, at: usize, failure: Failure) -> Option<usize> {
        let Failure { error, has_shown } = failure;
        let endpoint = self.candidates[at].endpoint;
        let id = &endpoint.model.id;
        let models = &self.context.services.models;
        let now = Instant::now();
        let onward = onward(&error, has_shown, self.breaks);
        self.breaks += u32::from(has_shown);
        if let Onward::Again = onward
            && self.questions < MOST_QUESTIONS
            && models.admit(id, false, now).is_ok()
        {
            return Some(at);
        }
        if is_lasting(&error) && !loading::may_explain(models, id, &error, now) {
            models.spare(id, rest_asked_for(&error), now);
        }
        self.failures.push((endpoint, error));
        self.candidates[at].is_given_up = true;
        if self.questions >= MOST_QUESTIONS {
            return None;
        }
        match onward {
            Onward::Nobody => return None,
            Onward::Again | Onward::Another => self.pick(|other| self.is_large_enough(other)),
            Onward::Larger { than } => {
                let here = self.context_of(&self.candidates[at]);
                self.outgrown = self.outgrown.max(Some(than.unwrap_or(here)));
                self.pick(|other| self.is_large_enough(other))
            }
        }
        .or_else(|| self.outgrown.and_then(|_| self.come_back()))
    }

    /// The first candidate whose context was too small is asked once more, now with less, as nobody else has answered.
    fn come_back(&mut self) -> Option<usize> {
        let mut outgrown = self.failures.iter();
        let (endpoint, _) = outgrown.find(|(_, error)| is_too_long(error))?;
        let id = &endpoint.model.id;
        let at = self.candidates.iter().position(|it| it.id() == id)?;
        let candidate = &mut self.candidates[at];
        if candidate.state.has_shrunk() || std::mem::replace(&mut candidate.came_back, true) {
            return None;
        }
        candidate.is_given_up = false;
        let models = &self.context.services.models;
        models.admit(id, false, Instant::now()).ok().map(|()| at)
    }

    fn is_large_enough(&self, candidate: &Candidate<'_>) -> bool {
        self.outgrown
            .is_none_or(|outgrown| self.context_of(candidate) > outgrown)
    }

    /// The context of a candidate as far as it is known, in tokens.
    fn context_of(&self, candidate: &Candidate<'_>) -> u32 {
        let models = &self.context.services.models;
        let known = models.capabilities(candidate.id(), Instant::now());
        known.context_tokens(candidate.endpoint.model.context_tokens)
    }

    /// Why nobody has answered. Where all are left alone, so is the first.
    fn failures(mut self) -> Failures<'a> {
        if let (true, Some(first)) = (self.failures.is_empty(), self.candidates.first()) {
            let models = &self.context.services.models;
            let admitted = models.admit(first.id(), false, Instant::now());
            let rest = admitted.err().unwrap_or(Duration::ZERO);
            let error = AskError::CircuitOpen { rest };
            self.failures.push((first.endpoint, error));
        }
        Failures::new(self.failures)
    }
}

#[cfg(test)]
mod tests;
