//! Routes, and what holds for all of them.

mod access;
mod address;
mod answer_schema;
mod app;
mod availability;
mod begin;
mod caller;
mod config;
mod cors;
mod error;
mod examples;
mod fields;
mod function_time;
mod guard;
mod keys;
mod layers;
mod limits;
mod mcp;
#[cfg(feature = "openapi")]
mod openapi;
mod operation;
mod page;
mod previous;
mod read_body;
mod reader;
mod routes;
mod runs;
mod start;
mod start_request;
mod start_rules;
mod stats;
mod v1;
mod visitors;

use axum::Router;
use axum::middleware;

pub use access::{Access, AccessError, KEY_CHARS, KEY_PREFIX};
pub use app::App;
use caller::Caller;
use error::ApiError;
pub use guard::Hosts;
#[cfg(feature = "openapi")]
pub use openapi::openapi;
use operation::Route;
pub use read_body::mend_halves;
use reader::Reader;

/// The whole HTTP interface.
pub fn app(app: App) -> Router {
    let with_key = middleware::from_fn_with_state(app.clone(), layers::key);
    let keyed = added(Router::new(), routes::with_key())
        .route_layer(middleware::from_fn(address::name_run))
        .route_layer(middleware::from_fn(read_body::refuse_large))
        .route_layer(with_key);
    added(keyed, routes::open())
        .fallback(async || ApiError::not_found("There is nothing at this address."))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(app.clone(), layers::origin))
        .layer(middleware::from_fn_with_state(app.clone(), layers::guard))
        .layer(middleware::from_fn(v1::in_their_shape))
        .layer(middleware::from_fn_with_state(app.clone(), cors::cors))
        .layer(middleware::map_response(layers::head))
        .with_state(app)
}

fn added(router: Router<App>, routes: Vec<Route>) -> Router<App> {
    routes.into_iter().fold(router, |router, route| {
        router.route(route.path, route.handler)
    })
}
