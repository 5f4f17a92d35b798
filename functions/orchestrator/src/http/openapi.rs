//! The interface as an OpenAPI document: the table of routes, with the schemas of what goes in and out.

use serde_json::{Map, Value, json};

use super::config::VERSION;
use super::operation::{Answer, Content, Method, Operation};
use super::routes;

/// Parameters, schemas and what refusals mean.
const COMPONENTS: &str = include_str!("openapi/components.json");
const INFO: &str = "A question is worked on in rounds by a small orchestrator model that calls tools. Every step of a run is one \
     event; events of a run are numbered 1, 2, 3, … and can be read again from any of them. Clients pass over events and fields that they do not know.";
/// Statuses that any request may be refused with: it is not well formed, or comes from a foreign page.
const ALWAYS: [u16; 2] = [400, 403];
/// The same where the access key is asked for: it is missing, the body is too large, or the table cannot be used.
const WITH_KEY: [u16; 3] = [401, 413, 503];

/// The document, of OpenAPI 3.1.
///
/// # Errors
///
/// The components, which are compiled in, are no JSON.
pub fn openapi() -> serde_json::Result<Value> {
    let mut components: Value = serde_json::from_str(COMPONENTS)?;
    components["securitySchemes"] = json!({"accessKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "The access key. A stack on loopback without one asks for none.",
    }});
    let mut paths = Map::new();
    let keyed = routes::with_key().into_iter().map(|route| (route, true));
    let open = routes::open().into_iter().map(|route| (route, false));
    for (route, with_key) in keyed.chain(open) {
        let operation = route.operation;
        let path = operation.path.replace("{*", "{");
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[verb(operation.method)] = described(&operation, with_key);
    }
    Ok(json!({
        "openapi": "3.1.1",
        "info": {"title": "serverless-llm", "version": VERSION, "description": INFO, "license": {"name": "MIT or Apache 2.0", "identifier": "MIT OR Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
    }))
}

const fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

fn described(operation: &Operation, with_key: bool) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "security": if with_key { json!([{"accessKey": []}]) } else { json!([]) },
    });
    let parameters: Vec<_> = in_path(operation.path)
        .chain(
            operation
                .parameters
                .iter()
                .map(|name| reference("parameters", name)),
        )
        .collect();
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(schema) = operation.body {
        described["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": reference("schemas", schema)}},
        });
    }
    let mut responses: Map<_, _> = operation
        .answers
        .iter()
        .map(|answer| (answer.0.to_string(), answered(operation, answer)))
        .collect();
    let with_key = if with_key { &WITH_KEY[..] } else { &[] };
    let mut refusals = [&ALWAYS, with_key, operation.refusals].concat();
    refusals.sort_unstable();
    refusals.dedup();
    for status in refusals {
        responses.insert(status.to_string(), refused(operation, status));
    }
    described["responses"] = responses.into();
    described
}

/// What a request is refused with: under `/v1` in the shape of OpenAI's interface, at `/mcp` in that of the protocol where the message was read.
fn refused(operation: &Operation, status: u16) -> Value {
    let schema = match (operation.path, status) {
        ("/mcp", 400 | 404) => {
            json!({"anyOf": [reference("schemas", "McpMessage"), reference("schemas", "Refusal")]})
        }
        (path, _) if path.starts_with("/v1") => reference("schemas", "OpenAiError"),
        _ => return reference("responses", &status.to_string()),
    };
    json!({
        "description": "Refused, or failed; the message says why.",
        "content": {"application/json": {"schema": schema}},
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

/// Parameters that stand in the path.
fn in_path(path: &str) -> impl Iterator<Item = Value> {
    path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let name = name.trim_start_matches('*');
        let schema = match name {
            "id" => reference("schemas", "RunId"),
            "call_id" => reference("schemas", "CallId"),
            _ => json!({"type": "string"}),
        };
        Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
    })
}

fn answered(operation: &Operation, Answer(status, meaning, content): &Answer) -> Value {
    let content = match content {
        Content::Nothing => json!({}),
        Content::Json(schema) => {
            json!({"application/json": {"schema": reference("schemas", schema)}})
        }
        Content::Events => json!({"text/event-stream": {"schema": reference("schemas", "Event")}}),
        Content::Completion => json!({
            "application/json": {"schema": reference("schemas", "ChatCompletion")},
            "text/event-stream": {"schema": reference("schemas", "ChatChunk")},
        }),
        Content::Response => json!({
            "application/json": {"schema": reference("schemas", "Response")},
            "text/event-stream": {"schema": reference("schemas", "ResponseFrame")},
        }),
        Content::Mcp => json!({
            "application/json": {"schema": reference("schemas", "McpMessage")},
            "text/event-stream": {"schema": reference("schemas", "McpMessage")},
        }),
        Content::Page => json!({"*/*": {"schema": {}}}),
        Content::File => json!({"*/*": {"schema": {"contentEncoding": "binary"}}}),
    };
    let mut answered = json!({"description": meaning});
    if content != json!({}) {
        answered["content"] = content;
    }
    if operation.id == "startRun" && [200, 204].contains(status) {
        answered["headers"] = json!({
            "x-run-id": {"description": "The run.", "schema": reference("schemas", "RunId")},
            "location": {"description": "Where its events are read again.", "schema": {"type": "string"}},
        });
    }
    answered
}
