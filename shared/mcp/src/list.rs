//! What tools a server has.

use std::sync::Arc;
use std::time::Duration;

use catalog::DescribedTool;
use rmcp::model::{ClientRequest, ListToolsRequest, PaginatedRequestParams};
use rmcp::service::PeerRequestOptions;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::problem::Problem;
use crate::server::Server;
use crate::session::Session;
use crate::text::{cleaned, cleaned_schema};

/// Pages and tools that are read of a list.
const MAX_PAGES: usize = 50;
const MAX_TOOLS: usize = 2_000;

impl Server {
    /// The tools of a server. It is asked for no further page when all that are wanted are there.
    ///
    /// # Errors
    /// The server cannot be asked within the time.
    pub async fn list(
        self: &Arc<Self>,
        wanted: &[&str],
        limit: Duration,
    ) -> Result<Vec<DescribedTool>, Problem> {
        let listed = timeout(limit, self.list_in_session(wanted)).await;
        listed.unwrap_or_else(|_| Err(Problem::late(limit)))
    }

    async fn list_in_session(
        self: &Arc<Self>,
        wanted: &[&str],
    ) -> Result<Vec<DescribedTool>, Problem> {
        let session = self.session().await?;
        match pages(&session, Some(wanted)).await {
            Err(problem) if problem.ends_session() => {
                self.forget(&session).await;
                let session = self.session().await?;
                pages(&session, Some(wanted)).await
            }
            listed => listed,
        }
    }
}

/// Reads a list, page by page, up to all that are wanted.
pub(crate) async fn pages(
    session: &Session,
    wanted: Option<&[&str]>,
) -> Result<Vec<DescribedTool>, Problem> {
    let mut tools: Vec<DescribedTool> = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page = page(session, cursor.clone()).await?;
        let next = page
            .get("nextCursor")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let listed = page
            .get("tools")
            .and_then(Value::as_array)
            .ok_or_else(Problem::unreadable)?;
        let room = MAX_TOOLS - tools.len();
        tools.extend(listed.iter().filter_map(described).take(room));
        let is_there = |name: &&str| tools.iter().any(|tool| tool.name == **name);
        let are_all_there = wanted.is_some_and(|wanted| wanted.iter().all(is_there));
        // A cursor that leads to itself leads nowhere.
        if are_all_there || next.is_none() || next == cursor || tools.len() == MAX_TOOLS {
            break;
        }
        cursor = next;
    }
    Ok(tools)
}

async fn page(session: &Session, cursor: Option<String>) -> Result<Value, Problem> {
    let params = cursor.map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
    let request = ClientRequest::ListToolsRequest(ListToolsRequest {
        params,
        ..ListToolsRequest::default()
    });
    let asked = session
        .peer()
        .send_request_with_option(request, PeerRequestOptions::no_options())
        .await;
    let answered = match asked {
        Ok(handle) => handle.await_response().await,
        Err(error) => Err(error),
    };
    let result = answered.map_err(|error| Problem::of_request(&error))?;
    // As JSON: one tool that is not of the form of others takes none of them away.
    serde_json::to_value(result).map_err(|_| Problem::unreadable())
}

/// A tool as its server describes it; `None` where it has no name.
fn described(tool: &Value) -> Option<DescribedTool> {
    let object = |name: &str| tool.get(name).and_then(Value::as_object).cloned();
    let parameters = object("inputSchema").unwrap_or_else(any_object);
    let text = |name: &str| tool.get(name).and_then(Value::as_str);
    let description = text("description").or_else(|| text("title"));
    Some(DescribedTool {
        name: text("name")?.to_owned(),
        description: cleaned(description.unwrap_or_default()),
        parameters: cleaned_schema(parameters),
        results: object("outputSchema"),
    })
}

fn any_object() -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), Value::from("object"))])
}
