//! What the models of a discussion are told, stage by stage.
//!
//! What the others wrote is data: framed, cut, and without a control token, like everything that comes from elsewhere.

use model::{CallForm, ChatMessage, ChatRequest};
use run::{CallState, Composition, Discussion, ModelId, Outcome, Round, Run, Stage};
use serde_json::{Value, json};

use super::expert::{Subject, findings, told_subject};
use super::form::bytes;
use super::inert;
use super::observation::shorten;
use super::template::{filled, text};

/// Most that is shown of what another model wrote, in bytes of JSON; less where the context has no room for it.
pub(super) const MAX_SHOWN_BYTES: usize = 8 * 1024;
/// A text is not cut below this, in bytes.
const SHORTEST_SHOWN: usize = 400;
const BETWEEN: &str = "\n\n";
/// Room for headings, notes and what a chat template adds, in bytes.
const FRAME_BYTES: usize = 512;

/// An inner step of a discussion, in its round.
pub(crate) struct Step<'a> {
    round: &'a Round,
    /// The discussion's own call, …
    whole: &'a CallState,
    /// … and the part that is asked for.
    part: &'a CallState,
    stage: Asked,
    discussion: &'a Discussion,
}

/// What a model is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Opinion,
    Reply,
    Synthesis,
}

impl<'a> Step<'a> {
    /// `None` for a call that is no step of a discussion.
    pub(crate) fn of(run: &'a Run, part: &'a CallState) -> Option<Self> {
        let round = run.round(part.call_id.round())?;
        let whole = round.call(part.spec.origin.within()?)?;
        let discussion = match whole.spec.composition.as_deref()? {
            Composition::Discussion(discussion) => discussion,
            Composition::Chain(_) => return None,
        };
        let stage = match part.spec.origin.stage()? {
            Stage::Opinion => Asked::Opinion,
            Stage::Reply => Asked::Reply,
            Stage::Synthesis => Asked::Synthesis,
            Stage::Writing | Stage::Running => return None,
        };
        Some(Self {
            round,
            whole,
            part,
            stage,
            discussion,
        })
    }

    /// Whether a model takes part in the discussion.
    pub(crate) fn includes(&self, model: &ModelId) -> bool {
        let Discussion { models, writer, .. } = self.discussion;
        models.contains(model) || writer == model
    }

    const fn system(&self) -> &'static str {
        match self.stage {
            Asked::Opinion => text!("discussion/opinion.txt"),
            Asked::Reply => text!("discussion/reply.txt"),
            Asked::Synthesis => text!("discussion/synthesis.txt"),
        }
    }

    /// What the model is shown of the discussion, in at most so many bytes of text each.
    fn said(&self, each: usize) -> String {
        let opinions = || self.round.steps_at(self.whole.call_id, Stage::Opinion);
        match self.stage {
            Asked::Opinion => String::new(),
            Asked::Reply => {
                let is_own = |said: &&CallState| said.spec.model == self.part.spec.model;
                let own = told(opinions().filter(is_own), "answer", each);
                let others = told(opinions().filter(|said| !is_own(said)), "answer", each);
                let shown = filled!(
                    "discussion/answers_to_reply_to.txt",
                    own = &own,
                    others = &others
                );
                format!("{BETWEEN}{shown}")
            }
            Asked::Synthesis => {
                let answers = told(opinions(), "answer", each);
                let replies = self.round.steps_at(self.whole.call_id, Stage::Reply);
                let replies = told(replies, "reply", each);
                let shown = filled!("discussion/answers_to_write_up.txt", answers = &answers);
                let mut said = format!("{BETWEEN}{shown}");
                if !replies.is_empty() {
                    let shown = filled!("discussion/replies_to_write_up.txt", replies = &replies);
                    said.push_str(BETWEEN);
                    said.push_str(&shown);
                }
                said
            }
        }
    }

    /// Texts of others that the model is shown.
    fn texts(&self) -> usize {
        let said = self.round.steps_of(self.whole.call_id);
        said.filter(|step| step.succeeded()).count()
    }
}

