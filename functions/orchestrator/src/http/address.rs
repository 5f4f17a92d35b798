//! What an address says: the run that its path names, and the parameters behind it. What cannot be read is refused in the
//! words of this service, not of its framework.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use run::RunId;
use tracing::Instrument as _;

use super::ApiError;

/// The run of `/api/runs/{id}…`. A malformed id is reported as an unknown one.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunAddress(pub(super) RunId);

impl<S: Send + Sync> FromRequestParts<S> for RunAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = named(parts, state, "id").await;
        let id = id.and_then(|id| id.parse().ok());
        id.map(Self).ok_or_else(ApiError::no_such_run)
    }
}

/// The run of `/v1/responses/{response_id}…`, whose response has its id behind a prefix.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseAddress(pub(super) RunId);

impl<S: Send + Sync> FromRequestParts<S> for ResponseAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = named(parts, state, "response_id").await;
        let id = id.and_then(|id| response_run(&id));
        id.map(Self).ok_or_else(ApiError::no_such_run)
    }
}

/// What a part of the path is.
async fn named(parts: &mut Parts, state: &(impl Send + Sync), part: &str) -> Option<String> {
    let path = Path::<BTreeMap<String, String>>::from_request_parts(parts, state).await;
    path.ok().and_then(|Path(mut named)| named.remove(part))
}

/// The run of a response's id.
pub(super) fn response_run(id: &str) -> Option<RunId> {
    id.strip_prefix("resp_")?.parse().ok()
}

/// Names the run that a request is about in whatever is logged while it is answered.
pub(super) async fn name_run(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = RunAddress::from_request_parts(&mut parts, &()).await;
    let answered = next.run(Request::from_parts(parts, body));
    match address {
        Ok(RunAddress(run_id)) => {
            let span = tracing::info_span!("request", %run_id);
            answered.instrument(span).await
        }
        Err(_no_run) => answered.await,
    }
}

/// The parameters of a request, each given once. Unknown ones are passed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    /// The value of a parameter, where it is given.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.0.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([value]) => Ok(Some(value)),
            Some(_) => Err(ApiError::invalid_field(
                name,
                format!("{name} must be given once"),
            )),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = pairs
            .map_err(|_| ApiError::invalid("The parameters of the address cannot be read."))?;
        let mut parameters = Self::default();
        for (name, value) in pairs {
            parameters.0.entry(name).or_default().push(value);
        }
        Ok(parameters)
    }
}
