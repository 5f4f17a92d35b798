//! A tool that is a model: it is asked once, with the question and what the run has found so far.

use catalog::ModelRoles;
use model::{AskError, ChatRequest, Message, Piece, Server};
use run::{Outcome, Run, ToolCall};

use super::{CallContext, Ended};
use crate::prompt;

pub(crate) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &ToolCall,
    roles: &ModelRoles,
) -> Ended {
    let Some(asked) = call.model.as_ref().and_then(|id| context.model(id)) else {
        return Ended::failed(
            "model_not_configured",
            "Model not configured: this model has no server. Choose another one.",
            false,
        );
    };
    let request = prompt::expert(run, call, roles, asked.model);
    match converse(context, asked.server, &request).await {
        Ok(message) => Ended {
            outcome: Outcome::Text {
                model_name: asked.name().to_owned(),
                finish_reason: message.finish_reason,
            },
            usage: Some(message.usage),
            cost: Some(asked.cost(message.usage)),
        },
        Err(error) => {
            let problem = error.problem(asked.name(), asked.server);
            let message = format!("{} {}", problem.message, problem.remedy);
            Ended::failed(problem.code, message, error.is_retryable())
        }
    }
}

async fn converse(
    context: &CallContext,
    server: &Server,
    request: &ChatRequest,
) -> Result<Message, AskError> {
    let mut reply = context.services.models.client.ask(server, request).await?;
    let mut wrote = false;
    while let Some(piece) = reply.next(server).await? {
        match piece {
            Piece::Content(text) => {
                wrote |= !text.trim().is_empty();
                context.wrote(text).await;
            }
            // What was shown stays; the answer is still to come.
            Piece::Retract => wrote = false,
        }
    }
    if wrote {
        Ok(reply.into_message())
    } else {
        Err(AskError::Empty)
    }
}
