//! What a chat is told of a run, piece by piece: its steps as one line each, its answer, and its end.

use run::{
    CallState, Event, ModelId, Outcome, Problem, Run, Seq, Status, Thought, ToolCall, Update, Usage,
};
use serde_json::Value;

use super::answer_text::{AnswerText, Given};
use super::citations::{Cited, cited};
use crate::sse::encode::Standing;

/// Longest line about a step, in characters.
const LINE_CHARS: usize = 200;

/// Something that is told.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// A thought, or a line about a step.
    Reasoning(String),
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

    fn take_stored(&mut self, seq: Seq, event: &Event) -> Vec<Piece> {
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
            Event::OrchestratorThinking { round, thought } => thought_of(run, *round, thought),
            Event::ToolCall(call) => {
                answer.calls(call.call_id, &call.spec);
                vec![reasoning(&called(call))]
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
                retried(reason, model.as_ref())
            }
            Event::ToolResult(result) => {
                let failed = run.call(result.call_id).and_then(failed);
                if failed.is_some() {
                    answer.fails(result.call_id);
                }
                failed.map(|line| reasoning(&line)).into_iter().collect()
            }
            Event::FinalAnswer { .. } => {
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
            Event::Error(error) if !error.fatal => {
                vec![reasoning(&on_one_line(&error.problem.message))]
            }
            Event::Resumed { reason, .. } => {
                self.resumed_for.clone_from(reason);
                vec![reasoning(&on_one_line(reason))]
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
            Event::Start(_)
            | Event::RoundDecided { .. }
            | Event::Error(_)
            | Event::Suspended { .. }
            | Event::CancelRequested { .. } => Vec::new(),
        }
    }
}

impl From<Given> for Piece {
    fn from(given: Given) -> Self {
        match given {
            Given::More(more) => Self::Answer(more),
            Given::Anew { void, text } => Self::Anew { void, text },
        }
    }
}

fn end(run: &Run, status: Status) -> End {
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

fn reasoning(text: &str) -> Piece {
    Piece::Reasoning(format!("{text}\n"))
}

/// What the orchestrator thought before it decided.
fn thought_of(run: &Run, round: u32, thought: &Thought) -> Vec<Piece> {
    let thought = match thought {
        Thought::Inline(text) => Some(&**text),
        Thought::Streamed => run.round(round).map(|round| &*round.text.text),
    };
    let thought = thought.map(str::trim).filter(|thought| !thought.is_empty());
    thought.map(reasoning).into_iter().collect()
}

/// That a call starts over: why, and who is asked.
fn retried(reason: Option<&str>, model: Option<&ModelId>) -> Vec<Piece> {
    let asked = model.map(|model| format!("{model} is asked"));
    let parts: Vec<_> = reason.map(str::to_owned).into_iter().chain(asked).collect();
    let line = on_one_line(&parts.join("; "));
    let line = Some(line).filter(|line| !line.is_empty());
    line.map(|line| reasoning(&line)).into_iter().collect()
}

/// A call, as `search: what is searched for`, or `answer (phi)`.
fn called(call: &ToolCall) -> String {
    let spec = &call.spec;
    let texts = || spec.arguments.values().filter_map(Value::as_str);
    let told = match &spec.model {
        // One of its arguments is the model.
        Some(_) if texts().count() < 2 => None,
        Some(_) => texts().max_by_key(|text| text.len()).map(str::to_owned),
        None => match (texts().next(), texts().count(), spec.arguments.len()) {
            (_, _, 0) => None,
            (Some(text), 1, _) => Some(text.to_owned()),
            _ => Some(Value::Object(spec.arguments.clone()).to_string()),
        },
    };
    let model = spec.model.as_ref().map(|model| format!(" ({model})"));
    let told = told.map(|told| format!(": {told}"));
    on_one_line(&format!(
        "{}{}{}",
        spec.tool,
        model.unwrap_or_default(),
        told.unwrap_or_default()
    ))
}

/// A call that came to nothing.
fn failed(call: &CallState) -> Option<String> {
    let error = call.outcome.as_ref().and_then(Outcome::error)?;
    Some(on_one_line(&format!(
        "{} did not succeed: {}",
        call.spec.tool, error.message
    )))
}

fn on_one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
