//! Random things, made from a list of numbers so that a failing case can be shrunk.

use std::collections::BTreeMap;

use run::{
    ArtifactEntry, AskedBy, Attempt, Call, CallEnd, CallId, CallSpec, Chain, ChainedCall,
    Composition, Cost, Delta, Discussion, Epoch, Event, Fallback, Input, Mode, ModelId, Origin,
    Otherwise, Outcome, Plan, Preferences, Problem, PromptDigest, Quote, Reply, Request,
    Reservation, Restart, Role, RunError, RunId, Seq, Spent, Stage, Start, Status, Take, Takeover,
    Thought, ToolCall, ToolName, ToolObject, ToolResult, Usage,
};
use serde_json::{Map, json};

/// How long a run may last.
pub const TIME_LIMIT_MS: u64 = 60_000;

/// A source of choices; when it has run out every choice is 0.
pub struct Choices<'a> {
    left: std::slice::Iter<'a, u16>,
}

impl<'a> Choices<'a> {
    pub fn of(choices: &'a [u16]) -> Self {
        Self {
            left: choices.iter(),
        }
    }

    pub fn remain(&self) -> bool {
        self.left.len() > 0
    }

    /// A number below `bound`.
    pub fn next_of(&mut self, bound: u64) -> u64 {
        self.left
            .next()
            .map_or(0, |choice| u64::from(*choice) % bound.max(1))
    }

    fn small(&mut self) -> u32 {
        u32::try_from(self.next_of(5)).unwrap()
    }
}

pub fn start(choices: &mut Choices) -> Start {
    let fallback = if choices.next_of(4) == 3 {
        Fallback {
            tool: ToolName::new("discuss"),
            arguments: Map::new(),
            model: None,
            composition: Some(Box::new(discussion(choices))),
        }
    } else {
        Fallback {
            tool: ToolName::new("answer"),
            arguments: Map::new(),
            model: Some(ModelId::new("qwen")),
            composition: None,
        }
    };
    Start {
        run_id: RunId::from_parts(1, 2),
        created_at_ms: 1000,
        request: Request {
            query: "q".to_owned(),
            max_rounds: 1 + choices.small(),
            temperature: 0.7,
            max_tokens: 512,
            preferences: Preferences {
                mode: match choices.next_of(4) {
                    3 => Mode::Discussion,
                    _ => Mode::Auto,
                },
                max_cost: (choices.next_of(3) == 2).then(|| Cost {
                    nano_usd: choices.next_of(600),
                }),
                ..Preferences::default()
            },
            previous_run_id: None,
            answer_schema: (choices.next_of(4) == 3).then(|| {
                let schema = serde_json::json!({"type": "object"});
                Box::new(run::AnswerSchema {
                    schema,
                    strict: false,
                })
            }),
            echo: None,
        },
        plan: Plan {
            fallback: (choices.next_of(3) != 0).then_some(fallback),
            time_limit_ms: TIME_LIMIT_MS,
        },
        owner: run::Owner::unnamed(),
        listed: Vec::new(),
        told: BTreeMap::new(),
        prior: None,
        allowances: Vec::new(),
    }
}

pub fn started_log() -> Vec<Event> {
    let start = start(&mut Choices::of(&[]));
    vec![
        Event::Start(Box::new(start)),
        Event::RoundStart {
            round: 1,
            reserved: None,
        },
    ]
}

pub fn decision(choices: &mut Choices, round: u32) -> CallEnd {
    if choices.next_of(25) == 24 {
        return CallEnd::OrchestratorFailed {
            problem: problem(),
            attempt: attempt(choices),
        };
    }
    let calls = match choices.next_of(10) {
        9 => 40,
        few => few % 4,
    };
    CallEnd::Decided(Reply {
        model: ModelId::new("qwen"),
        finish_reason: format!("round {round}"),
        asked_by: asked_by(choices),
        spent: spent(choices),
        reasoning: (choices.next_of(3) == 0).then(|| "because".to_owned()),
        calls: (0..calls).map(|_| call(choices)).collect(),
    })
}

fn asked_by(choices: &mut Choices) -> AskedBy {
    match choices.next_of(3) {
        0 => AskedBy::Native,
        1 => AskedBy::Schema,
        _ => AskedBy::Text,
    }
}

