//! Examples of the loop: given these events, when this happens, then these commands come, and nothing is left over.

use std::collections::BTreeMap;

use run::{
    AskedBy, Attempt, Call, CallEnd, CallId, CallSpec, Command, Cost, Delta, Epoch, Event,
    Fallback, Input, ModelId, Origin, Outcome, Owner, Plan, Preferences, PromptDigest, Reply,
    Request, Restart, Role, Run, RunId, Seq, Spent, Start, State, StopReason, Takeover, ToolCall,
    ToolName, ToolResult, Update, Usage, decide,
};
use serde_json::Map;

/// When every example begins, in milliseconds since 1970.
pub const BEGIN_MS: u64 = 1_764_000_000_000;
/// How long a run of the examples may last.
pub const TIME_LIMIT_MS: u64 = 60_000;

/// A driver in the middle of an example.
pub struct Scene {
    pub state: State,
    now_ms: u64,
    commands: Vec<Command>,
    appended: Vec<Event>,
}

/// A driver of the first epoch over these events.
pub fn given(events: impl IntoIterator<Item = Event>) -> Scene {
    let events: Vec<_> = events.into_iter().collect();
    Scene {
        state: State::new(Run::fold(&events).unwrap(), Epoch(1)),
        now_ms: BEGIN_MS,
        commands: Vec::new(),
        appended: Vec::new(),
    }
}

impl Scene {
    /// What happens next. Nothing may be left of what came before.
    pub fn when(mut self, input: Input) -> Self {
        assert_eq!(self.commands, [], "left over");
        let (state, commands) = decide(self.state.clone(), input, self.now_ms);
        (self.state, self.commands) = (state, commands);
        self
    }

    /// The same after so many milliseconds more.
    pub fn after(mut self, passed_ms: u64, input: Input) -> Self {
        self.now_ms += passed_ms;
        self.when(input)
    }

    /// The machine's clock is set back by so many milliseconds.
    pub fn set_back(mut self, by_ms: u64) -> Self {
        self.now_ms -= by_ms;
        self
    }

    /// The append in flight is in the log: each of its events is shown first, under its place.
    pub fn when_stored(mut self) -> Self {
        let first = self.state.run().last_seq.next();
        let events = std::mem::take(&mut self.appended);
        let mut scene = self.when(Input::Stored {
            events: events.clone(),
        });
        let shown = (first.0..)
            .map(Seq)
            .zip(events)
            .map(|(seq, event)| Command::Emit(Update::Stored { seq, event }));
        let shown: Vec<_> = shown.collect();
        let rest = scene.commands.split_off(shown.len());
        assert_eq!(scene.commands, shown);
        scene.commands = rest;
        scene
    }

    /// Then exactly these commands come.
    pub fn then(mut self, expected: impl IntoIterator<Item = Command>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(std::mem::take(&mut self.commands), expected);
        self
    }

    /// Then these events are to be appended, and nothing else is to be done.
    pub fn then_append(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        let first = self.state.run().last_seq.next();
        self.appended = events.into_iter().collect();
        let events = self.appended.clone();
        self.then([Command::Append { first, events }])
    }

    /// What is to be done, where that is too long to be written down.
    pub fn commands(&self) -> Vec<Command> {
        self.commands.clone()
    }

    /// What is to be appended, where that is too long to be written down.
    pub fn appends(&self) -> Vec<Event> {
        match &self.commands[..] {
            [Command::Append { events, .. }] => events.clone(),
            other => panic!("no append alone: {other:?}"),
        }
    }

    /// Then something comes that has been looked at by itself.
    pub fn then_anything(mut self) -> Self {
        self.commands.clear();
        self
    }

    /// Then the driver is done.
    pub fn then_stop(self, reason: StopReason) -> Self {
        self.then([Command::Abort, Command::Stop(reason)])
    }

    /// The driver wants to be woken so many milliseconds from now, or not at all.
    pub fn and_wakes_after(self, wait_ms: Option<u64>) -> Self {
        let wait = self.state.wake_at().map(|at| at - self.now_ms);
        assert_eq!(wait, wait_ms);
        self
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.commands, [], "left over at the end");
        }
    }
}

