//! Inner steps of a call, as the log tells them, and what the call that they stand within has come to by them.

use super::{CallState, Round};
use crate::{CallId, Composition, ModelId, Outcome, Spent, Stage};

impl Round {
    /// The inner steps of a call, in the order in which they were made.
    pub fn steps_of(&self, call: CallId) -> impl Iterator<Item = &CallState> + Clone {
        let is_within = move |step: &&CallState| step.spec.origin.within() == Some(call);
        self.calls.iter().filter(is_within)
    }

    /// Those of one stage.
    pub fn steps_at(&self, call: CallId, stage: Stage) -> impl Iterator<Item = &CallState> + Clone {
        let is_at = move |step: &&CallState| step.spec.origin.stage() == Some(stage);
        self.steps_of(call).filter(is_at)
    }

    /// The call that brought what this one came to: itself, unless inner steps were made in its place.
    pub fn brought_by<'a>(&'a self, call: &'a CallState) -> &'a CallState {
        match &call.outcome {
            Some(Outcome::Composed { by }) => self.call(*by).unwrap_or(call),
            Some(
                Outcome::Text { .. }
                | Outcome::Object(_)
                | Outcome::Failed { .. }
                | Outcome::Rejected { .. }
                | Outcome::NotRun { .. }
                | Outcome::OverBudget { .. }
                | Outcome::Cancelled { .. },
            )
            | None => call,
        }
    }

    /// What was taken of a model's text for the tool of a chain, with the name under which results tell it; `None` for a call that is no
    /// chain, and before the tool is called.
    pub fn taken(&self, call: &CallState) -> Option<(&'static str, &str)> {
        let chain = call.spec.chain()?;
        let mut running = self.steps_at(call.call_id, Stage::Running);
        let arguments = &running.next()?.spec.arguments;
        let taken = arguments.get(&chain.then.argument)?.as_str()?;
        Some((chain.name_of_taken(), taken))
    }

    /// What a call took, all attempts together. A call that is made of others lasts as long as the longest of each stage; what those
    /// cost stands with them alone, so that each token is told once.
    pub fn spent(&self, call: &CallState) -> Spent {
        match call.spec.composition.as_deref() {
            Some(Composition::Discussion(_) | Composition::Chain(_)) => Spent {
                duration_ms: self.lasted_ms(call.call_id, Wave::AFTER),
                ..Spent::default()
            },
            None => call.spent(),
        }
    }

    /// Whether a call is an inner step by which a tool does its own work: the call that it stands within is the tool's call, and lasts
    /// for all of its steps.
    pub(crate) fn is_part_of_tool(&self, step: &CallState) -> bool {
        let whole = step.spec.origin.within().and_then(|whole| self.call(whole));
        whole.is_some_and(|whole| {
            whole.spec.composition.is_some() && whole.spec.tool == step.spec.tool
        })
    }

    /// How long an inner step may take, in milliseconds: in a discussion an equal share of what is left of the time of the call that it
    /// stands within, so that a model that is silent leaves the others enough. What a stage does not use the later ones have. `None` for
    /// other calls.
    pub fn step_limit_ms(&self, step: &CallState) -> Option<u64> {
        let whole = self.call(step.spec.origin.within()?)?;
        let wave = self.wave_of(step)?;
        let lasted_ms = self.lasted_ms(whole.call_id, wave);
        Some(match whole.spec.composition.as_deref()? {
            Composition::Discussion(discussion) => {
                let left_ms = discussion.timeout_ms.saturating_sub(lasted_ms);
                let shares = match wave {
                    Wave(0) if discussion.models.len() > 1 => 4,
                    Wave(0) => 2,
                    Wave(1) => 3,
                    Wave(2) if self.other_writer(whole.call_id).is_some() => 2,
                    Wave(_) => 1,
                };
                left_ms / shares
            }
            // The tool keeps its own time, whatever the model takes.
            Composition::Chain(chain) => {
                let of_tool_ms = chain.then.timeout_ms;
                match wave {
                    Wave(0) => chain.timeout_ms.saturating_sub(of_tool_ms),
                    Wave(_) => chain.timeout_ms.saturating_sub(lasted_ms).min(of_tool_ms),
                }
            }
        })
    }

    /// Who writes the synthesis where the one that was asked for it could not: of those that answered another one, which has also
    /// replied if there is such a one.
    pub(crate) fn other_writer(&self, call: CallId) -> Option<&ModelId> {
        let asked = |stage: Stage, model: &ModelId| {
            let mut steps = self.steps_at(call, stage);
            steps.find(|step| step.spec.model.as_ref() == Some(model))
        };
        let answered = self.steps_at(call, Stage::Opinion);
        let answered = answered.filter(|step| step.succeeded());
        let models = answered.filter_map(|step| step.spec.model.as_ref());
        let models = models.filter(|model| asked(Stage::Synthesis, model).is_none());
        let has_replied = |model: &&ModelId| {
            let reply = asked(Stage::Reply, model);
            reply.is_none_or(CallState::succeeded)
        };
        let mut models = models.clone().filter(has_replied).chain(models);
        models.next()
    }

    /// How long the inner steps before a wave took, each wave as long as its longest step, in milliseconds.
    fn lasted_ms(&self, call: CallId, before: Wave) -> u64 {
        let mut longest = [0; 4];
        for step in self.steps_of(call) {
            let wave = self.wave_of(step).filter(|wave| *wave < before);
            if let Some(longest) = wave.and_then(|wave| longest.get_mut(wave.0)) {
                *longest = (*longest).max(step.spent().duration_ms);
            }
        }
        longest.into_iter().fold(0, u64::saturating_add)
    }

    fn wave_of(&self, step: &CallState) -> Option<Wave> {
        Some(match step.spec.origin.stage()? {
            Stage::Opinion | Stage::Writing => Wave(0),
            Stage::Reply | Stage::Running => Wave(1),
            Stage::Synthesis => {
                let within = step.spec.origin.within()?;
                let syntheses = self.steps_at(within, Stage::Synthesis);
                Wave(
                    2 + syntheses
                        .take_while(|other| other.call_id < step.call_id)
                        .count(),
                )
            }
        })
    }
}

/// Steps that are under way side by side, counted from 0: the opinions, the replies, the synthesis, and the second try at it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wave(usize);

impl Wave {
    const AFTER: Self = Self(usize::MAX);
}
