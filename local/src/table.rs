//! The embedded `DynamoDB`: the JSON protocol of the real service over `dynoxide`'s typed database in one `SQLite` file.
//!
//! `dynoxide`'s own HTTP server is not used: it answers CORS for any origin and has no place for a lock. Serves the
//! operations this project uses and refuses every other one by name. Checks no signature: see [`crate::guard`].

mod read_only;

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
pub use dynoxide::Database;
use dynoxide::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::guard::{MAX_SIGNED_BYTES, error};
pub use read_only::open_to_read;

const SWEEP_EVERY: Duration = Duration::from_hours(1);
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Opens the table's file, or makes it. The folder must exist.
pub fn open(path: &Path) -> anyhow::Result<Database> {
    let name = path
        .to_str()
        .with_context(|| format!("the path {} is not UTF-8", path.display()))?;
    Database::new(name).with_context(|| {
        format!(
            "open the table in {}: check that its folder exists and can be written; if the file is damaged or was \
             written by a newer version, move it away and start again, or choose another --data-dir",
            path.display()
        )
    })
}

/// Deletes expired items now and every hour, as `DynamoDB` does some time after their expiry.
pub fn sweep_expired(database: Database) {
    tokio::spawn(async move {
        let mut hourly = tokio::time::interval(SWEEP_EVERY);
        loop {
            hourly.tick().await;
            let database = database.clone();
            match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
                Ok(Ok(deleted)) => tracing::debug!(deleted, "expired items were deleted"),
                Ok(Err(error)) => tracing::warn!(%error, "expired items could not be deleted"),
                Err(error) => tracing::warn!(%error, "the deletion of expired items broke off"),
            }
        }
    });
}

/// `POST /`, the operation named by the header `X-Amz-Target`.
pub fn router(database: Database) -> Router {
    Router::new()
        .route("/", post(serve))
        .layer(DefaultBodyLimit::max(MAX_SIGNED_BYTES))
        .with_state(database)
}

async fn serve(State(database): State<Database>, headers: HeaderMap, body: Bytes) -> Response {
    let operation = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok()?.strip_prefix("DynamoDB_20120810."))
        .unwrap_or_default()
        .to_owned();
    let work = move || perform(&database, &operation, &body);
    match tokio::task::spawn_blocking(work).await {
        Ok(Some(Ok(answer))) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], answer).into_response(),
        Ok(Some(Err(refusal))) => {
            let status = StatusCode::from_u16(refusal.status_code())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let headers = [(header::CONTENT_TYPE, CONTENT_TYPE)];
            (status, headers, refusal.to_json()).into_response()
        }
        Ok(None) => error(
            StatusCode::BAD_REQUEST,
            "UnknownOperationException",
            "The embedded table does not serve this operation.",
        ),
        Err(failed) => {
            tracing::error!(error = %failed, "an operation of the embedded table broke off");
            error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "The operation broke off; the log of the local stack says where.",
            )
        }
    }
}

type Answer = dynoxide::Result<String>;

/// Nothing for an operation that is not served.
fn perform(db: &Database, operation: &str, body: &[u8]) -> Option<Answer> {
    Some(match operation {
        "CreateTable" => typed(body, |request| db.create_table(request)),
        "DescribeTable" => typed(body, |request| db.describe_table(request)),
        "UpdateTimeToLive" => typed(body, |request| db.update_time_to_live(request)),
        "DescribeTimeToLive" => typed(body, |request| db.describe_time_to_live(request)),
        "PutItem" => typed(body, |request| db.put_item(request)),
        "GetItem" => typed(body, |request| db.get_item(request)),
        "UpdateItem" => typed(body, |request| db.update_item(request)),
        "DeleteItem" => typed(body, |request| db.delete_item(request)),
        "Query" => typed(body, |request| db.query(request)),
        "Scan" => typed(body, |request| db.scan(request)),
        "BatchWriteItem" => typed(body, |request| db.batch_write_item(request)),
        "BatchGetItem" => typed(body, |request| db.batch_get_item(request)),
        "TransactWriteItems" => typed(body, |request| db.transact_write_items(request)),
        _ => return None,
    })
}

fn typed<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    call: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> Answer {
    let request = serde_json::from_slice(body).map_err(|fault| unreadable(&fault.to_string()))?;
    serde_json::to_string(&call(request)?)
        .map_err(|fault| DynoxideError::InternalServerError(fault.to_string()))
}

/// `dynoxide`'s types refuse a value while it is read, with the class of the error before the message.
fn unreadable(fault: &str) -> DynoxideError {
    let (class, message) = fault.split_once(':').unwrap_or(("", fault));
    if class.starts_with("VALIDATION") {
        let end = message.rfind(" at line ").unwrap_or(message.len());
        DynoxideError::ValidationException(message[..end].to_owned())
    } else {
        DynoxideError::SerializationException(fault.to_owned())
    }
}

#[cfg(test)]
mod tests;
