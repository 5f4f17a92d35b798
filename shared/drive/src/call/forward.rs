//! The text of a reply on its way to whoever follows the run.

use model::{AskError, Piece, Retracted, Server};

use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::ledger::Metered;

/// Why text is taken back.
const WAS_THOUGHT: &str = "what was written so far was thinking";
const WAS_SAID_AGAIN: &str = "each piece of the text says all before it again";

/// Forwards the text of a reply as it comes, up to its end.
pub(super) async fn forward(
    context: &CallContext,
    endpoint: &ModelEndpoint<'_>,
    server: &Server,
    reply: &mut Metered<'_>,
    has_shown: &mut bool,
) -> Result<(), AskError> {
    let id = &endpoint.model.id;
    while let Some(piece) = reply.next(server).await? {
        match piece {
            Piece::Content(text) => {
                *has_shown = true;
                context.wrote(text).await;
            }
            // The next reply of this model is held back until its thought is over.
            Piece::Retract(Retracted::Thought) => {
                let models = &context.services.models;
                models.learn(id, |memory| memory.thinks_first = true);
                context.start_over(WAS_THOUGHT, id, reply.ledger()).await;
                *has_shown = false;
            }
            Piece::Retract(Retracted::SaidAgain) => {
                context.start_over(WAS_SAID_AGAIN, id, reply.ledger()).await;
                *has_shown = false;
            }
        }
    }
    Ok(())
}