fn call(choices: &mut Choices) -> CallSpec {
    let (tool, role, repeatable, is_model) = match choices.next_of(10) {
        8 | 9 => ("chained", Role::Work, choices.next_of(4) != 3, false),
        6 => ("discuss", Role::Work, choices.next_of(4) != 3, false),
        7 => ("discuss", Role::Answer, true, false),
        0 => ("answer", Role::Answer, true, true),
        1 => ("enhance_reasoning", Role::Work, true, true),
        2 => ("pay", Role::Work, false, false),
        3 => {
            let (code, message) = ("unknown_tool".to_owned(), "no".to_owned());
            ("nonsense", Role::Rejected { code, message }, true, false)
        }
        _ => ("search", Role::Work, true, false),
    };
    CallSpec {
        tool: ToolName::new(tool),
        arguments: Map::new(),
        model: is_model.then(|| ModelId::new("phi")),
        role,
        repeatable,
        origin: Origin::Model,
        sources: None,
        composition: match tool {
            "discuss" => Some(Box::new(discussion(choices))),
            "chained" => Some(Box::new(chain(choices))),
            _ => None,
        },
    }
}

/// A discussion between one to four models, which one of them or another one writes up.
fn discussion(choices: &mut Choices) -> Composition {
    let names = ["qwen", "phi", "llama", "gemma"].map(ModelId::new);
    let first = usize::try_from(choices.next_of(4)).unwrap();
    let writer = usize::try_from(choices.next_of(4)).unwrap();
    Composition::Discussion(Discussion {
        models: names[first..].to_vec(),
        writer: names[writer].clone(),
        default_to_question: None,
        timeout_ms: TIME_LIMIT_MS,
        max_result_bytes: 65536,
    })
}

/// A chain whose tool may or may not be called twice.
fn chain(choices: &mut Choices) -> Composition {
    Composition::Chain(Chain {
        model: ModelId::new("phi"),
        take: match choices.next_of(2) {
            0 => Take::Tag("query".to_owned()),
            _ => Take::Fence("python".to_owned()),
        },
        max_chars: None,
        otherwise: match choices.next_of(3) {
            0 => Otherwise::Fail,
            _ => Otherwise::Problem,
        },
        then: ChainedCall {
            tool: ToolName::new("search"),
            argument: "query".to_owned(),
            arguments: Map::from_iter([("num_results".to_owned(), json!(5))]),
            repeatable: choices.next_of(3) != 0,
            sources: (choices.next_of(2) == 0).then(|| "results".to_owned()),
            timeout_ms: TIME_LIMIT_MS / 2,
        },
        timeout_ms: TIME_LIMIT_MS,
        max_result_bytes: 65536,
    })
}

pub fn result(choices: &mut Choices, is_model: bool) -> CallEnd {
    CallEnd::Tool {
        outcome: outcome(choices, is_model),
        spent: if is_model {
            spent(choices)
        } else {
            took(choices)
        },
    }
}

/// What an attempt took that no model was asked in.
fn took(choices: &mut Choices) -> Spent {
    Spent {
        duration_ms: choices.next_of(100),
        ..Spent::default()
    }
}

fn spent(choices: &mut Choices) -> Spent {
    let nano_usd = choices.next_of(100);
    Spent {
        usage: Some(usage(choices)),
        cost: Some(Cost { nano_usd }),
        prompt: Some(PromptDigest(nano_usd)),
        ..took(choices)
    }
}

fn attempt(choices: &mut Choices) -> Attempt {
    Attempt {
        model: model(choices),
        spent: spent(choices),
        invalid_answer: (choices.next_of(4) == 3).then(|| {
            Box::new(run::InvalidAnswer {
                text: "Seven.".to_owned(),
                faults: "it is no object".to_owned(),
            })
        }),
    }
}

fn model(choices: &mut Choices) -> Option<ModelId> {
    let models = [None, Some("qwen"), Some("phi")];
    let which = usize::try_from(choices.next_of(3)).unwrap();
    models[which].map(ModelId::new)
}

/// Another attempt, by any model, after one that may have taken something.
pub fn restart(choices: &mut Choices, reason: &str) -> Restart {
    Restart {
        reason: reason.to_owned(),
        model: model(choices),
        ended: match choices.next_of(2) {
            0 => Attempt::default(),
            _ => attempt(choices),
        },
        reserves: None,
    }
}

