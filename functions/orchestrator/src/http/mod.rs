//! Routes, and what holds for all of them.

mod access;
mod address;
mod caller;
mod config;
mod error;
mod examples;
mod function_time;
mod guard;
mod openapi;
mod page;
mod previous;
mod read_body;
mod routes;
mod runs;
mod start;
mod start_request;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use drive::Services;

pub use access::{Access, NoDigest};
use caller::Caller;
use config::Availability;
use error::ApiError;
pub use guard::Hosts;
pub use openapi::openapi;
use routes::Route;

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
    let keyed = added(Router::new(), routes::with_key())
        .route_layer(middleware::from_fn(address::name_run))
        .route_layer(middleware::from_fn(read_body::refuse_large))
        .route_layer(with_key);
    added(keyed, routes::open())
        .fallback(async || ApiError::not_found("There is nothing at this address."))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(app.clone(), access::origin))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .layer(middleware::map_response(guard::head))
        .with_state(app)
}

fn added(router: Router<App>, routes: Vec<Route>) -> Router<App> {
    routes.into_iter().fold(router, |router, route| {
        router.route(route.operation.path, route.handler)
    })
}
