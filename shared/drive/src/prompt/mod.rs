//! What models are told: pure functions of the run, which fill in the texts under `prompts/`.

mod answer_form;
mod chat;
mod decision;
mod discussion;
mod expert;
mod form;
mod history;
mod in_text;
mod inert;
mod instructions;
mod observation;
mod of_use;
mod previous_turn;
mod template;
#[cfg(test)]
mod tests;
mod told;
mod toolorchestra;

pub(crate) use answer_form::AnswerForm;
pub(crate) use chat::Conversation;
pub use chat::SERVICE;
pub(crate) use discussion::{Step, discussion};
pub(crate) use expert::{chained, expert};
pub(crate) use form::{Form, request_bytes, tokens};
pub(crate) use toolorchestra::toolorchestra;
