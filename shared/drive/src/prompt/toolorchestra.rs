//! The orchestrator's prompt as in the `ToolOrchestra` paper (arXiv 2511.21689), for the model that it was trained with: two
//! messages, made anew each round, within the paper's budgets.
//!
//! Unlike the research code it tells failures, time-outs, what a program wrote to standard error and why the last reply held no call
//! that could be made, so that the next round does not repeat them.

use catalog::ToolSet;
use model::{CallForm, ChatRequest};
use run::{AskedBy, CallState, Outcome, Role, Round, Run};
use serde_json::{Value, json};

use super::decision::Decisions;
use super::form::{Form, bytes};
use super::instructions::ending;
use super::observation::{fenced, observation, shorten};
use super::previous_turn::framed;
use super::template::{filled, text};
use super::{history, in_text, inert};

/// Budgets that the model was trained with, in tokens: what models answered so far, that and programs, and everything, tools included.
const ATTEMPT_TOKENS: u32 = 8_000;
const CODE_TOKENS: u32 = 16_000;
const ALL_TOKENS: u32 = 24_000;
/// Longest document, in bytes.
const DOCUMENT_BYTES: usize = 4_000;
const LONGEST_REPLY: u32 = 8_000;
/// Room for headings and notes, in bytes.
const FRAME_BYTES: usize = 512;
const BETWEEN: &str = "\n\n";

/// The request for the decision of the run's current round.
pub(crate) fn toolorchestra(run: &Run, tool_set: &ToolSet<'_>, form: Form) -> ChatRequest {
    let request = &run.start.request;
    let tools = if form.calls.is_native() {
        tool_set.functions_by(inert::value)
    } else {
        in_text::functions(tool_set)
    };
    let tool_bytes: usize = tools.iter().map(|tool| tool.to_string().len()).sum();
    let max_tokens = LONGEST_REPLY.min(form.context_tokens / 4);
    let mut problem = request.query.clone();
    if let Some(wishes) = &request.preferences.instructions {
        problem.push('\n');
        problem.push_str(wishes);
    }
    let room = form.context_tokens.saturating_sub(max_tokens);
    let room = bytes(room.min(ALL_TOKENS)).saturating_sub(tool_bytes);
    if let Some(prior) = &run.start.prior {
        problem.push_str(BETWEEN);
        problem.push_str(&framed(room, prior));
    }
    let room = room.saturating_sub(problem.len() + FRAME_BYTES);
    let found = Found::of(run, tool_set).within(room);
    let choose = match (run.in_last_round(), ending(tool_set)) {
        (false, _) => text!("toolorchestra/choose.txt").to_owned(),
        (true, Some(tool)) => {
            filled!("toolorchestra/last_round_by_tool.txt", tool = &tool)
        }
        (true, None) => text!("toolorchestra/last_round_in_text.txt").to_owned(),
    };
    let end = match correction(run) {
        Some(correction) => format!("{correction}\n{choose}"),
        None => choose,
    };
    let mut system = text!("toolorchestra/system.txt").to_owned();
    let calls = match form.calls {
        AskedBy::Native => CallForm::Native,
        AskedBy::Schema if !tools.is_empty() => {
            // It was trained to answer by a tool.
            let decisions = Decisions::of(&tools, tool_set, false, !form.thinks_first);
            system.push_str(&decisions.told);
            decisions.form(run.in_last_round())
        }
        AskedBy::Schema | AskedBy::Text => {
            system.push_str(&in_text::tools(&tools));
            CallForm::Text
        }
    };
    let question = filled!(
        "toolorchestra/question.txt",
        problem = &problem,
        found = &found,
        end = &end
    );
    ChatRequest {
        messages: vec![
            json!({"role": "system", "content": system}).into(),
            json!({"role": "user", "content": question}).into(),
        ],
        tools,
        calls,
        aliases: tool_set.aliases(),
        temperature: Some(1.0),
        max_tokens: Some(max_tokens),
        ..ChatRequest::default()
    }
}

/// What is said where the last reply held no call that could be made; the prompt is else the same, and so would the next reply be.
fn correction(run: &Run) -> Option<String> {
    let last = run
        .rounds
        .iter()
        .rev()
        .nth(1)
        .filter(|round| round.is_refused())?;
    let problem = last.asked_calls().find_map(|call| match &call.spec.role {
        Role::Rejected { message, .. } => Some(message),
        Role::Work | Role::Answer => None,
    })?;
    let problem = inert::json(&Value::from(problem.as_str()));
    Some(filled!("toolorchestra/correction.txt", problem = &problem))
}

/// What the run has found, by kind, each in the order in which it came.
#[derive(Default)]
struct Found {
    documents: Vec<String>,
    programs: Vec<String>,
    attempts: Vec<String>,
}

