//! The part of the orchestrator: which of the offered tools comes next, by rules on the words of the question.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::brief::Brief;
use crate::findings::Finding;
use crate::greeting::is_greeting;
use crate::request::{Called, Message, Request};
use crate::turn::Turn;
use crate::two_messages::Asked;
use crate::words::{find_any, tokens};
use crate::{code, compose, lookup};

const SEARCH: &str = "search";
const CODE: &str = "code_interpreter";
const REASON: &str = "enhance_reasoning";
const ANSWER: &str = "answer";
const DISCUSS: &str = "discuss";

/// Words that ask for reasoning even where something is looked up or computed as well.
const REASONS: [&str; 8] = [
    "explain",
    "why",
    "compare",
    "step by step",
    "prove",
    "analyze",
    "analyse",
    "think about",
];

/// A conversation as the rules see it.
pub(crate) struct Talk {
    pub(crate) system: String,
    pub(crate) question: String,
    tools: Vec<Offered>,
    made: Vec<Made>,
    findings: Vec<Finding>,
}

struct Offered {
    name: String,
    /// The models that a call may name, where the tool is a model.
    models: Vec<String>,
}

struct Made {
    tool: String,
    model: Option<String>,
}

impl Talk {
    /// The question is the first user message, or the first after an answer in text; later ones only remind.
    pub(crate) fn read(request: &Request) -> Self {
        let tools = request.offered().map(|function| Offered {
            name: function.name.clone(),
            models: strings(&function.parameters["properties"]["model"]["enum"]),
        });
        let mut talk = Self {
            system: String::new(),
            question: String::new(),
            tools: tools.collect(),
            made: Vec::new(),
            findings: Vec::new(),
        };
        let mut names = HashMap::new();
        for message in &request.messages {
            match message {
                Message::System { content } => talk.system = content.text(),
                Message::User { content } if talk.question.is_empty() => {
                    talk.question = content.text();
                }
                Message::User { .. } => {}
                Message::Assistant { tool_calls } => {
                    let calls = tool_calls.as_deref().unwrap_or_default();
                    if calls.is_empty() {
                        talk.question.clear();
                    }
                    for call in calls {
                        let Called { name, arguments } = &call.function;
                        names.insert(&call.id, name);
                        talk.made.push(Made::read(name, arguments));
                    }
                }
                Message::Tool {
                    content,
                    tool_call_id,
                } => {
                    let tool = names.get(tool_call_id).map_or("", |name| name.as_str());
                    talk.findings.push(Finding::read(tool, &content.text()));
                }
            }
        }
        talk.read_two_messages();
        talk
    }

    /// Where the question is made anew each round, what has been called stands in it.
    fn read_two_messages(&mut self) {
        if self.tools.is_empty() {
            return;
        }
        let question = std::mem::take(&mut self.question);
        let runs_programs = if self.offers(CODE).is_some() {
            CODE
        } else {
            REASON
        };
        let Some(Asked { problem, called }) = Asked::read(&question, runs_programs) else {
            self.question = question;
            return;
        };
        // Which model was asked is not told: they are asked in their order.
        let mut models = models(self, ANSWER, "answer-1").into_iter();
        self.made = called
            .into_iter()
            .map(|tool| Made {
                tool: tool.to_owned(),
                model: (tool == ANSWER).then(|| models.next()).flatten(),
            })
            .collect();
        self.question = problem.to_owned();
    }

    fn offers(&self, tool: &str) -> Option<&Offered> {
        self.tools.iter().find(|offered| offered.name == tool)
    }

    fn was_called(&self, tool: &str) -> bool {
        self.made.iter().any(|made| made.tool == tool)
    }
}

impl Made {
    fn read(tool: &str, arguments: &str) -> Self {
        // Arguments that are no JSON name no model; the call counts as made all the same.
        let arguments = serde_json::from_str(arguments).unwrap_or(Value::Null);
        Self {
            tool: tool.to_owned(),
            model: arguments["model"].as_str().map(str::to_owned),
        }
    }
}

fn strings(list: &Value) -> Vec<String> {
    let texts = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// What a question needs before it can be answered.
#[derive(Debug, PartialEq)]
pub(crate) enum Need {
    Search,
    Code { program: String },
    Reason,
}

impl Need {
    fn tool(&self) -> &'static str {
        match self {
            Self::Search => SEARCH,
            Self::Code { .. } => CODE,
            Self::Reason => REASON,
        }
    }
}

