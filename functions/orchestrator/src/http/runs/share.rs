//! `POST` and `DELETE /api/runs/{id}/share`: a link by which whoever has it reads the run.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use super::super::address::RunAddress;
use super::super::{ApiError, App, Caller, Hosts, Reader};

#[derive(Serialize)]
pub(in super::super) struct Link {
    url: String,
}

pub(in super::super) async fn share(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
    headers: HeaderMap,
) -> Result<Json<Link>, ApiError> {
    Reader::Caller(caller).head(&app, run_id).await?;
    let token = app.services.store.share(run_id).await?;
    let token = token.ok_or_else(ApiError::no_such_run)?;
    let (site, token) = (site(&app, &headers), token.expose());
    Ok(Json(Link {
        url: format!("{site}/orchestrator?run={run_id}&share={token}"),
    }))
}

/// Where the page is: a page says so by itself, behind a content delivery network, too, which this service does not know by name.
fn site(app: &App, headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let of_page = text(header::ORIGIN).filter(|origin| origin.starts_with("http"));
    if let Some(origin) = of_page {
        return origin.to_owned();
    }
    let scheme = match *app.hosts {
        Hosts::Any => "https",
        Hosts::Loopback { .. } | Hosts::Network => "http",
    };
    format!("{scheme}://{}", text(header::HOST).unwrap_or_default())
}

pub(in super::super) async fn unshare(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
) -> Result<StatusCode, ApiError> {
    Reader::Caller(caller).head(&app, run_id).await?;
    if app.services.store.unshare(run_id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::no_such_run())
    }
}