/// The request for a model's part in a discussion.
pub(crate) fn discussion(
    run: &Run,
    step: &Step<'_>,
    context_tokens: u32,
    max_tokens: u32,
) -> ChatRequest {
    let request = &run.start.request;
    let room = bytes(context_tokens.saturating_sub(max_tokens))
        .saturating_sub(step.system().len() + FRAME_BYTES);
    let subject = Subject {
        arguments: &step.whole.spec.arguments,
        default_to_question: step.discussion.default_to_question.as_deref(),
        focus: None,
    };
    let mut content = told_subject(run, &subject, room);
    // What tools have found has to have room, too.
    let half = room.saturating_sub(content.len()) / 2;
    let each = half.checked_div(step.texts()).unwrap_or(half);
    content.push_str(&step.said(each.clamp(SHORTEST_SHOWN, MAX_SHOWN_BYTES)));
    content.push_str(&left_out(step));
    let room = room.saturating_sub(content.len());
    content.push_str(&findings(run, room));
    let messages = [("system", step.system()), ("user", &content)];
    ChatRequest {
        messages: messages
            .into_iter()
            .map(|(role, content)| ChatMessage::from(json!({"role": role, "content": content})))
            .collect(),
        tools: Vec::new(),
        calls: CallForm::Native,
        aliases: Vec::new(),
        temperature: Some(request.temperature),
        max_tokens: Some(max_tokens),
        ..ChatRequest::default()
    }
}

/// What models wrote, each in a frame that names its model.
fn told<'a>(said: impl Iterator<Item = &'a CallState>, kind: &str, each: usize) -> String {
    let frames = said.filter_map(|said| {
        let by = name(said)?;
        let text = shorten(&inert::json(&Value::from(said.text.text.as_str())), each);
        Some(format!("<{kind} by={by}>\n{text}\n</{kind}>"))
    });
    frames.collect::<Vec<_>>().join("\n")
}

/// A model as the others are told of it, in quotation marks: its name for people, and its id, which tells apart those of one name.
/// `None` where it did not write.
fn name(said: &CallState) -> Option<String> {
    match (&said.outcome, said.model()) {
        (Some(Outcome::Text { model_name, .. }), Some(id)) => {
            Some(inert::json(&Value::from(format!("{model_name} ({id})"))))
        }
        (
            Some(
                Outcome::Text { .. }
                | Outcome::Object(_)
                | Outcome::Composed { .. }
                | Outcome::Failed { .. }
                | Outcome::Rejected { .. }
                | Outcome::NotRun { .. }
                | Outcome::OverBudget { .. }
                | Outcome::Cancelled { .. },
            )
            | None,
            _,
        ) => None,
    }
}

/// What the writer is told of models that could not take part to the end.
fn left_out(step: &Step<'_>) -> String {
    if step.stage != Asked::Synthesis {
        return String::new();
    }
    let failed = |stage| {
        let steps = step.round.steps_at(step.whole.call_id, stage);
        let failed = steps.filter(|it| it.outcome.is_some() && !it.succeeded());
        failed.filter_map(|it| it.spec.model.as_ref().map(ModelId::as_str))
    };
    let silent = failed(Stage::Opinion);
    let silent = silent.map(|model| filled!("discussion/did_not_answer.txt", model = model));
    let without_reply = failed(Stage::Reply);
    let without_reply =
        without_reply.map(|model| filled!("discussion/did_not_reply.txt", model = model));
    let told: Vec<_> = silent.chain(without_reply).collect();
    if told.is_empty() {
        return String::new();
    }
    let models = told.join(", ");
    let told = filled!("discussion/not_heard.txt", models = &inert::text(&models));
    format!("{BETWEEN}{told}")
}