/// In the order in which the question asks; nothing for a greeting.
pub(crate) fn needs(question: &str) -> Vec<Need> {
    let tokens = tokens(question);
    if is_greeting(&tokens) {
        return Vec::new();
    }
    let search = lookup::asked_at(&tokens).map(|at| (at, Need::Search));
    let code = code::task(question).map(|task| match task.program {
        Some(program) => (task.at, Need::Code { program }),
        // It is asked for, and no rule writes it: a reasoner says so.
        None => (task.at, Need::Reason),
    });
    let reason = find_any(&tokens, &REASONS).map(|at| (at, Need::Reason));
    let mut needs: Vec<_> = [search, code, reason].into_iter().flatten().collect();
    needs.sort_by_key(|(at, _)| *at);
    if needs.is_empty() {
        needs.push((0, Need::Reason));
    }
    needs.into_iter().map(|(_, need)| need).collect()
}

pub(crate) fn turn(talk: &Talk) -> Turn {
    let problem = Brief::read(&talk.question).problem;
    // A reasoner may be one that writes programs and has them run.
    let by_reasoner = |need| match need {
        Need::Code { .. } if talk.offers(CODE).is_none() => Need::Reason,
        need => need,
    };
    let mut needs: Vec<Need> = needs(problem)
        .into_iter()
        .map(by_reasoner)
        .filter(|need| talk.offers(need.tool()).is_some())
        .collect();
    if needs.is_empty() && talk.made.is_empty() && !is_greeting(&tokens(problem)) {
        // What would be right is not offered; a reasoner is the next best.
        needs.extend(talk.offers(REASON).map(|_| Need::Reason));
    }
    let next = needs.into_iter().find(|need| !talk.was_called(need.tool()));
    match next {
        Some(need) => call(talk, need, problem),
        None => answer(talk, problem),
    }
}

fn call(talk: &Talk, need: Need, problem: &str) -> Turn {
    let tool = need.tool();
    let (why, arguments) = match need {
        Need::Search => (
            "The question asks for something to be looked up, or for something current, so I use search.",
            match first_model_of(talk, SEARCH) {
                // It writes the query.
                Some(model) => json!({"model": model}),
                None => json!({"query": lookup::query(problem)}),
            },
        ),
        Need::Code { program } => (
            "The question asks for something that a program can find out, so I run one with code_interpreter.",
            json!({"code": program}),
        ),
        Need::Reason => (
            "The question has to be reasoned about, so I ask a reasoner with enhance_reasoning.",
            json!({"model": models(talk, REASON, "reasoner-1").swap_remove(0)}),
        ),
    };
    Turn::Call {
        why,
        tool: tool.to_owned(),
        arguments,
    }
}

/// Each answer model is asked at most once; after the last one the findings are put together here.
fn answer(talk: &Talk, problem: &str) -> Turn {
    let asked = |model: &String| {
        let mut made = talk.made.iter();
        made.any(|made| made.tool == ANSWER && made.model.as_ref() == Some(model))
    };
    let offered = talk.offers(ANSWER).is_some();
    let models = models(talk, ANSWER, "answer-1");
    match models
        .into_iter()
        .find(|model| !asked(model))
        .filter(|_| offered)
    {
        Some(model) => Turn::Call {
            why: "Nothing more has to be found out, so I ask for the answer.",
            tool: ANSWER.to_owned(),
            arguments: json!({"model": model}),
        },
        // Where no answer is offered, the answer may have to be that of a discussion.
        None if !offered && talk.offers(DISCUSS).is_some() && !talk.was_called(DISCUSS) => {
            Turn::Call {
                why: "Nothing more has to be found out, so I have the models discuss it.",
                tool: DISCUSS.to_owned(),
                arguments: json!({}),
            }
        }
        None => Turn::Say(compose::answer(problem, &talk.findings)),
    }
}

/// The first model that a tool offers, where it offers some.
fn first_model_of<'a>(talk: &'a Talk, tool: &str) -> Option<&'a str> {
    let models = &talk.offers(tool)?.models;
    models.first().map(String::as_str)
}

/// The models that a tool offers, or the usual one where it does not say; never empty.
fn models(talk: &Talk, tool: &str, usual: &str) -> Vec<String> {
    let named = talk.offers(tool).map(|offered| offered.models.clone());
    named
        .filter(|models| !models.is_empty())
        .unwrap_or_else(|| vec![usual.to_owned()])
}
