//! What must hold of every log and of everything shown.

use std::collections::{BTreeMap, BTreeSet};

use run::{CallId, Epoch, Event, MAX_CALLS_PER_ROUND, MAX_TEXT_BYTES, ModelId, Run, Seq, Spent};

use super::World;
use super::composed::{check_result, check_steps, most_steps};

impl World {
    /// Invariant 6: each driver that has not been passed by holds the fold of what it has seen of the log.
    pub fn check_prefix(&self) {
        self.check_money();
        for driver in &self.drivers {
            let held = driver.state.run();
            let seen = usize::try_from(held.last_seq.0).unwrap();
            let fold = Run::fold(self.log.iter().take(seen).map(|(_, event)| event)).unwrap();
            assert_eq!(
                *held, fold,
                "the driver holds what its prefix of the log folds to"
            );
            // Invariants 1 and 2: what was shown with an id stands in the log under that id.
            for (seq, event) in &driver.shown {
                assert_eq!(self.log[usize::try_from(seq.0).unwrap() - 1].1, *event);
            }
            let shown: Vec<_> = driver.shown.iter().map(|(seq, _)| *seq).collect();
            if let Some(first) = shown.first() {
                let gapless: Vec<_> = (first.0..).map(Seq).take(shown.len()).collect();
                assert_eq!(shown, gapless, "a driver shows ids without a gap");
            }
        }
    }

    /// Invariants 3, 4, 5 and 9 of a run that has ended.
    pub fn check_whole(&self) {
        self.check_prefix();
        let events: Vec<_> = self.log.iter().map(|(_, event)| event).collect();
        let ends = events
            .iter()
            .filter(|event| matches!(event, Event::Complete { .. }))
            .count();
        assert_eq!(ends, 1, "a run ends once");
        assert!(
            matches!(events.last(), Some(Event::Complete { .. })),
            "and with `complete`"
        );
        check_pairs(&events);
        check_bounds(&events, &self.fold());
        check_answer(&events, &self.fold());
        check_texts(&events);
        check_takeovers(&events);
        check_steps(&events);
        self.check_fencing();
        self.check_side_effects();
        self.check_paid();
        self.check_money();
    }

    /// What calls took stands in the log: once, and in a run that had one driver wholly.
    fn check_paid(&self) {
        let summary = self.fold().summary();
        let told = (summary.usage.total(), summary.cost.nano_usd);
        let sums = |spent: Spent| {
            let (usage, cost) = (spent.usage, spent.cost);
            (
                usage.unwrap_or_default().total(),
                cost.unwrap_or_default().nano_usd,
            )
        };
        let (paid, due) = (sums(self.paid), sums(self.due));
        // What was set aside for a lost attempt is told as spent.
        if self.fold().max_cost().is_none() {
            assert!(
                told.0 <= paid.0 && told.1 <= paid.1,
                "nothing is told twice"
            );
        }
        if self.drivers.len() == 1 {
            assert!(told.0 >= due.0 && told.1 >= due.1, "what was paid is told");
        }
    }

    /// Once a takeover stands in the log, no driver before it writes again.
    fn check_fencing(&self) {
        let mut least = Epoch(1);
        for (epoch, event) in &self.log {
            assert!(
                *epoch >= least,
                "a driver that was passed by has written {event:?}"
            );
            if let Event::Resumed { epoch, .. } = event {
                least = *epoch;
            }
        }
    }

    /// No attempt at a call is begun twice, and what may not be repeated is begun once at most.
    fn check_side_effects(&self) {
        let mut begun = BTreeSet::new();
        for (call, attempt) in &self.begun {
            assert!(
                begun.insert((call, attempt)),
                "{call} attempt {attempt} was begun twice"
            );
        }
        let run = self.fold();
        let calls = run.rounds.iter().flat_map(|round| &round.calls);
        for call in calls.clone().filter(|call| call.spec.composition.is_some()) {
            let mut ids = self.begun.iter().map(|(begun, _)| *begun);
            assert!(
                ids.all(|begun| begun != call.call_id),
                "its steps are made in its place"
            );
        }
        for call in calls.filter(|call| !call.spec.repeatable) {
            let id = call.call_id;
            let times = self.begun.iter().filter(|(begun, _)| *begun == id).count();
            assert!(times <= 1, "{id} may not be repeated");
        }
    }
}

