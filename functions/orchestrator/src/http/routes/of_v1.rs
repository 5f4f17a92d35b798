//! The orchestra as a model of OpenAI's interface.

use super::super::operation::{Answer, Content, Method, Operation, Route};
use super::super::v1;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = of_models();
    routes.extend(of_responses());
    routes
}

fn of_models() -> Vec<Route> {
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
            parameters: &["IdempotencyKey", "Task", "Watcher"],
            body: Some("ChatRequest"),
            answers: &[Answer(200, "The answer; in a stream its steps, too. The header `x-run-id` names the run.", Content::Completion)],
            refusals: &[404, 409, 413, 415, 429, 500, 502],
        }
        .at(v1::chat::complete),
    ]
}

fn of_responses() -> Vec<Route> {
    let of_one = |method, path, id| Operation {
        method,
        path,
        id,
        summary: "",
        parameters: &[],
        body: None,
        answers: &[Answer(200, "The response.", Content::Json("Response"))],
        refusals: &[404],
    };
    vec![
        Operation {
            summary: "Answers the last question of a conversation by a run, as a response of OpenAI's Responses and Open Responses. Otherwise as `createChatCompletion`.",
            parameters: &["IdempotencyKey", "Watcher"],
            body: Some("ResponseRequest"),
            answers: &[
                Answer(200, "The response; in a stream its steps, too. With `background` it is answered at once, and the run goes on.", Content::Response),
                Answer(500, "The run has failed, and the response says so.", Content::Json("Response")),
            ],
            refusals: &[404, 409, 413, 415, 429],
            ..of_one(Method::Post, "/v1/responses", "createResponse")
        }
        .at(v1::responses::create),
        Operation {
            summary: "A run of the caller's as a response: as it stands, or as its stream from any frame on.",
            parameters: &["Stream", "StartingAfter", "Watcher"],
            answers: &[Answer(200, "The response.", Content::Response)],
            refusals: &[404, 429],
            ..of_one(Method::Get, "/v1/responses/{response_id}", "getResponse")
        }
        .at(v1::responses::show),
        Operation {
            summary: "Deletes a response whose run has ended, and the run.",
            answers: &[Answer(200, "Nothing of it is left.", Content::Json("DeletedResponse"))],
            refusals: &[404, 409],
            ..of_one(Method::Delete, "/v1/responses/{response_id}", "deleteResponse")
        }
        .at(v1::responses::delete),
        Operation {
            summary: "Ends the run of a response, keeping what it has so far. One that is over stays as it is.",
            ..of_one(Method::Post, "/v1/responses/{response_id}/cancel", "cancelResponse")
        }
        .at(v1::responses::cancel),
        Operation {
            summary: "What came with the request of a response, as far as its run keeps it.",
            parameters: &["ItemLimit", "ItemOrder", "ItemAfter"],
            answers: &[Answer(200, "One page.", Content::Json("InputItems"))],
            ..of_one(Method::Get, "/v1/responses/{response_id}/input_items", "listInputItems")
        }
        .at(v1::responses::list),
    ]
}