pub fn start() -> Start {
    Start {
        run_id: RunId::from_parts(BEGIN_MS, 7),
        owner: Owner::new("local"),
        created_at_ms: BEGIN_MS,
        request: Request {
            query: "How many?".to_owned(),
            max_rounds: 3,
            temperature: 0.7,
            max_tokens: 512,
            preferences: Preferences::default(),
            previous_run_id: None,
            answer_schema: None,
            echo: None,
        },
        plan: Plan {
            fallback: Some(Fallback {
                tool: ToolName::new("answer"),
                arguments: Map::new(),
                model: Some(ModelId::new("qwen")),
                composition: None,
            }),
            time_limit_ms: TIME_LIMIT_MS,
        },
        listed: Vec::new(),
        told: BTreeMap::new(),
        prior: None,
        allowances: Vec::new(),
    }
}

/// A run whose first round has begun.
pub fn started() -> Vec<Event> {
    log_of(start())
}

pub fn log_of(start: Start) -> Vec<Event> {
    vec![Event::Start(Box::new(start)), round(1)]
}

pub const fn round(round: u32) -> Event {
    Event::RoundStart {
        round,
        reserved: None,
    }
}

pub fn id(call: &str) -> CallId {
    call.parse().unwrap()
}

pub fn call(call_id: &str, attempt: u32) -> Call {
    let call_id = id(call_id);
    Call { call_id, attempt }
}

/// What an attempt took that cost a billionth of a dollar a token.
pub const fn spent(input_tokens: u64, output_tokens: u64, duration_ms: u64) -> Spent {
    Spent {
        duration_ms,
        usage: Some(Usage {
            input_tokens,
            output_tokens,
            cached_input_tokens: 0,
            estimated: false,
        }),
        cost: Some(Cost {
            nano_usd: input_tokens + output_tokens,
        }),
        prompt: Some(PromptDigest(input_tokens)),
    }
}

/// The same as a sum, which is of no one question.
pub const fn summed(spent: Spent) -> Spent {
    Spent {
        prompt: None,
        ..spent
    }
}

pub fn attempt(model: &str, spent: Spent) -> Attempt {
    Attempt {
        model: Some(ModelId::new(model)),
        spent,
        invalid_answer: None,
    }
}

/// A tool that finds something out.
pub fn search() -> CallSpec {
    CallSpec {
        tool: ToolName::new("search"),
        arguments: Map::new(),
        model: None,
        role: Role::Work,
        repeatable: true,
        origin: Origin::Model,
        sources: Some("results".to_owned()),
        composition: None,
    }
}

/// A tool that must not be called twice.
pub fn pay() -> CallSpec {
    CallSpec {
        tool: ToolName::new("pay"),
        repeatable: false,
        ..search()
    }
}

/// A model that answers.
pub fn answer(model: &str) -> CallSpec {
    CallSpec {
        tool: ToolName::new("answer"),
        model: Some(ModelId::new(model)),
        role: Role::Answer,
        sources: None,
        ..search()
    }
}

/// The same, asked by the loop itself.
pub fn last_resort() -> CallSpec {
    CallSpec {
        origin: Origin::LastResort,
        ..answer("qwen")
    }
}

/// A call of a tool that there is not.
pub fn unknown() -> CallSpec {
    let (code, message) = ("unknown_tool".to_owned(), "There is none.".to_owned());
    CallSpec {
        tool: ToolName::new("telepathy"),
        role: Role::Rejected { code, message },
        ..search()
    }
}

pub fn refused() -> Outcome {
    let (code, message) = ("unknown_tool".to_owned(), "There is none.".to_owned());
    Outcome::Rejected { code, message }
}

/// The orchestrator's decision for these calls, which took 10 tokens in and 5 out.
pub fn reply(calls: impl IntoIterator<Item = CallSpec>) -> Reply {
    Reply {
        model: ModelId::new("llama"),
        finish_reason: "stop".to_owned(),
        asked_by: AskedBy::Native,
        spent: spent(10, 5, 3),
        reasoning: None,
        calls: calls.into_iter().collect(),
    }
}

pub fn decides(round: u32, calls: impl IntoIterator<Item = CallSpec>) -> Input {
    ends(
        &format!("r{round}.orchestrator"),
        1,
        CallEnd::Decided(reply(calls)),
    )
}