fn outcome(choices: &mut Choices, is_model: bool) -> Outcome {
    if choices.next_of(4) == 3 {
        return Outcome::Failed {
            code: "timeout".to_owned(),
            message: "m".to_owned(),
            retryable: true,
        };
    }
    if is_model {
        return Outcome::Text {
            model_name: "Phi".to_owned(),
            finish_reason: "stop".to_owned(),
        };
    }
    let page = json!({"title": "t", "url": format!("https://e.example/{}", choices.next_of(4))});
    let fields = Map::from_iter([("results".to_owned(), json!([page, 3]))]);
    let file = ArtifactEntry {
        name: "figure-1.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: 3,
        version: (choices.next_of(2) == 0).then(|| "r1.1-1".to_owned()),
        error: None,
    };
    let files = usize::try_from(choices.next_of(3)).unwrap();
    Outcome::Object(ToolObject::new(fields, vec![file; files]))
}

fn usage(choices: &mut Choices) -> Usage {
    let input_tokens = choices.next_of(50);
    Usage {
        input_tokens,
        output_tokens: choices.next_of(50),
        cached_input_tokens: choices.next_of(input_tokens + 1),
        estimated: choices.next_of(4) == 0,
    }
}

fn problem() -> Problem {
    Problem {
        code: "model_unreachable".to_owned(),
        message: "m".to_owned(),
        remedy: "r".to_owned(),
    }
}

fn call_id(choices: &mut Choices) -> CallId {
    let round = choices.small();
    match choices.next_of(3) {
        0 => CallId::Orchestrator { round },
        _ => CallId::Tool {
            round,
            index: choices.small(),
        },
    }
}

pub fn reserved(choices: &mut Choices) -> Option<Reservation> {
    (choices.next_of(3) == 0).then(|| Reservation {
        usage: spent(choices).usage,
        cost: Cost {
            nano_usd: choices.next_of(50),
        },
    })
}

/// Any event at all, fitting or not.
pub fn any_event(choices: &mut Choices) -> Event {
    let text = || "t\u{1F980}\u{0}\"".to_owned();
    match choices.next_of(14) {
        0 => Event::Start(Box::new(start(choices))),
        1 => Event::RoundStart {
            round: choices.small(),
            reserved: reserved(choices),
        },
        2 => Event::OrchestratorThinking {
            round: choices.small(),
            thought: if choices.next_of(2) == 0 {
                Thought::Streamed
            } else {
                Thought::Inline(text())
            },
        },
        3 => Event::RoundDecided {
            round: choices.small(),
            calls: choices.small(),
            model: ModelId::new("qwen"),
            finish_reason: text(),
            asked_by: asked_by(choices),
            duration_ms: choices.next_of(9),
            usage: spent(choices).usage,
            cost: spent(choices).cost,
            prompt: spent(choices).prompt,
        },
        4 | 5 => Event::ToolCall(ToolCall {
            call_id: call_id(choices),
            spec: any_spec(choices),
            reserved: reserved(choices),
        }),
        6 => Event::Delta(Delta {
            call_id: call_id(choices),
            attempt: choices.small(),
            offset: choices.next_of(3),
            content: text(),
        }),
        7 => Event::Retry {
            call_id: call_id(choices),
            attempt: choices.small(),
            reason: text(),
            model: model(choices),
            ended: attempt(choices),
            reserved: reserved(choices),
        },
        8 => Event::ToolResult(ToolResult {
            call_id: call_id(choices),
            outcome: {
                let is_model = choices.next_of(2) == 0;
                any_outcome(choices, is_model)
            },
            spent: spent(choices),
        }),
        9 => Event::FinalAnswer {
            call_id: call_id(choices),
            model: None,
            is_partial: choices.next_of(4) == 0,
        },
        10 => Event::Error(RunError {
            problem: problem(),
            fatal: choices.next_of(2) == 0,
            attempt: (choices.next_of(2) == 0).then(|| attempt(choices)),
        }),
        11 => Event::Suspended {
            reason: text(),
            resume_after_ms: 1,
        },
        12 => Event::Resumed {
            epoch: Epoch(choices.next_of(9)),
            reason: text(),
            lost: choices.next_of(2) == 0,
        },
        _ => match choices.next_of(4) {
            0 => Event::Complete {
                status: Status::Completed,
                duration_ms: 1,
                attempt: (choices.next_of(2) == 0).then(|| attempt(choices)),
            },
            _ => Event::CancelRequested { by: text() },
        },
    }
}

