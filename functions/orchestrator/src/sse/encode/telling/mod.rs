//! What is told of a run where text cannot be taken back, piece by piece: its steps as one line each, its answer, and its end.

mod answer_text;
mod citations;
mod lines;
mod steps;

use run::{CallId, Event, Outcome, Problem, Run, Seq, Status, Update, Usage};

use super::Standing;
use answer_text::{AnswerText, Given};
use citations::cited;
pub(super) use citations::{Citation, Cited};
use lines::on_one_line;
use lines::{called, failed, retried, thought_of};
pub(crate) use steps::Steps;

/// A takeover is told behind this event.
const HANDED_OVER_BY: Seq = Seq(2);

/// Something that is told.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// There is a run.
    Begun,
    /// A thought, or a line about a step.
    Reasoning(String),
    /// A call is made, and the line about it.
    Called(CallId, String),
    /// A call has ended, and the line about it where it came to nothing.
    Returned(CallId, Option<String>),
    /// More of the answer.
    Answer(String),
    /// The answer begins anew: what was told of it, so many code points, is void.
    Anew {
        void: usize,
        text: String,
    },
    /// What the answer rests on, where it is to stand behind it.
    Cited(Cited),
    End(End),
}

/// How a run has ended.
#[derive(Debug, PartialEq)]
pub(super) struct End {
    pub(super) as_said: Result<FinishReason, Problem>,
    pub(super) usage: Usage,
}

/// Why an answer ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FinishReason {
    Stop,
    /// The run had no more rounds, or no more money.
    Length,
}

impl FinishReason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
        }
    }
}

/// A run as it is told.
#[derive(Debug, Default)]
pub(super) struct Telling {
    run: Option<Run>,
    answer: AnswerText,
    /// Why the run was taken over last.
    resumed_for: String,
}

impl Telling {
    pub(super) fn standing(&self) -> Standing {
        if self.run.as_ref().is_some_and(|run| run.ended().is_some()) {
            Standing::Over
        } else {
            // Also of a run that waits for another driver: its client knows no other way to its end than this stream.
            Standing::UnderWay
        }
    }

    /// The run so far.
    pub(super) const fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// What was told of the answer, from its last beginning on.
    pub(super) fn answer(&self) -> &str {
        self.answer.given()
    }

    /// What an update has to tell.
    pub(super) fn take(&mut self, update: &Update) -> Vec<Piece> {
        match update {
            Update::Live {
                call_id,
                attempt,
                offset,
                content,
            } => {
                let given = self.answer.wrote((*call_id, *attempt), *offset, content);
                given.map(Piece::from).into_iter().collect()
            }
            Update::Stored { seq, event } => self.take_stored(*seq, event),
        }
    }

    /// What a stored event has to tell.
    pub(super) fn take_stored(&mut self, seq: Seq, event: &Event) -> Vec<Piece> {
        if self.apply(seq, event) {
            self.tell(event)
        } else {
            Vec::new()
        }
    }

    /// Folds the next event, from the first one on; any other changes nothing.
    fn apply(&mut self, seq: Seq, event: &Event) -> bool {
        match (&mut self.run, event) {
            (Some(run), event) if seq == run.last_seq.next() => run.apply(event),
            (none @ None, Event::Start(start)) if seq == Seq(1) => {
                if start.request.answer_schema.is_some() {
                    self.answer.hold();
                }
                *none = Some(Run::begin((**start).clone()));
            }
            (Some(_) | None, _) => return false,
        }
        true
    }

