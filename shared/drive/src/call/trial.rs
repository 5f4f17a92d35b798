//! One call of a tool outside any run, by the code that makes the calls of runs: checked against the same schema, within the same bounds, with
//! the same outcome. Nothing of it is stored but the files that the tool makes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Instant;

use catalog::RequestedCall;
use run::{
    CallEnd, CallId, Event, Outcome, Owner, Plan, Preferences, RUN_TIME_LIMIT_MS, Request, Role,
    Run, RunId, Spent, Start, ToolCall,
};
use tokio::sync::mpsc::{Receiver, channel};

use super::context::CallContext;
use super::perform::{perform, time_limit};
use crate::clock::now_ms;
use crate::inbox::{Message, Report};
use crate::services::Services;

/// Reports on their way to whoever waits for the end.
const CAPACITY: usize = 256;
/// Longest text of a model, as where a request does not say, in tokens.
const MAX_TOKENS: u32 = 2048;
const CALL: CallId = CallId::Tool { round: 1, index: 1 };

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub outcome: Outcome,
    /// What a model wrote.
    pub text: String,
    pub spent: Spent,
}

/// Makes one call for a question, as a run of `run_id` would. Its files are stored under that id.
pub async fn try_call(
    services: &Arc<Services>,
    run_id: RunId,
    question: &str,
    asked: &RequestedCall,
) -> Trial {
    let mut start = start(run_id, question);
    start.listed = services.tools.known();
    let catalog = services.catalog_of(&start);
    let spec = services
        .tool_set(&catalog, &start.request.preferences)
        .check(asked);
    if let Role::Rejected { code, message } = spec.role {
        return Trial {
            outcome: Outcome::Rejected { code, message },
            text: String::new(),
            spent: Spent::default(),
        };
    }
    let events = [
        Event::Start(Box::new(start)),
        Event::RoundStart {
            round: 1,
            reserved: None,
        },
        Event::RoundDecided {
            round: 1,
            calls: 1,
            model: catalog.orchestrator.model.clone(),
            finish_reason: "tool_calls".to_owned(),
            asked_by: run::AskedBy::Native,
            duration_ms: 0,
            usage: None,
            cost: None,
            prompt: None,
        },
        Event::ToolCall(ToolCall {
            call_id: CALL,
            spec,
            reserved: None,
        }),
    ];
    let Some(run) = Run::fold(&events) else {
        return broken();
    };
    let (sender, reports) = channel(CAPACITY);
    let context = CallContext {
        limit: time_limit(&catalog, &run, CALL),
        services: Arc::clone(services),
        catalog,
        sender,
        call_id: CALL,
        attempt: AtomicU32::new(1),
        conversation: Arc::default(),
        may_be_left: false,
        began: Instant::now(),
        expires_at: None,
        budget: None,
    };
    let ((), trial) = tokio::join!(Box::pin(perform(context, run)), gather(reports));
    trial
}

fn start(run_id: RunId, question: &str) -> Start {
    Start {
        run_id,
        owner: Owner::unnamed(),
        created_at_ms: now_ms(),
        request: Request {
            query: question.to_owned(),
            max_rounds: 1,
            temperature: 0.0,
            max_tokens: MAX_TOKENS,
            preferences: Preferences::default(),
            previous_run_id: None,
            answer_schema: None,
            echo: None,
        },
        plan: Plan {
            fallback: None,
            time_limit_ms: RUN_TIME_LIMIT_MS,
        },
        prior: None,
        allowances: Vec::new(),
        listed: Vec::new(),
        told: BTreeMap::new(),
    }
}

/// The end of a call, with what its last attempt wrote.
async fn gather(mut reports: Receiver<Message>) -> Trial {
    let mut text = String::new();
    while let Some(message) = reports.recv().await {
        let Message::Call(_, report) = message else {
            continue;
        };
        match report {
            Report::Text(more) => text.push_str(&more),
            Report::StartedOver(_) | Report::BrokenOff(_) => text.clear(),
            Report::Ended(CallEnd::Tool { outcome, spent }) => {
                return Trial {
                    outcome,
                    text,
                    spent,
                };
            }
            Report::Ended(_) => return broken(),
        }
    }
    broken()
}

/// What no call comes to that is made as it should be.
fn broken() -> Trial {
    Trial {
        outcome: super::failure::failed("internal", "The call ended without an outcome.", false),
        text: String::new(),
        spent: Spent::default(),
    }
}