fn any_spec(choices: &mut Choices) -> CallSpec {
    let text = || "t\u{1F980}\u{0}\"".to_owned();
    CallSpec {
        tool: ToolName::new("search"),
        arguments: Map::from_iter([("x".to_owned(), json!(0.1))]),
        model: model(choices),
        role: match choices.next_of(3) {
            0 => Role::Work,
            1 => Role::Answer,
            _ => Role::Rejected {
                code: text(),
                message: text(),
            },
        },
        repeatable: choices.next_of(2) == 0,
        origin: match choices.next_of(3) {
            0 => Origin::Model,
            1 => Origin::LastResort,
            _ => Origin::InnerStep {
                within: call_id(choices),
                stage: match choices.next_of(5) {
                    0 => Stage::Opinion,
                    1 => Stage::Reply,
                    2 => Stage::Writing,
                    3 => Stage::Running,
                    _ => Stage::Synthesis,
                },
            },
        },
        sources: (choices.next_of(2) == 0).then(text),
        composition: match choices.next_of(6) {
            0 => Some(Box::new(discussion(choices))),
            1 => Some(Box::new(chain(choices))),
            _ => None,
        },
    }
}

fn any_outcome(choices: &mut Choices, is_model: bool) -> Outcome {
    let reason = "t\u{1F980}".to_owned();
    match choices.next_of(7) {
        5 => Outcome::Composed {
            by: call_id(choices),
        },
        0 => Outcome::NotRun { reason },
        1 => Outcome::Cancelled { reason },
        2 => Outcome::Rejected {
            code: "unknown_tool".to_owned(),
            message: reason,
        },
        3 => Outcome::OverBudget {
            has_begun: choices.next_of(2) == 0,
        },
        _ => outcome(choices, is_model),
    }
}

/// Any input at all, fitting or not.
pub fn any_input(choices: &mut Choices) -> Input {
    let text = || "t".to_owned();
    let epoch = Epoch(choices.next_of(5));
    match choices.next_of(14) {
        0 => Input::Begin,
        1 => Input::TakeOver(Takeover {
            epoch,
            reason: text(),
            lost: choices.next_of(2) == 0,
            orchestrator: ModelId::new("llama"),
            fallback: vec![ModelId::new("phi")],
        }),
        2 | 3 => Input::Text {
            call: any_call(choices),
            content: text(),
        },
        4 => Input::Woken,
        5 => {
            let call = any_call(choices);
            let end = match choices.next_of(2) {
                0 => decision(choices, 1),
                _ => result(choices, true),
            };
            Input::CallEnded { call, end }
        }
        6 | 7 => {
            let count = choices.next_of(4);
            Input::Stored {
                events: (0..count).map(|_| any_event(choices)).collect(),
            }
        }
        8 => Input::Collided {
            epoch,
            events: vec![(Seq(choices.next_of(40)), any_event(choices))],
        },
        9 | 10 => Input::Polled {
            epoch,
            events: vec![(Seq(choices.next_of(40)), any_event(choices))],
        },
        11 | 12 => Input::Leave,
        _ => match choices.next_of(9) {
            0 => Input::LeaseLost,
            1 => Input::StoreFailed { message: text() },
            2 => Input::Quoted {
                quotes: vec![Quote {
                    call: any_call(choices),
                    most: reserved(choices),
                }],
            },
            kind @ 3..=5 => {
                let call = any_call(choices);
                let mut restart = restart(choices, "t");
                restart.reserves = reserved(choices);
                match kind {
                    3 => Input::NotBegun {
                        call,
                        reason: text(),
                    },
                    4 => Input::StartedOver { call, restart },
                    _ => Input::BrokenOff { call, restart },
                }
            }
            _ => Input::Woken,
        },
    }
}

fn any_call(choices: &mut Choices) -> Call {
    Call {
        call_id: call_id(choices),
        attempt: choices.small(),
    }
}