/// What was under way when a driver was lost goes on with whoever was asked last; a decision with the first choice, unless the log names
/// one that was asked in its place.
fn check_takeovers(events: &[&Event]) {
    let mut resumed = None;
    for (at, event) in events.iter().enumerate() {
        let (call_id, model, why) = match event {
            Event::Resumed { reason, .. } => {
                resumed = Run::fold(events[..at].iter().copied()).map(|run| (run, reason));
                continue;
            }
            Event::Retry {
                call_id,
                model,
                reason,
                ..
            } => (call_id, model, reason),
            _ => continue,
        };
        // Other attempts that end have reasons of their own.
        let Some((run, _)) = resumed.as_ref().filter(|(_, reason)| *reason == why) else {
            continue;
        };
        let asked = match call_id {
            CallId::Orchestrator { round } => {
                let asked = run.round(*round).and_then(|round| round.attempts.model());
                let in_its_place = asked.filter(|asked| asked.as_str() == "phi");
                Some(in_its_place.cloned().unwrap_or(ModelId::new("qwen")))
            }
            CallId::Tool { .. } => run.call(*call_id).and_then(|call| call.model()).cloned(),
        };
        assert_eq!(*model, asked, "{call_id} goes on with whom it was asked of");
    }
}

/// The pieces of each attempt's text follow each other without a gap.
fn check_texts(events: &[&Event]) {
    let mut ends: BTreeMap<(CallId, u32), u64> = BTreeMap::new();
    for event in events {
        if let Event::Delta(delta) = event {
            let end = ends.entry((delta.call_id, delta.attempt)).or_default();
            assert_eq!(
                delta.offset, *end,
                "a piece begins where the last one ended"
            );
            *end += delta.content.encode_utf16().count() as u64;
        }
    }
}

/// Invariant 5: every call has one result, before the next round begins.
fn check_pairs(events: &[&Event]) {
    let mut open: BTreeMap<CallId, bool> = BTreeMap::new();
    for event in events {
        match event {
            Event::ToolCall(call) => {
                assert!(
                    open.insert(call.call_id, true).is_none(),
                    "a call is made once"
                );
            }
            Event::ToolResult(result) => {
                let was_open = open.insert(result.call_id, false);
                assert_eq!(was_open, Some(true), "a result belongs to one open call");
            }
            Event::RoundStart { .. } | Event::FinalAnswer { .. } | Event::Complete { .. } => {
                assert!(
                    open.values().all(|is_open| !is_open),
                    "no call is left open"
                );
            }
            _ => {}
        }
    }
}

/// Invariant 9: rounds, calls a round and text are bounded.
fn check_bounds(events: &[&Event], run: &Run) {
    let rounds: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::RoundStart { round, .. } => Some(*round),
            _ => None,
        })
        .collect();
    let expected: Vec<_> = (1..).take(rounds.len()).collect();
    assert_eq!(rounds, expected, "rounds count from 1");
    assert!(rounds.len() <= run.start.request.max_rounds as usize);
    for round in &run.rounds {
        let inner: usize = round.calls.iter().map(most_steps).sum();
        let (calls, steps): (Vec<_>, Vec<_>) = round
            .calls
            .iter()
            .partition(|call| call.spec.origin.within().is_none());
        assert!(steps.len() <= inner, "the steps of a call are bounded");
        // One call more says that there were too many, and one more may be the last resort's answer.
        assert!(calls.len() <= MAX_CALLS_PER_ROUND + 2);
        let decided = round
            .decision
            .as_ref()
            .map_or(0, |decision| decision.calls as usize);
        assert!(calls.len() <= decided + 1, "the last resort is asked once");
        for call in &round.calls {
            assert!(call.text.text.len() <= MAX_TEXT_BYTES);
            check_result(round, call);
        }
    }
}

fn check_answer(events: &[&Event], run: &Run) {
    let answers = events
        .iter()
        .filter(|event| matches!(event, Event::FinalAnswer { .. }))
        .count();
    match run.ended() {
        Some(run::Status::Completed) => {
            assert_eq!(answers, 1, "a run that completes has an answer");
        }
        // The best text that there was, if there was any.
        Some(run::Status::OverBudget) => assert_eq!(answers, usize::from(run.answer().is_some())),
        _ => assert_eq!(answers, 0, "one answer, in every run that completes"),
    }
    let rejected = run
        .rounds
        .iter()
        .flat_map(|round| &round.calls)
        .filter(|call| call.spec.is_rejected());
    for call in rejected {
        assert!(!call.was_called(), "a refused call stands in no total");
    }
}
