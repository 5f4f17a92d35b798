//! Routes, and what holds for all of them.

mod access;
mod address;
mod caller;
mod config;
mod error;
mod examples;
mod function_time;
mod guard;
mod page;
mod previous;
mod read_body;
mod runs;
mod start;
mod start_request;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use drive::Services;

pub use access::{Access, NoDigest};
use caller::Caller;
use config::Availability;
use error::ApiError;
pub use guard::Hosts;

/// What every request works with.
#[derive(Clone, Debug)]
pub struct App {
    services: Arc<Services>,
    hosts: Arc<Hosts>,
    access: Arc<Access>,
    availability: Arc<Availability>,
}

impl App {
    pub fn new(services: Arc<Services>, hosts: Hosts, access: Access) -> Self {
        Self {
            services,
            hosts: Arc::new(hosts),
            access: Arc::new(access),
            availability: Arc::default(),
        }
    }
}

/// The whole HTTP interface.
pub fn app(app: App) -> Router {
    let with_key = middleware::from_fn_with_state(app.clone(), access::key);
    Router::new()
        .route("/api/chat/orchestrator/stream", post(start::start))
        .route("/api/runs", get(runs::list::list))
        .route(
            "/api/runs/{id}",
            get(runs::show::show).delete(runs::delete::delete),
        )
        .route("/api/runs/{id}/events", get(runs::events::events))
        .route(
            "/api/runs/{id}/artifacts/{name}",
            get(runs::artifact::artifact),
        )
        .route("/api/runs/{id}/cancel", post(runs::cancel::cancel))
        .route("/api/config", get(config::config))
        .route_layer(middleware::from_fn(address::name_run))
        .route_layer(middleware::from_fn(read_body::refuse_large))
        .route_layer(with_key)
        .route("/health", get(config::health))
        .route("/", get(page::index))
        .route("/orchestrator", get(page::index))
        .route("/orchestrator/", get(page::index))
        .route("/static/{*file}", get(page::file))
        .fallback(async || ApiError::not_found("There is nothing at this address."))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(app.clone(), access::origin))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .layer(middleware::map_response(guard::head))
        .with_state(app)
}
