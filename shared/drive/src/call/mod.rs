//! Calls: of the orchestrator, of a model tool, of a tool function. Each reports its text and its end to the loop.

mod asking;
pub(crate) mod breaker;
mod cap;
mod expert;
mod files;
mod function;
pub(crate) mod learned;
mod ledger;
mod once;
mod orchestrator;
mod tasks;
mod wake;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use catalog::{Model, Target};
use model::{AskError, Server};
use run::{
    Attempt, Call, CallEnd, CallId, CallSpec, Cost, ModelId, Outcome, Problem, Restart, Run, Spent,
    Usage,
};
use tokio::sync::mpsc;

use crate::append::send;
use crate::inbox::{Message, Report};
use crate::prompt::Conversation;
use crate::services::Services;
use ledger::Ledger;
pub(crate) use tasks::Calls;
pub(crate) use wake::wake_driver;

/// Longest call of the orchestrator; its servers are given up earlier when they fall silent.
const ORCHESTRATOR_LIMIT: Duration = Duration::from_mins(5);

/// Longest code and message of a failed tool that are kept, and longest reasoning of a decision, in bytes.
const MAX_CODE_BYTES: usize = 64;
const MAX_MESSAGE_BYTES: usize = 4 * 1024;
pub(crate) const MAX_REASONING_BYTES: usize = 48 * 1024;

/// What a call needs to know of its driver.
pub(crate) struct CallContext {
    pub(crate) services: Arc<Services>,
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) call_id: CallId,
    /// Grows when the call starts over.
    pub(crate) attempt: AtomicU32,
    /// What the orchestrator has been told, kept from round to round.
    pub(crate) conversation: Arc<Mutex<Option<Conversation>>>,
    /// How long it may take.
    pub(crate) limit: Duration,
    /// The limit is the end of the function's time, and another driver could give the call more.
    pub(crate) may_be_left: bool,
    pub(crate) began: Instant,
}

/// Makes a call and reports its end.
async fn perform(context: CallContext, run: Run) {
    let report = match context.call_id {
        CallId::Orchestrator { .. } => orchestrator::ask_in_time(&context, &run).await,
        CallId::Tool { .. } => Report::Ended(perform_tool(&context, &run).await),
    };
    context.report(report).await;
}

/// How long a call may take by itself.
pub(crate) fn time_limit(services: &Services, run: &Run, call: CallId) -> Duration {
    let tool = run
        .call(call)
        .and_then(|state| services.catalog.tool(&state.spec.tool));
    tool.map_or(ORCHESTRATOR_LIMIT, |tool| {
        Duration::from_millis(tool.timeout_ms)
    })
}

/// The end of a call that a fault of this program broke off.
fn broken(call_id: CallId) -> CallEnd {
    let message = "A fault of this service broke the call off.".to_owned();
    match call_id {
        CallId::Orchestrator { .. } => CallEnd::OrchestratorFailed {
            problem: Problem {
                code: "internal".to_owned(),
                message,
                remedy: "Look into the service's log for a panic, and report it.".to_owned(),
            },
            attempt: Attempt::default(),
        },
        CallId::Tool { .. } => CallEnd::Tool {
            outcome: failed("internal", message, false),
            spent: Spent::default(),
        },
    }
}

async fn perform_tool(context: &CallContext, run: &Run) -> CallEnd {
    let mut ledger = Ledger::new();
    let outcome = outcome_of(context, run, &mut ledger).await;
    let spent = ledger.end_attempt();
    CallEnd::Tool { outcome, spent }
}

async fn outcome_of(context: &CallContext, run: &Run, ledger: &mut Ledger) -> Outcome {
    let Some(state) = run.call(context.call_id) else {
        return failed("internal", "The call is not in the log.", false);
    };
    let call = &state.spec;
    let Some(tool) = context.services.catalog.tool(&call.tool) else {
        return failed(
            "unknown_tool",
            "This tool was taken out of the catalogue while the run was under way.",
            false,
        );
    };
    let work = async {
        match &tool.target {
            Target::Models(roles) => expert::ask(context, run, state, roles, ledger).await,
            Target::Lambda(function) => function::invoke(context, run, call, tool, function).await,
        }
    };
    let limit = context.limit;
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let message = format!(
            "The tool {} did not finish within {:.1} s.",
            tool.name,
            limit.as_secs_f64()
        );
        lost(call, "timeout", message)
    })
}

impl CallContext {
    /// A model and its server; `None` where it is not configured.
    pub(crate) fn model(&self, id: &ModelId) -> Option<Asked<'_>> {
        Some(Asked {
            server: self.services.models.servers.get(id)?,
            model: self.services.catalog.model(id)?,
        })
    }

    /// The call with the attempt that it has come to.
    pub(crate) fn call(&self) -> Call {
        Call {
            call_id: self.call_id,
            attempt: self.attempt.load(Ordering::Relaxed),
        }
    }

    /// Whether something is left of its time after a pause, here or with the next driver.
    pub(crate) fn has_time_for(&self, pause: Duration) -> bool {
        self.may_be_left || self.began.elapsed() + pause < self.limit
    }

    /// Reports a piece of text.
    pub(crate) async fn wrote(&self, content: String) {
        self.report(Report::Text(content)).await;
    }

    /// Voids what the call has written so far; what it writes from here on is its next attempt, by this model.
    pub(crate) async fn start_over(&self, reason: &str, model: &ModelId, ledger: &mut Ledger) {
        let restart = Restart {
            reason: reason.to_owned(),
            model: Some(model.clone()),
            ended: Attempt {
                model: Some(model.clone()),
                spent: ledger.end_attempt(),
            },
        };
        self.report(Report::StartedOver(restart)).await;
        self.attempt.fetch_add(1, Ordering::Relaxed);
    }

    async fn report(&self, report: Report) {
        send(&self.sender, Message::Call(self.call(), report)).await;
    }
}

/// A model of the catalogue with the server that it is asked at.
pub(crate) struct Asked<'a> {
    pub(crate) server: &'a Server,
    pub(crate) model: &'a Model,
}

impl Asked<'_> {
    /// The model's name for people; the stand-in does not pass for what it stands in for.
    pub(crate) fn name(&self) -> &str {
        if self.server.rehearsal {
            "Rehearsal model"
        } else {
            &self.model.name
        }
    }

    /// Why it could not be asked, for people.
    pub(crate) fn problem(&self, error: &AskError) -> Problem {
        error.problem(self.name(), self.server, self.model.context_tokens)
    }

    /// What tokens cost; the stand-in costs nothing.
    pub(crate) fn cost(&self, usage: Usage) -> Cost {
        if self.server.rehearsal {
            Cost::ZERO
        } else {
            self.model.prices.cost(usage)
        }
    }
}

/// A call that ended without an answer: one that may not be repeated may have taken effect.
pub(crate) fn lost(call: &CallSpec, code: &str, message: String) -> Outcome {
    if call.repeatable {
        return failed(code, message, true);
    }
    let message =
        format!("{message} Whether it took effect is unknown, and it may not be repeated.");
    failed("outcome_unknown", message, false)
}

/// The outcome of a call that failed, within the bounds of what is kept.
pub(crate) fn failed(
    code: impl Into<String>,
    message: impl Into<String>,
    retryable: bool,
) -> Outcome {
    Outcome::Failed {
        code: bounded(code.into(), MAX_CODE_BYTES),
        message: bounded(message.into(), MAX_MESSAGE_BYTES),
        retryable,
    }
}

/// The beginning of a text that may be as long as a tool likes.
pub(crate) fn bounded(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