pub fn ends(call_id: &str, attempt: u32, end: CallEnd) -> Input {
    let call = call(call_id, attempt);
    Input::CallEnded { call, end }
}

/// A tool brings an empty object.
pub fn brings(call_id: &str) -> Input {
    let (outcome, spent) = (Outcome::Object(Map::new().into()), Spent::default());
    ends(call_id, 1, CallEnd::Tool { outcome, spent })
}

/// A model has written, which took 10 tokens in and 5 out.
pub fn has_written(call_id: &str, attempt: u32) -> Input {
    let (outcome, spent) = (written(), spent(10, 5, 3));
    ends(call_id, attempt, CallEnd::Tool { outcome, spent })
}

pub fn written() -> Outcome {
    Outcome::Text {
        model_name: "Qwen".to_owned(),
        finish_reason: "stop".to_owned(),
    }
}

pub fn writes(call_id: &str, attempt: u32, content: &str) -> Input {
    Input::Text {
        call: call(call_id, attempt),
        content: content.to_owned(),
    }
}

pub fn starts_over(call_id: &str, attempt_no: u32, model: &str, spent: Spent) -> Input {
    Input::StartedOver {
        call: call(call_id, attempt_no),
        restart: restart(model, spent),
    }
}

pub fn restart(model: &str, spent: Spent) -> Restart {
    Restart {
        reason: "because".to_owned(),
        model: Some(ModelId::new(model)),
        ended: attempt("llama", spent),
        reserves: None,
    }
}

pub fn shows(call_id: &str, attempt: u32, offset: u64, content: &str) -> Command {
    Command::Emit(Update::Live {
        call_id: id(call_id),
        attempt,
        offset,
        content: content.to_owned(),
    })
}

pub fn calls(call_id: &str, attempt: u32) -> Command {
    Command::Call(call(call_id, attempt))
}

pub fn text(call_id: &str, attempt: u32, offset: u64, content: &str) -> Event {
    Event::Delta(Delta {
        call_id: id(call_id),
        attempt,
        offset,
        content: content.to_owned(),
    })
}

/// The stored form of [`decides`].
pub fn decided(round: u32, calls: u32) -> Event {
    decided_with(round, calls, reply([]).spent)
}

/// The same where the attempt took this.
pub fn decided_with(round: u32, calls: u32, spent: Spent) -> Event {
    let Reply {
        model,
        finish_reason,
        asked_by,
        ..
    } = reply([]);
    Event::RoundDecided {
        round,
        calls,
        model,
        finish_reason,
        asked_by,
        duration_ms: spent.duration_ms,
        usage: spent.usage,
        cost: spent.cost,
        prompt: spent.prompt,
    }
}

pub fn asked(call_id: &str, spec: CallSpec) -> Event {
    let call_id = id(call_id);
    Event::ToolCall(ToolCall {
        call_id,
        spec,
        reserved: None,
    })
}

pub fn result(call_id: &str, outcome: Outcome, spent: Spent) -> Event {
    Event::ToolResult(ToolResult {
        call_id: id(call_id),
        outcome,
        spent,
    })
}

/// The stored form of [`brings`].
pub fn brought(call_id: &str) -> Event {
    result(
        call_id,
        Outcome::Object(Map::new().into()),
        Spent::default(),
    )
}

pub fn final_answer(call_id: &str, model: &str) -> Event {
    Event::FinalAnswer {
        call_id: id(call_id),
        model: Some(ModelId::new(model)),
        is_partial: false,
    }
}

pub const fn complete(status: run::Status, duration_ms: u64) -> Event {
    Event::Complete {
        status,
        duration_ms,
        attempt: None,
    }
}

/// Another driver takes the run over whose driver was lost: what it says, and what is stored of it.
pub fn taken_over() -> (Input, Event) {
    let (epoch, reason, lost) = (Epoch(2), "the driver was lost".to_owned(), true);
    let takeover = Takeover {
        epoch,
        reason: reason.clone(),
        lost,
        orchestrator: ModelId::new("llama"),
        fallback: Vec::new(),
    };
    let resumed = Event::Resumed {
        epoch,
        reason,
        lost,
    };
    (Input::TakeOver(takeover), resumed)
}
