//! Random things, made from a list of numbers so that a failing case can be shrunk.

use run::{
    Arrived, Call, CallId, Cost, Delta, Epoch, Event, Fallback, Input, ModelId, Outcome, Plan,
    Preferences, Problem, ProposedCall, Reply, Request, Role, RunId, Seq, Start, Status, Takeover,
    Thought, ToolCall, ToolName, ToolResult, Usage, Verdict,
};
use serde_json::{Map, json};

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
    let fallback = Fallback {
        tool: ToolName::new("answer"),
        arguments: Map::new(),
        model: ModelId::new("qwen"),
    };
    Start {
        run_id: RunId::from_parts(1, 2),
        created_at_ms: 1000,
        request: Request {
            query: "q".to_owned(),
            max_rounds: 1 + choices.small(),
            temperature: 0.7,
            max_tokens: 512,
            preferences: Preferences::default(),
            previous_run_id: None,
        },
        plan: Plan {
            fallback: (choices.next_of(3) != 0).then_some(fallback),
            time_limit_ms: 60_000,
        },
        owner: run::Owner::anonymous(),
        prior: None,
    }
}

pub fn started_log() -> Vec<Event> {
    let start = start(&mut Choices::of(&[]));
    vec![
        Event::Start(Box::new(start)),
        Event::RoundStart { round: 1 },
    ]
}

pub fn decision(choices: &mut Choices, round: u32) -> Arrived {
    if choices.next_of(25) == 24 {
        return Arrived::Undecided(problem());
    }
    let calls = match choices.next_of(10) {
        9 => 40,
        few => few % 4,
    };
    Arrived::Decided(Reply {
        model: ModelId::new("qwen"),
        finish_reason: format!("round {round}"),
        usage: usage(choices),
        cost: Cost {
            nano_usd: choices.next_of(100),
        },
        duration_ms: choices.next_of(100),
        reasoning: (choices.next_of(3) == 0).then(|| "because".to_owned()),
        calls: (0..calls).map(|_| call(choices)).collect(),
    })
}

fn call(choices: &mut Choices) -> ProposedCall {
    let (tool, verdict, is_model) = match choices.next_of(6) {
        0 => ("answer", Verdict::Answer, true),
        1 => (
            "enhance_reasoning",
            Verdict::Work { repeatable: true },
            true,
        ),
        2 => ("pay", Verdict::Work { repeatable: false }, false),
        3 => {
            let (code, message) = ("unknown_tool".to_owned(), "no".to_owned());
            ("nonsense", Verdict::Rejected { code, message }, false)
        }
        _ => ("search", Verdict::Work { repeatable: true }, false),
    };
    ProposedCall {
        tool: ToolName::new(tool),
        arguments: Map::new(),
        model: is_model.then(|| ModelId::new("phi")),
        verdict,
    }
}

pub fn result(choices: &mut Choices, is_model: bool) -> Arrived {
    Arrived::Result {
        outcome: outcome(choices, is_model),
        duration_ms: choices.next_of(100),
        usage: is_model.then(|| usage(choices)),
        cost: is_model.then_some(Cost { nano_usd: 7 }),
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
    Outcome::Object(Map::from_iter([("results".to_owned(), json!([page, 3]))]))
}

fn usage(choices: &mut Choices) -> Usage {
    Usage {
        input_tokens: choices.next_of(50),
        output_tokens: choices.next_of(50),
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

/// Any event at all, fitting or not.
pub fn any_event(choices: &mut Choices) -> Event {
    let text = || "t\u{1F980}\u{0}\"".to_owned();
    match choices.next_of(14) {
        0 => Event::Start(Box::new(start(choices))),
        1 => Event::RoundStart {
            round: choices.small(),
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
            usage: usage(choices),
            cost: Cost { nano_usd: 1 },
            duration_ms: 2,
        },
        4 | 5 => Event::ToolCall(ToolCall {
            call_id: call_id(choices),
            tool: ToolName::new("search"),
            arguments: Map::from_iter([("x".to_owned(), json!(0.1))]),
            model: None,
            role: match choices.next_of(3) {
                0 => Role::Work,
                1 => Role::Answer,
                _ => Role::Rejected {
                    code: text(),
                    message: text(),
                },
            },
            repeatable: choices.next_of(2) == 0,
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
        },
        8 => Event::ToolResult(ToolResult {
            call_id: call_id(choices),
            outcome: {
                let is_model = choices.next_of(2) == 0;
                outcome(choices, is_model)
            },
            duration_ms: 1,
            usage: None,
            cost: None,
        }),
        9 => Event::FinalAnswer {
            call_id: call_id(choices),
            model: None,
        },
        10 => Event::Error {
            problem: problem(),
            fatal: choices.next_of(2) == 0,
        },
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
            },
            _ => Event::CancelRequested { by: text() },
        },
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
        }),
        2 | 3 => Input::Text {
            call_id: call_id(choices),
            attempt: choices.small(),
            content: text(),
        },
        4 => Input::FlushText,
        5 => {
            let call_id = call_id(choices);
            let arrived = match choices.next_of(2) {
                0 => decision(choices, 1),
                _ => result(choices, true),
            };
            Input::Arrived {
                call_id,
                attempt: choices.small(),
                arrived,
            }
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
        9 => Input::Observed {
            epoch,
            events: vec![(Seq(choices.next_of(40)), any_event(choices))],
        },
        10 => Input::Cancel { by: text() },
        11 => Input::TimeLimit,
        12 => Input::Leave,
        _ => match choices.next_of(9) {
            0 => Input::LeaseLost,
            1 => Input::StoreFailed { message: text() },
            kind @ 3..=5 => {
                let call = Call {
                    call_id: call_id(choices),
                    attempt: choices.small(),
                };
                let reason = text();
                match kind {
                    3 => Input::NotBegun { call, reason },
                    4 => Input::StartedOver { call, reason },
                    _ => Input::BrokenOff { call, reason },
                }
            }
            _ => Input::FlushText,
        },
    }
}
