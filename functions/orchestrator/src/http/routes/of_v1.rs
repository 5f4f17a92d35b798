//! The orchestra as a model of OpenAI's interface.

use super::super::operation::{Answer, Content, Method, Operation, Route};
use super::super::v1;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Operation {
            method: Method::Get,
            path: "/v1/models",
            id: "listModels",
            summary: "The names under which the orchestra can be asked as a model.",
            parameters: &[],
            body: None,
            answers: &[Answer(200, "All of them.", Content::Json("ModelList"))],
            refusals: &[],
        }
        .at(v1::models::list),
        Operation {
            method: Method::Get,
            path: "/v1/models/{model}",
            id: "getModel",
            summary: "One of these names.",
            parameters: &[],
            body: None,
            answers: &[Answer(200, "There is such a model.", Content::Json("NamedModel"))],
            refusals: &[404],
        }
        .at(v1::models::show),
        Operation {
            method: Method::Post,
            path: "/v1/chat/completions",
            id: "createChatCompletion",
            summary: "Answers the last question of a conversation by a run, which is stored and listed like any other; an equal request joins the run while it is under way. \
                      A request of a chat page for a title, tags or further questions is answered by one call of the cheapest model, and is no run.",
            parameters: &["IdempotencyKey", "Task"],
            body: Some("ChatRequest"),
            answers: &[Answer(200, "The answer; in a stream its steps, too. The header `x-run-id` names the run.", Content::Completion)],
            refusals: &[404, 409, 413, 415, 429, 500, 502],
        }
        .at(v1::chat::complete),
    ]
}
