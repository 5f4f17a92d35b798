//! What a model is told of the schema that its answer has to fit, and of an answer of its own that does not.

use std::sync::Arc;

use model::{ChatMessage, ChatRequest};
use run::{AnswerSchema, CallState, InvalidAnswer, Run};
use serde_json::{Value, json};

use super::form::BYTES_PER_TOKEN;
use super::inert;
use super::template::filled;

/// How an answer has to be written.
pub(crate) struct AnswerForm<'a> {
    schema: &'a AnswerSchema,
    /// What the model is told of it.
    told: String,
    /// What it is to mend.
    invalid: Option<&'a InvalidAnswer>,
}

impl<'a> AnswerForm<'a> {
    /// `None` where the text of the call is free.
    pub(crate) fn of(
        run: &'a Run,
        call: &CallState,
        invalid: Option<&'a InvalidAnswer>,
    ) -> Option<Self> {
        let schema = run.answer_schema(call)?;
        let text = schema.schema.to_string();
        Some(Self {
            schema,
            told: format!("\n\n{}", filled!("expert/schema.txt", schema = &text)),
            invalid,
        })
    }

    /// What it takes of a context by estimate, in tokens.
    pub(crate) fn tokens(&self) -> u32 {
        let invalid = self.invalid.map_or(0, |it| it.text.len() + it.faults.len());
        u32::try_from((self.told.len() + invalid) / BYTES_PER_TOKEN).unwrap_or(u32::MAX)
    }

    /// The question with it. Who does not keep to schemas is told of it in words alone.
    pub(crate) fn put(&self, mut request: ChatRequest, keeps_to_schema: bool) -> ChatRequest {
        if let Some(last) = request.messages.last_mut() {
            let mut message = last.value();
            if let Some(Value::String(content)) = message.get_mut("content") {
                content.push_str(&self.told);
            }
            *last = ChatMessage::from(message);
        }
        if let Some(InvalidAnswer { text, faults }) = self.invalid {
            let mend = filled!("expert/mend.txt", faults = &inert::text(faults));
            // Some servers refuse a message without text.
            let wrote = if text.trim().is_empty() { "{}" } else { text };
            let wrote = json!({"role": "assistant", "content": inert::text(wrote)});
            let mend = json!({"role": "user", "content": mend});
            request
                .messages
                .extend([wrote, mend].map(ChatMessage::from));
        }
        if keeps_to_schema {
            request.answer_schema = Some(Arc::new(self.schema.clone()));
        }
        request
    }
}
