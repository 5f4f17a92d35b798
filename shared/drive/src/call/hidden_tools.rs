//! Whether the model was shown the tools of its question: some servers leave them out without a word, and answer all the same.
//!
//! The server is asked beside the first question, so that nobody waits for it who gets a call. Only a text, which would end the run,
//! waits for what the server tells; where it tells nothing, its count of tokens may prove that tools were left out.

use std::pin::pin;

use catalog::Calls;
use model::{AskError, CallForm, ChatMessage, ChatRequest, Message, ToolSight};
use tokio::time::Instant;

use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use crate::models::NoTools;
use crate::tool_sight::look;

/// No tokenizer packs more bytes into a token, on average over a question.
const MOST_BYTES_PER_TOKEN: u64 = 6;
/// The system's message, an earlier question with its answer, and the question: a longer conversation may have been cut to fit, so
/// that its count proves nothing.
const OPENING_MESSAGES: usize = 4;

/// What came of a question.
pub(super) enum Asked {
    Replied(Result<Message, AskError>),
    /// It has to be asked in another way: that is learned.
    WithoutTools,
}

/// Waits for a reply, and finds out meanwhile whether its model sees tools, where some are sent and that is not known.
pub(super) async fn watch(
    context: &CallContext,
    endpoint: &ModelEndpoint<'_>,
    request: &ChatRequest,
    reply: impl Future<Output = Result<Message, AskError>>,
) -> Asked {
    let is_native = request.calls == CallForm::Native && !request.tools.is_empty();
    let is_open = context.catalog.orchestrator.calls == Calls::Auto;
    if !is_native || !is_open || endpoint.server.rehearsal {
        return Asked::Replied(reply.await);
    }
    let models = &context.services.models;
    let id = &endpoint.model.id;
    let mut reply = pin!(reply);
    let mut sight = pin!(look(models, id, endpoint.server));
    let (reply, sight) = tokio::select! {
        biased;
        reply = &mut reply => match &reply {
            Ok(message) if is_text(message) => (reply, sight.await),
            Ok(message) if !message.calls.is_empty() => {
                models.learn(id, |memory| memory.told_sight(ToolSight::Sees, Instant::now()));
                return Asked::Replied(reply);
            }
            Ok(_) | Err(_) => return Asked::Replied(reply),
        },
        sight = &mut sight => match sight {
            ToolSight::Hidden => return Asked::WithoutTools,
            ToolSight::Sees | ToolSight::Unknown => (reply.await, sight),
        },
    };
    match (&reply, sight) {
        (Ok(message), ToolSight::Hidden) if is_text(message) => Asked::WithoutTools,
        (Ok(message), ToolSight::Unknown) if is_text(message) && are_left_out(request, message) => {
            tracing::info!(model = %id, "a model's server counts fewer tokens than its tools alone have: it hides them from the model");
            models.learn(id, |memory| {
                memory.has_no_tools(NoTools::Uncounted, Instant::now());
            });
            Asked::WithoutTools
        }
        (Ok(_) | Err(_), ToolSight::Hidden | ToolSight::Sees | ToolSight::Unknown) => {
            Asked::Replied(reply)
        }
    }
}

fn is_text(message: &Message) -> bool {
    message.calls.is_empty() && message.cut_calls.is_empty()
}

/// Whether the server's count proves that the tools did not reach the model. One that is too small for the messages alone proves
/// nothing: some servers do not count what they have kept from an earlier question.
fn are_left_out(request: &ChatRequest, message: &Message) -> bool {
    let usage = message.usage;
    if usage.estimated || usage.input_tokens == 0 {
        return false;
    }
    let most = usage.input_tokens.saturating_mul(MOST_BYTES_PER_TOKEN);
    let messages: usize = request.messages.iter().map(ChatMessage::len).sum();
    let tools: usize = request
        .tools
        .iter()
        .map(|tool| tool.to_string().len())
        .sum();
    let counts_messages = most >= messages as u64;
    let counts_all = most >= (messages + tools) as u64;
    request.messages.len() <= OPENING_MESSAGES && counts_messages && !counts_all
}

#[cfg(test)]
mod tests {
    use model::AskedCall;
    use run::Usage;
    use serde_json::{Value, json};

    use super::*;

    fn counted(input_tokens: u64) -> Message {
        let usage = Usage {
            input_tokens,
            ..Usage::default()
        };
        Message {
            usage,
            ..Message::default()
        }
    }

    #[test]
    fn a_reply_that_asks_for_nothing_is_a_text() {
        let call = AskedCall {
            name: "look".to_owned(),
            arguments: "{}".to_owned(),
        };
        let cut = vec!["look".to_owned()];
        for (calls, cut_calls, expected) in [
            (vec![], vec![], true),
            (vec![call.clone()], vec![], false),
            (vec![], cut.clone(), false),
            (vec![call], cut, false),
        ] {
            let message = Message {
                calls,
                cut_calls,
                ..Message::default()
            };
            assert_eq!(is_text(&message), expected, "{message:?}");
        }
    }

    #[test]
    fn a_count_that_holds_the_messages_and_not_the_tools_proves_that_they_were_left_out() {
        // Each a multiple of the most bytes a token may have, so that the bounds are met exactly.
        let of_bytes = |empty: Value, bytes: usize| "x".repeat(bytes - empty.to_string().len());
        let content = of_bytes(json!({"role": "user", "content": ""}), 60);
        let message = ChatMessage::from(json!({"role": "user", "content": content}));
        let tool = json!({"name": of_bytes(json!({"name": ""}), 120)});
        let request = |messages: usize| ChatRequest {
            messages: vec![message.clone(); messages],
            tools: vec![tool.clone()],
            ..ChatRequest::default()
        };
        for (messages, tokens, expected) in [
            (1, 0, false),
            (1, 9, false),
            (1, 10, true),
            (1, 29, true),
            (1, 30, false),
            (1, u64::MAX, false),
            (4, 40, true),
            (4, 59, true),
            (4, 60, false),
            (5, 50, false),
        ] {
            let is_proof = are_left_out(&request(messages), &counted(tokens));
            assert_eq!(is_proof, expected, "{messages} messages, {tokens} tokens");
        }
        let mut estimated = counted(10);
        estimated.usage.estimated = true;
        assert!(!are_left_out(&request(1), &estimated));
    }
}
