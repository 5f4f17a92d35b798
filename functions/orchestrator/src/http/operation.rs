//! One operation of the interface, with what answers there.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::App;

/// A route with what answers there.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) handler: MethodRouter<App>,
    /// What is said of it is left out of what serves it.
    #[cfg(feature = "openapi")]
    pub(super) operation: Operation,
}

/// A handler of no type of its own: all that a router makes of handlers would be in the binary once more for each.
#[derive(Clone)]
struct AnyHandler(Arc<dyn Fn(Request, App) -> Answering + Send + Sync>);

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

impl Handler<(), App> for AnyHandler {
    type Future = Answering;

    fn call(self, request: Request, app: App) -> Answering {
        (self.0)(request, app)
    }
}

/// One operation of the interface, in the words of OpenAPI.
#[cfg_attr(
    not(feature = "openapi"),
    expect(dead_code, reason = "the document alone tells what an operation is")
)]
pub(super) struct Operation {
    pub(super) method: Method,
    /// As the router reads it; what stands in braces is a parameter.
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Those of the query and the head, by their names among the components of the document.
    pub(super) parameters: &'static [&'static str],
    /// The schema of the body.
    pub(super) body: Option<&'static str>,
    pub(super) answers: &'static [Answer],
    /// Statuses that it is refused with, beside those of every route.
    pub(super) refusals: &'static [u16],
}

#[derive(Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// How a request is answered that is not refused: the status, what it means, and what stands in the body.
#[cfg_attr(
    not(feature = "openapi"),
    expect(
        dead_code,
        reason = "the document alone tells how a request is answered"
    )
)]
pub(super) struct Answer(pub(super) u16, pub(super) &'static str, pub(super) Content);

/// What stands in the body of an answer.
#[derive(Clone, Copy)]
pub(super) enum Content {
    Nothing,
    /// JSON of a schema.
    #[cfg_attr(
        not(feature = "openapi"),
        expect(dead_code, reason = "the document alone names schemas")
    )]
    Json(&'static str),
    /// Server-sent events, each of them one event of a run.
    Events,
    /// An answer of OpenAI's chat completions, whole or in chunks.
    Completion,
    /// A response of OpenAI's Responses, whole or as frames.
    Response,
    /// A message of the Model Context Protocol, or several in a stream.
    Mcp,
    /// A page or one of its files.
    Page,
    /// A file that a tool made.
    File,
}

impl Operation {
    pub(super) fn at<T: 'static>(self, handler: impl Handler<T, App>) -> Route {
        let filter = match self.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let handler =
            move |request, app| -> Answering { Box::pin(handler.clone().call(request, app)) };
        Route {
            path: self.path,
            handler: on(filter, AnyHandler(Arc::new(handler))),
            #[cfg(feature = "openapi")]
            operation: self,
        }
    }
}
