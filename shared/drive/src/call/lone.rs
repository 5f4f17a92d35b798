//! One question to the cheapest model, outside any run, by the code that asks models within runs: with its tries again, and with the next
//! cheapest where a model cannot answer. Nothing of it is stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use catalog::Catalog;
use model::{ChatMessage, ChatRequest};
use run::{Allowance, AnswerSchema, Attempt, CallId, Cost, ModelId, Problem, RunId, Tally};
use serde_json::Value;
use store::{Account, Asker, StoreError, Wish};
use tokio::sync::mpsc::{Receiver, channel};

use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::ledger::Ledger;
use super::route;
use super::wanted::Wanted;
use crate::clock::now_ms;
use crate::driver::Refusal;
use crate::inbox::{Message, Report};
use crate::models::Capabilities;
use crate::services::Services;

/// Reports on their way to whoever counts them.
const CAPACITY: usize = 256;
/// Most models that are asked, one after the other.
const MOST_MODELS: usize = 3;

/// A question that is no run.
#[derive(Clone, Debug)]
pub struct LoneQuestion {
    /// In the form of OpenAI's chat completions.
    pub messages: Vec<Value>,
    pub temperature: f64,
    /// Of the reply.
    pub max_tokens: u32,
    /// What the reply is to be like, for servers that keep to a schema: it is not checked.
    pub answer_schema: Option<Arc<AnswerSchema>>,
    /// From the question to the end of the reply.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct LoneReply {
    pub text: Result<LoneText, Problem>,
    /// What was asked of each model, also where it did not answer.
    pub by_model: BTreeMap<ModelId, Tally>,
}

/// What the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoneText {
    pub content: String,
    /// As its server said it: `stop`, `length`, …
    pub finish_reason: String,
}

/// Asks the cheapest model that has a server.
pub async fn ask_cheapest(services: &Arc<Services>, question: &LoneQuestion) -> LoneReply {
    let catalog = Arc::clone(&services.catalog);
    let candidates = cheapest(services, &catalog);
    let (sender, reports) = channel(CAPACITY);
    let context = CallContext {
        limit: question.limit,
        services: Arc::clone(services),
        catalog,
        sender,
        call_id: CallId::Orchestrator { round: 1 },
        attempt: AtomicU32::new(1),
        conversation: Arc::default(),
        may_be_left: false,
        began: Instant::now(),
        expires_at: None,
        budget: None,
    };
    let (reply, ended) = tokio::join!(
        Box::pin(ask(context, candidates, question)),
        gather(reports)
    );
    let (text, last) = reply;
    let mut by_model = BTreeMap::new();
    for attempt in ended.into_iter().chain([last]) {
        let Some(model) = attempt.model else {
            continue;
        };
        let tally: &mut Tally = by_model.entry(model).or_default();
        tally.calls += 1;
        tally.add(attempt.spent);
    }
    LoneReply { text, by_model }
}

/// Lets a question be asked that is no run, and sets aside what it can cost of the accounts whose limits hold for it.
///
/// # Errors
/// The table cannot be used.
pub async fn begin_task(
    services: &Services,
    accounts: &[Account],
    question: &LoneQuestion,
) -> Result<Result<Vec<Allowance>, Refusal>, StoreError> {
    if let Some(pause) = services.store.paused().await? {
        return Ok(Err(Refusal::Paused(pause)));
    }
    let wish = Wish {
        asker: Asker::Task,
        run_id: RunId::from_parts(now_ms(), rand::random()),
        max_cost: Some(most(services, question)),
        default_cost: Cost::ZERO,
        slot_until_ms: 0,
        now_ms: now_ms(),
    };
    let begun = services.store.begin_task(accounts, wish).await?;
    Ok(begun.map_err(Refusal::LimitMet))
}

/// What a question can cost where each of its models takes all that it is asked for: a token a byte.
fn most(services: &Services, question: &LoneQuestion) -> Cost {
    let bytes: usize = question
        .messages
        .iter()
        .map(|it| it.to_string().len())
        .sum();
    let catalog = &services.catalog;
    let models = cheapest(services, catalog).into_iter();
    let prices = models.filter_map(|id| catalog.model(&id)?.prices);
    let of_one = prices.flat_map(|prices| {
        let most = u64::from(question.max_tokens);
        [
            Cost::of_tokens(bytes as u64, prices.input),
            Cost::of_tokens(most, prices.output),
        ]
    });
    // An account that has dollars left has some for what costs nothing.
    of_one.sum::<Cost>().max(Cost { nano_usd: 1 })
}

fn cheapest(services: &Services, catalog: &Catalog) -> Vec<ModelId> {
    let mut models = catalog.cheapest_first();
    models.retain(|id| services.models.servers.contains_key(id));
    models.truncate(MOST_MODELS);
    models
}

/// The reply with what its last attempt took. The context goes with it, so that its reports end.
async fn ask(
    context: CallContext,
    candidates: Vec<ModelId>,
    question: &LoneQuestion,
) -> (Result<LoneText, Problem>, Attempt) {
    let mut ledger = Ledger::new();
    let messages = question.messages.iter().cloned().map(ChatMessage::from);
    let messages: Vec<_> = messages.collect();
    let prompt = |endpoint: &ModelEndpoint<'_>, known: &Capabilities| ChatRequest {
        messages: messages.clone(),
        temperature: Some(question.temperature),
        max_tokens: Some(known.reply_tokens(question.max_tokens, endpoint.model.context_tokens)),
        answer_schema: question
            .answer_schema
            .clone()
            .filter(|_| known.keeps_to_schema()),
        ..ChatRequest::default()
    };
    let asked = route::ask(&context, &candidates, Wanted::Text, &mut ledger, &prompt);
    let text = match tokio::time::timeout(question.limit, asked).await {
        Ok(Ok(answered)) => Ok(LoneText {
            content: answered.message.content,
            finish_reason: answered.message.finish_reason,
        }),
        Ok(Err(failures)) => Err(failures.problem().unwrap_or_else(no_model)),
        Err(_) => Err(too_slow(question.limit)),
    };
    (text, ledger.end_attempt())
}

/// The attempts that ended before the last one.
async fn gather(mut reports: Receiver<Message>) -> Vec<Attempt> {
    let mut ended = Vec::new();
    while let Some(message) = reports.recv().await {
        if let Message::Call(_, Report::StartedOver(restart) | Report::BrokenOff(restart)) = message
        {
            ended.push(restart.ended);
        }
    }
    ended
}

fn no_model() -> Problem {
    Problem {
        code: "model_not_configured".to_owned(),
        message: "No model has a server.".to_owned(),
        remedy: "Set the address of a model's server.".to_owned(),
    }
}

fn too_slow(limit: Duration) -> Problem {
    Problem {
        code: "timeout".to_owned(),
        message: format!("No model answered within {} seconds.", limit.as_secs()),
        remedy: "Ask again, or look at the servers of the models.".to_owned(),
    }
}
