//! The orchestrator's prompt as one growing conversation: what it has been told stays as it is, byte for byte, so that servers
//! can reuse what they have read, until the model's context is full.

use catalog::ToolSet;
use model::{CallForm, ChatMessage, ChatRequest};
use run::{CallState, Round, Run};
use serde_json::{Value, json};

use super::decision::{self, Decisions};
use super::form::{Form, bytes};
use super::instructions::{ending, last_round, system};
use super::observation::{observation, shorten};
use super::of_use::is_of_use;
use super::previous_turn::PreviousTurn;
use super::told::Told;
use super::{history, in_text, inert};

/// A result is not shortened below this, in bytes.
const SHORTEST_RESULT: usize = 400;
/// Longest reply of the orchestrator, in tokens; a smaller context allows a quarter of itself.
const LONGEST_REPLY: u32 = 4096;

/// What a line behind a tool's result begins with. No result can have such a line: within JSON a line's end is written `\\n`.
pub const SERVICE: &str = "\n[service] ";

/// The conversation so far, with the rounds that have ended rendered once.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// System message, earlier turns, question.
    opening: Vec<ChatMessage>,
    turns: Vec<Turn>,
    /// Rounds of the run that have been ingested.
    rounds: usize,
    form: Form,
    told: Told,
    /// Where they are asked for by a schema.
    decisions: Option<Decisions>,
    /// Bytes of all messages, and how many there may be.
    bytes: usize,
    budget: usize,
    tools: Vec<Value>,
    aliases: Vec<(String, String)>,
    max_tokens: u32,
    /// What is said of the last round.
    last_round: String,
}

/// One round: the assistant's message, and what its calls brought.
#[derive(Debug)]
struct Turn {
    /// Where the round stands in the run.
    round: usize,
    decision: ChatMessage,
    results: Vec<ChatMessage>,
}

impl Conversation {
    /// The conversation of a run before its first round.
    pub(crate) fn new(run: &Run, tool_set: &ToolSet<'_>, form: Form) -> Self {
        let request = &run.start.request;
        let tools = if form.calls.is_native() {
            tool_set.functions_by(inert::value)
        } else {
            in_text::functions(tool_set)
        };
        let ending = ending(tool_set);
        let mut system = system(request, ending.as_deref());
        let with_reason = !form.thinks_first;
        let told = Told::of(form.calls, !tools.is_empty(), with_reason);
        let answers_beside = request.takes_text_as_answer();
        let decisions = matches!(told, Told::AsDecisions { .. })
            .then(|| Decisions::of(&tools, tool_set, answers_beside, with_reason));
        match &decisions {
            Some(decisions) => system.push_str(&decisions.told),
            None if told == Told::InText && !tools.is_empty() => {
                system.push_str(&in_text::tools(&tools));
            }
            None => {}
        }
        let max_tokens = LONGEST_REPLY.min(form.context_tokens / 4);
        // By a schema they stand in the system's message alone.
        let sent = tools.iter().filter(|_| decisions.is_none());
        let tool_bytes: usize = sent.map(|tool| tool.to_string().len()).sum();
        let budget =
            bytes(form.context_tokens.saturating_sub(max_tokens)).saturating_sub(tool_bytes);
        let mut opening = vec![said("system", &system)];
        if let Some(prior) = &run.start.prior {
            let last = PreviousTurn::within_quarter_of(budget, prior);
            for turn in PreviousTurn::before(budget, prior).iter().chain([&last]) {
                opening.push(said("user", &turn.question));
                opening.push(said("assistant", &turn.answer));
            }
        }
        opening.push(said("user", &request.query));
        Self {
            bytes: opening.iter().map(ChatMessage::len).sum(),
            budget,
            opening,
            turns: Vec::new(),
            rounds: 0,
            form,
            told,
            decisions,
            tools,
            aliases: tool_set.aliases(),
            max_tokens,
            last_round: last_round(request, ending.as_deref()),
        }
    }

    /// What it was made for; another form needs a new conversation.
    pub(crate) const fn form(&self) -> Form {
        self.form
    }

    /// The request for the decision of the run's current round.
    pub(crate) fn request(&mut self, run: &Run) -> ChatRequest {
        let ended = run.rounds.len().saturating_sub(1);
        for at in self.rounds..ended {
            self.ingest(run, at);
        }
        self.rounds = ended;
        let turns = self.turns.iter().flat_map(Turn::messages);
        let mut messages: Vec<_> = self.opening.iter().chain(turns).cloned().collect();
        if run.in_last_round() {
            self.remind(&mut messages);
        }
        ChatRequest {
            messages,
            tools: self.tools.clone(),
            calls: match (&self.decisions, self.told) {
                (Some(decisions), _) => decisions.form(run.in_last_round()),
                (None, Told::AsCalls) => CallForm::Native,
                (None, Told::InText | Told::AsDecisions { .. }) => CallForm::Text,
            },
            aliases: self.aliases.clone(),
            temperature: Some(0.0),
            max_tokens: Some(self.max_tokens),
            ..ChatRequest::default()
        }
    }