impl Found {
    fn of(run: &Run, tool_set: &ToolSet<'_>) -> Self {
        let mut found = Self::default();
        for round in &run.rounds {
            // What was refused has found nothing.
            let calls = round.asked_calls().filter(|call| !call.spec.is_rejected());
            for call in calls.filter(|call| call.outcome.is_some()) {
                found.add(round, call, program(round, call, tool_set));
            }
        }
        found
    }

    /// `code` is the program that was run, where one was.
    fn add(&mut self, round: &Round, call: &CallState, code: Option<&str>) {
        let tool = history::name(&call.spec.tool);
        let brought = inert::json(&observation(round, call));
        let arguments = || inert::json(&Value::Object(call.spec.arguments.clone()));
        let by = round.brought_by(call);
        match (&by.outcome, code) {
            (Some(Outcome::Text { model_name, .. }), _) => {
                let said = inert::json(&json!({"content": by.text.text}));
                self.attempts.push(filled!(
                    "toolorchestra/attempt.txt",
                    model = model_name,
                    tool = &tool,
                    said = &said
                ));
            }
            (_, Some(code)) => {
                let code = fenced("python", &inert::text(code));
                let brought = fenced("output", &brought);
                self.programs.push(format!("{code}\n\n{brought}"));
            }
            (Some(Outcome::Object(_)), None) => {
                self.documents.push(shorten(
                    &format!("{tool} {}: {brought}", arguments()),
                    DOCUMENT_BYTES,
                ));
            }
            (
                Some(
                    Outcome::Composed { .. }
                    | Outcome::Failed { .. }
                    | Outcome::Rejected { .. }
                    | Outcome::NotRun { .. }
                    | Outcome::OverBudget { .. }
                    | Outcome::Cancelled { .. },
                )
                | None,
                None,
            ) => {
                self.programs
                    .push(format!("{tool} {}: {brought}", arguments()));
            }
        }
    }

    /// The text of the prompt: of each kind the tail is kept, and documents make room first.
    fn within(&self, room: usize) -> String {
        let attempts = tail(&self.attempts, bytes(ATTEMPT_TOKENS).min(room));
        let room_for_code = bytes(CODE_TOKENS).min(room).saturating_sub(attempts.len());
        let programs = tail(&self.programs, room_for_code);
        let rest = room.saturating_sub(attempts.len() + programs.len());
        let numbered: Vec<_> = (1..)
            .zip(&self.documents)
            .map(|(number, document)| format!("Doc {number}: {document}"))
            .collect();
        let documents = tail(&numbered, rest);
        let documents = if documents.is_empty() {
            documents
        } else {
            filled!("toolorchestra/documents.txt", documents = &documents)
        };
        let parts = [documents, programs, attempts];
        let parts = parts.iter().filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(String::as_str).collect();
        if parts.is_empty() {
            return String::new();
        }
        filled!("toolorchestra/found.txt", found = &parts.join(BETWEEN))
    }
}

/// The program that a call ran: of a chain what its model wrote, else the argument that holds one.
fn program<'a>(round: &'a Round, call: &'a CallState, tool_set: &ToolSet<'_>) -> Option<&'a str> {
    match call.spec.chain() {
        Some(chain) if chain.takes_program() => round.taken(call).map(|(_, code)| code),
        Some(_) => None,
        None => {
            let argument = tool_set.program_of(&call.spec.tool)?;
            call.spec.arguments.get(argument)?.as_str()
        }
    }
}

/// The last parts that fit; of one that is too long by itself head and tail.
fn tail(parts: &[String], room: usize) -> String {
    let mut left = room;
    let mut kept: Vec<String> = Vec::new();
    for part in parts.iter().rev() {
        let needed = part.len() + BETWEEN.len();
        if needed > left {
            if kept.is_empty() && left > 0 {
                kept.push(shorten(part, left));
            }
            break;
        }
        left -= needed;
        kept.push(part.clone());
    }
    kept.reverse();
    kept.join(BETWEEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_parts_that_fit_are_kept_whole_and_of_one_that_is_too_long_its_ends() {
        let short = || ["first".to_owned(), "last".to_owned()].to_vec();
        let both = "first".len() + "last".len() + 2 * BETWEEN.len();
        assert_eq!(tail(&short(), both), "first\n\nlast");
        assert_eq!(tail(&short(), both - 1), "last");
        let long = "x".repeat(100);
        assert_eq!(tail(&[long.clone(), "last".to_owned()], 50), "last");
        let ends = tail(std::slice::from_ref(&long), 40);
        assert!(ends.starts_with(&"x".repeat(30)) && ends.contains("60 bytes left out"));
        assert_eq!(tail(&[long], 0), "");
    }
}