    /// What an event has to tell that was folded.
    fn tell(&mut self, event: &Event) -> Vec<Piece> {
        let Some(run) = &self.run else {
            return Vec::new();
        };
        let answer = &mut self.answer;
        match event {
            Event::OrchestratorThinking { round, thought } => {
                reasoning(thought_of(run, *round, thought))
            }
            Event::ToolCall(call) => {
                answer.calls(call.call_id, &call.spec);
                vec![Piece::Called(call.call_id, called(call))]
            }
            Event::Delta(delta) => {
                let given =
                    answer.wrote((delta.call_id, delta.attempt), delta.offset, &delta.content);
                given.map(Piece::from).into_iter().collect()
            }
            Event::Retry {
                call_id,
                attempt,
                reason,
                model,
                ..
            } => {
                answer.starts_over(*call_id, *attempt);
                // A takeover has said why already.
                let reason = Some(&**reason).filter(|reason| *reason != self.resumed_for);
                reasoning(retried(reason, model.as_ref()))
            }
            Event::ToolResult(result) => {
                let failed = run.call(result.call_id).and_then(failed);
                if failed.is_some() {
                    answer.fails(result.call_id);
                }
                vec![Piece::Returned(result.call_id, failed)]
            }
            Event::FinalAnswer { .. } => settled(run, answer),
            Event::Error(error) if !error.fatal => {
                vec![Piece::Reasoning(on_one_line(&error.problem.message))]
            }
            Event::Resumed { reason, .. } => {
                self.resumed_for.clone_from(reason);
                // Who began the run may have left it to another process at once.
                let is_news = run.last_seq > HANDED_OVER_BY;
                reasoning(is_news.then(|| on_one_line(reason)))
            }
            Event::Complete { status, .. } => vec![Piece::End(end(run, *status))],
            Event::RoundStart { round, .. } => {
                answer.asks_orchestrator(*round);
                Vec::new()
            }
            Event::RoundDecided { calls: 1.., .. } => {
                answer.drop_thought();
                Vec::new()
            }
            Event::Start(_) => vec![Piece::Begun],
            Event::RoundDecided { .. }
            | Event::Error(_)
            | Event::Suspended { .. }
            | Event::CancelRequested { .. } => Vec::new(),
        }
    }
}

fn reasoning(line: Option<String>) -> Vec<Piece> {
    line.map(Piece::Reasoning).into_iter().collect()
}

impl From<Given> for Piece {
    fn from(given: Given) -> Self {
        match given {
            Given::More(more) => Self::Answer(more),
            Given::Anew { void, text } => Self::Anew { void, text },
        }
    }
}

/// What is left of an answer that stands, and what it rests on.
fn settled(run: &Run, answer: &mut AnswerText) -> Vec<Piece> {
    let text = run.answer().unwrap_or_default();
    // Nothing may stand behind JSON.
    let sources = match run.start.request.answer_schema {
        Some(_) => Vec::new(),
        None => run.sources(),
    };
    let cited = cited(text, &sources);
    let given = answer.settle(text).map(Piece::from);
    given.into_iter().chain([Piece::Cited(cited)]).collect()
}

/// What is said of how a run has ended.
pub(super) fn end(run: &Run, status: Status) -> End {
    let has_answer = run.answer().is_some();
    let as_said = match status {
        Status::Completed if is_cut(run) => Ok(FinishReason::Length),
        Status::Completed | Status::Cancelled => Ok(FinishReason::Stop),
        Status::OutOfRounds | Status::OverBudget if has_answer => Ok(FinishReason::Length),
        Status::OutOfRounds | Status::OverBudget | Status::Failed => {
            Err(run.failure.clone().unwrap_or_else(|| Problem {
                code: status.as_str().to_owned(),
                message: "The run has ended without an answer.".to_owned(),
                remedy: "Ask again, or allow it more.".to_owned(),
            }))
        }
    };
    End {
        as_said,
        usage: run.summary().usage,
    }
}

/// Whether the model of the answer had no more tokens for it.
fn is_cut(run: &Run) -> bool {
    let call = run.answered_by().and_then(|call_id| run.call(call_id));
    match call.and_then(|call| call.outcome.as_ref()) {
        Some(Outcome::Text { finish_reason, .. }) => finish_reason == "length",
        Some(_) | None => false,
    }
}