    /// Says that the round is the last one: behind what the last round brought, which is new in any case, so that the server can
    /// reuse all before it. Some servers take no message of the user behind a tool's. Where nothing was brought yet it stands in
    /// the system's message.
    fn remind(&self, messages: &mut [ChatMessage]) {
        let notice = &self.last_round;
        if self.turns.is_empty() {
            if let Some(system) = messages.first_mut() {
                *system = lengthened(system, &format!("\n- {notice}"));
            }
        } else if let Some(newest) = messages.last_mut() {
            *newest = lengthened(newest, &format!("{SERVICE}{notice}"));
        }
    }

    fn ingest(&mut self, run: &Run, at: usize) {
        let round = &run.rounds[at];
        if round.calls.is_empty() {
            return;
        }
        let turn = Turn {
            round: at,
            decision: decision(round, self.told),
            results: results(round, |_| usize::MAX, self.told),
        };
        self.bytes += turn.len();
        self.turns.push(turn);
        if self.bytes > self.budget {
            self.make_room(run);
        }
    }

    /// Leaves a quarter free, so that what is kept stays as it is for a while. First the results that are of no more use are
    /// shortened, then the oldest; then rounds are left out in the same order, and only then the newest results shortened.
    fn make_room(&mut self, run: &Run) {
        let enough = self.budget / 4 * 3;
        let older = self.turns.len().saturating_sub(1);
        // Whoever takes the run over later has to come to the same, and then the run has more rounds.
        let known = self.turns.last().map_or(0, |newest| newest.round + 1);
        let known = &run.rounds[..known];
        let if_useless = |call: &CallState| {
            if is_of_use(known, call) {
                usize::MAX
            } else {
                SHORTEST_RESULT
            }
        };
        for at in 0..older {
            if self.bytes > enough {
                self.shorten_turn(run, at, if_useless);
            }
        }
        for at in 0..older {
            if self.bytes > enough {
                self.shorten_turn(run, at, |_| SHORTEST_RESULT);
            }
        }
        while self.bytes > enough
            && let Some((_, older)) = self.turns.split_last()
            && !older.is_empty()
        {
            let useless = older.iter().position(|turn| {
                let mut calls = run.rounds[turn.round].asked_calls();
                !calls.any(|call| is_of_use(known, call))
            });
            self.bytes -= self.turns.remove(useless.unwrap_or(0)).len();
        }
        if let Some(newest) = self.turns.last()
            && self.bytes > enough
        {
            let around = self.bytes - newest.results_len();
            let calls = run.rounds[newest.round].asked_calls().count().max(1);
            let each = enough.saturating_sub(around) / calls;
            self.shorten_turn(run, self.turns.len() - 1, |_| each.max(SHORTEST_RESULT));
        }
    }

    fn shorten_turn(&mut self, run: &Run, at: usize, limit: impl Fn(&CallState) -> usize) {
        let turn = &mut self.turns[at];
        self.bytes -= turn.results_len();
        turn.results = results(&run.rounds[turn.round], limit, self.told);
        self.bytes += turn.results_len();
    }
}

impl Turn {
    fn messages(&self) -> impl Iterator<Item = &ChatMessage> {
        std::iter::once(&self.decision).chain(&self.results)
    }

    fn results_len(&self) -> usize {
        self.results.iter().map(ChatMessage::len).sum()
    }

    fn len(&self) -> usize {
        self.decision.len() + self.results_len()
    }
}

fn said(role: &str, content: &str) -> ChatMessage {
    json!({"role": role, "content": content}).into()
}

/// A message whose text goes on.
fn lengthened(message: &ChatMessage, more: &str) -> ChatMessage {
    let mut message = message.value();
    let text = message["content"].as_str().unwrap_or_default();
    message["content"] = format!("{text}{more}").into();
    message.into()
}

/// The assistant's message of a round. It has a text only where the model wrote one: some servers refuse a null beside calls,
/// others a blank.
fn decision(round: &Round, told: Told) -> ChatMessage {
    match told {
        Told::AsCalls => {}
        Told::InText => return said("assistant", &in_text::decision(round)),
        Told::AsDecisions { with_reason } => {
            return said("assistant", &decision::decision(round, with_reason));
        }
    }
    let calls: Vec<_> = round
        .asked_calls()
        .map(|call| {
            json!({
                "id": history::id(call.call_id),
                "type": "function",
                "function": {"name": history::name(&call.spec.tool), "arguments": inert::arguments(&call.spec.arguments)},
            })
        })
        .collect();
    let text = inert::text(&round.text.text);
    if text.trim().is_empty() {
        json!({"role": "assistant", "tool_calls": calls}).into()
    } else {
        json!({"role": "assistant", "content": text, "tool_calls": calls}).into()
    }
}

/// What the calls of a round brought, each in at most so many bytes of text.
fn results(round: &Round, limit: impl Fn(&CallState) -> usize, told: Told) -> Vec<ChatMessage> {
    if told != Told::AsCalls {
        return vec![said("user", &in_text::results(round, limit))];
    }
    let result = |call: &CallState| {
        let content = shorten(&inert::json(&observation(round, call)), limit(call));
        let id = history::id(call.call_id);
        json!({"role": "tool", "tool_call_id": id, "content": content}).into()
    };
    round.asked_calls().map(result).collect()
}
