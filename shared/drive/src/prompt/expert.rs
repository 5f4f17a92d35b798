//! What a model that is a tool is told.

use catalog::ModelAliases;
use model::{CallForm, ChatMessage, ChatRequest};
use run::{CallSpec, Run};
use serde_json::{Map, Value, json};

use super::form::bytes;
use super::observation::{observation, shorten};
use super::previous_turn::framed;
use super::template::filled;
use super::{history, inert};

/// Room for headings, notes and what a chat template adds, in bytes.
const FRAME_BYTES: usize = 512;
const BETWEEN: &str = "\n\n";

/// The request for a model that is a tool.
pub(crate) fn expert(
    run: &Run,
    call: &CallSpec,
    aliases: &ModelAliases,
    context_tokens: u32,
    max_tokens: u32,
) -> ChatRequest {
    let subject = Subject {
        arguments: &call.arguments,
        default_to_question: aliases.default_to_question.as_deref(),
        focus: aliases.focus.as_deref(),
    };
    asked(run, &aliases.system, &subject, context_tokens, max_tokens)
}

/// The request for a model that writes what a tool gets: the person's question, and what is known.
pub(crate) fn chained(run: &Run, ask: &str, context_tokens: u32, max_tokens: u32) -> ChatRequest {
    let subject = Subject {
        arguments: &Map::new(),
        default_to_question: None,
        focus: None,
    };
    asked(run, ask, &subject, context_tokens, max_tokens)
}

fn asked(
    run: &Run,
    system: &str,
    subject: &Subject<'_>,
    context_tokens: u32,
    max_tokens: u32,
) -> ChatRequest {
    let request = &run.start.request;
    let room =
        bytes(context_tokens.saturating_sub(max_tokens)).saturating_sub(system.len() + FRAME_BYTES);
    let mut content = told_subject(run, subject, room);
    let room = room.saturating_sub(content.len());
    content.push_str(&findings(run, room));
    // Some servers refuse a message without text.
    let system = Some(system).filter(|text| !text.trim().is_empty());
    let system = system.map(|text| json!({"role": "system", "content": text}));
    let question = json!({"role": "user", "content": content});
    ChatRequest {
        messages: system
            .into_iter()
            .chain([question])
            .map(ChatMessage::from)
            .collect(),
        tools: Vec::new(),
        calls: CallForm::Native,
        aliases: Vec::new(),
        temperature: Some(request.temperature),
        max_tokens: Some(max_tokens),
        ..ChatRequest::default()
    }
}

/// What a model is asked about.
pub(super) struct Subject<'a> {
    pub(super) arguments: &'a Map<String, Value>,
    /// The argument that says what the problem is: the person's question where it is left out.
    pub(super) default_to_question: Option<&'a str>,
    /// The argument that says what to pay attention to.
    pub(super) focus: Option<&'a str>,
}

/// The problem, where it comes from, and what the person wishes; what came before in at most a quarter of `room`, in bytes.
pub(super) fn told_subject(run: &Run, subject: &Subject<'_>, room: usize) -> String {
    let request = &run.start.request;
    let text = |name: &str| subject.arguments.get(name).and_then(Value::as_str);
    let problem = subject.default_to_question.and_then(text);
    let problem = problem.filter(|problem| *problem != request.query);
    // A model has written it, and may have been told to.
    let shown = problem.map_or((&*request.query).into(), inert::text);
    let mut parts = vec![filled!("expert/problem.txt", problem = &shown)];
    if problem.is_some() {
        parts.push(filled!("expert/question.txt", question = &request.query));
    }
    if let Some(focus) = subject.focus.and_then(text) {
        parts.push(filled!("expert/focus.txt", focus = &inert::text(focus)));
    }
    if let Some(wishes) = &request.preferences.instructions {
        parts.push(filled!("expert/wishes.txt", wishes = wishes));
    }
    if let Some(prior) = &run.start.prior {
        parts.push(framed(room, prior));
    }
    parts.join(BETWEEN)
}

/// Everything that tools have returned, the newest first to be kept when there is not room for all. Inner steps are told by the call
/// that they stand within.
pub(super) fn findings(run: &Run, room: usize) -> String {
    let calls: Vec<_> = run
        .rounds
        .iter()
        .flat_map(|round| round.asked_calls().map(|call| (&**round, call)))
        .filter(|(_, call)| call.outcome.is_some() && call.was_called())
        .collect();
    let mut left = room;
    let mut blocks: Vec<String> = Vec::new();
    for (round, call) in calls.iter().rev() {
        let ok = call.succeeded();
        let head = format!(
            "<result call=\"{}\" tool=\"{}\" ok=\"{ok}\">\n",
            call.call_id,
            history::name(&call.spec.tool)
        );
        let tail = "\n</result>";
        let room = left.saturating_sub(head.len() + tail.len());
        let body = shorten(&inert::json(&observation(round, call)), room);
        let block = format!("{head}{body}{tail}");
        left = left.saturating_sub(block.len());
        blocks.push(block);
        if left == 0 {
            break;
        }
    }
    if blocks.is_empty() {
        return String::new();
    }
    blocks.reverse();
    let results = filled!("expert/results.txt", results = &blocks.join("\n"));
    format!("{BETWEEN}{results}")
}
