//! How a model or a tool is asked whether it is there, without calling it. A kind of target has its way here.
//!
//! A function in this process or in AWS is asked by an invocation of the type `DryRun`, which runs nothing. What else stands at an Invoke endpoint
//! may not know that type and would run the function, so there it is a connection that is tried.

use std::time::Duration;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::types::InvocationType;
use catalog::{HttpTarget, LambdaTarget, McpTarget, Model, Target, Tool};
use drive::Probe;
use reqwest::Url;
use run::{ModelId, ToolName};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::opened::Opened;
use super::row::{Found, Row};
use crate::settings::Place;

/// How long one of them is waited for.
const LIMIT: Duration = Duration::from_secs(10);
/// Whose functions are asked by a dry run: those of AWS, by the end of their hosts' names.
const AWS_HOSTS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
const CODE_INTERPRETER: &str = "code_interpreter";

/// A model, asked as the page asks it.
pub(super) async fn model(opened: &Opened, model: &Model) -> Row {
    let models = &opened.services.models;
    let began = Instant::now();
    let (target, found) = match models.servers.get(&model.id) {
        None => {
            let variable = &model.variables.url;
            let what = format!("{variable} sets its server; runs are not offered it");
            (String::new(), Found::NotSetUp(what))
        }
        Some(server) if server.rehearsal => ("the rehearsal model".to_owned(), Found::Answers),
        Some(server) => {
            let is_there = timeout(LIMIT, models.client.is_available(server)).await;
            let found = if is_there.unwrap_or(false) {
                Found::Answers
            } else {
                let variable = &model.variables.url;
                Found::Problem(format!(
                    "no model server answers there: start it, or set {variable}"
                ))
            };
            (format!("{} at {}", server.model, server.address()), found)
        }
    };
    Row {
        name: model.id.to_string(),
        kind: "model",
        target,
        took: began.elapsed(),
        found,
    }
}

/// A tool. `models` are the rows of the models.
pub(super) async fn tool(opened: &Opened, tool: &Tool, models: &[Row]) -> Row {
    let began = Instant::now();
    let asked = async {
        match &tool.target {
            Target::Models(aliases) => {
                let ids = aliases.models.iter().map(|(_, id)| id);
                ("models", named(ids.clone()), by_models(ids, models))
            }
            Target::Discuss(discussion) => {
                let ids = discussion.models.iter();
                ("discussion", named(ids.clone()), by_models(ids, models))
            }
            // The tool that gets what they write has a row of its own.
            Target::Chain(chain) => {
                let ids = chain.models.iter().map(|(_, id)| id);
                let target = format!("{}, then {}", named(ids.clone()), chain.then);
                ("chain", target, by_models(ids, models))
            }
            Target::Lambda(lambda) => {
                let found = function(opened, lambda).await;
                ("lambda", place_of(opened, lambda), found)
            }
            Target::Http(HttpTarget { url, .. }) => {
                ("http", shown(url), server(opened, tool).await)
            }
            Target::Mcp(McpTarget { server, tool: name }) => {
                ("mcp", format!("{name} of {server}"), listed(opened, tool))
            }
        }
    };
    let (kind, target, found) = asked.await;
    Row {
        name: tool.name.to_string(),
        kind,
        target,
        took: began.elapsed(),
        found,
    }
}

/// A tool that has no entry of its own, as its server lists it; `changed` is what of it is another than when it was last looked at.
pub(super) fn listed_tool(
    opened: &Opened,
    name: &ToolName,
    problem: Option<String>,
    changed: Option<String>,
) -> Row {
    let servers = opened.services.catalog.mcp_servers.iter();
    let mut offered = servers.flat_map(|server| server.offered.iter().map(move |it| (server, it)));
    let known = offered.find(|(_, offered)| offered.name == name.as_str());
    let target = known.map(|(server, offered)| format!("{} of {}", offered.tool, server.key));
    let answers = || changed.map_or(Found::Answers, Found::Changed);
    Row {
        name: name.to_string(),
        kind: "mcp",
        target: target.unwrap_or_default(),
        took: opened.listed_in,
        found: problem.map_or_else(answers, Found::Problem),
    }
}

/// The server has been asked for its tools already.
fn listed(opened: &Opened, tool: &Tool) -> Found {
    let problem = opened.services.tool_problem(tool);
    problem.map_or(Found::Answers, Found::Problem)
}

fn named<'a>(ids: impl Iterator<Item = &'a ModelId>) -> String {
    ids.map(ModelId::as_str).collect::<Vec<_>>().join(", ")
}

/// A tool that is a model needs one of them; each has a row of its own, which says what is wrong with it.
fn by_models<'a>(mut ids: impl Iterator<Item = &'a ModelId>, models: &[Row]) -> Found {
    let is_there = |id: &str| {
        let row = models.iter().find(|row| row.name == id);
        row.is_some_and(|row| row.found == Found::Answers)
    };
    if ids.any(|id| is_there(id.as_str())) {
        Found::Answers
    } else {
        Found::Problem("none of its models answers".to_owned())
    }
}

/// An address without what may be a secret.
fn shown(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    format!("{origin}{}", url.path())
}

fn place_of(opened: &Opened, lambda: &LambdaTarget) -> String {
    let function = &lambda.function;
    match (&lambda.endpoint, opened.place) {
        (Some(endpoint), _) => format!("{function} at {}", shown(endpoint)),
        (None, Place::Embedded) => format!("{function} in this process"),
        (None, Place::Outside) => format!("{function} at AWS_ENDPOINT_URL_LAMBDA"),
    }
}

async fn function(opened: &Opened, lambda: &LambdaTarget) -> Found {
    let services = &opened.services;
    let own = lambda.endpoint.as_ref();
    let client = own.and_then(|endpoint| services.tools.invoker(endpoint));
    let client = client.unwrap_or(&services.lambda);
    let elsewhere = match (own, opened.place) {
        (Some(endpoint), _) => Some(endpoint.clone()),
        (None, Place::Embedded) => None,
        (None, Place::Outside) => match Place::lambda_endpoint() {
            Ok(endpoint) => Some(endpoint),
            Err(problem) => return Found::Problem(problem),
        },
    };
    let asked = async {
        match elsewhere.filter(|endpoint| !is_of_aws(endpoint)) {
            Some(endpoint) => connection(&endpoint).await,
            None => dry_run(client, lambda).await,
        }
    };
    let found = match timeout(LIMIT, asked).await {
        Ok(Ok(())) => None,
        Ok(Err(problem)) => Some(problem),
        Err(_) => Some(late()),
    };
    let is_own = own.is_none() && opened.place == Place::Embedded;
    match found {
        Some(problem) => Found::Problem(problem),
        None if is_own && lambda.function == CODE_INTERPRETER => programs(opened).await,
        None => Found::Answers,
    }
}

/// The function is there; whether programs are run depends on this machine.
async fn programs(opened: &Opened) -> Found {
    match opened.functions.runs_programs().await {
        Ok(()) => Found::Answers,
        Err(problem) => Found::Problem(problem),
    }
}

fn is_of_aws(endpoint: &Url) -> bool {
    let host = endpoint.host_str().unwrap_or_default();
    AWS_HOSTS.iter().any(|end| host.ends_with(end))
}

async fn dry_run(client: &aws_sdk_lambda::Client, lambda: &LambdaTarget) -> Result<(), String> {
    let once = aws_sdk_lambda::Config::builder().retry_config(RetryConfig::disabled());
    let invocation = client
        .invoke()
        .function_name(&lambda.function)
        .set_tenant_id(lambda.tenant.map(|_| "check".to_owned()))
        .invocation_type(InvocationType::DryRun);
    let asked = invocation.customize().config_override(once).send().await;
    let Err(error) = asked else {
        return Ok(());
    };
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    Err(match status {
        Some(404) => {
            "there is no such function: deploy it, or give its entry the endpoint where it is"
                .to_owned()
        }
        Some(403) => format!(
            "it may not be invoked: check the credentials and their rights ({})",
            DisplayErrorContext(&error)
        ),
        Some(_) | None => DisplayErrorContext(&error).to_string(),
    })
}

async fn connection(endpoint: &Url) -> Result<(), String> {
    let host = endpoint.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = endpoint.port_or_known_default().unwrap_or_default();
    let connected = TcpStream::connect((bare, port)).await;
    connected.map(drop).map_err(|error| {
        format!("nothing can be reached there ({error}): start what serves the function, or mend `endpoint`")
    })
}

async fn server(opened: &Opened, tool: &Tool) -> Found {
    let tools = &opened.services.tools;
    if let Some(problem) = tools.problem(&tool.name) {
        return Found::Problem(problem.to_owned());
    }
    match tools.probe(&tool.name, LIMIT).await {
        None => Found::Problem("it has no server".to_owned()),
        Some(Probe::Silent(cause)) => Found::Problem(format!(
            "nothing answers there ({cause}): start the server, or mend the address"
        )),
        Some(Probe::Answers { status, allow }) => match wrong(status, allow.as_deref()) {
            None => Found::Answers,
            Some(what) => Found::Problem(format!("it answers with {status}: {what}")),
        },
    }
}

/// What an answer to `OPTIONS` says against a call. Servers that know no such request refuse it with many a status.
fn wrong(status: u16, allow: Option<&str>) -> Option<&'static str> {
    let takes_post = allow.is_none_or(|allow| allow.is_empty() || allow.contains("POST"));
    match status {
        301 | 302 | 303 | 307 | 308 => Some(
            "it redirects, which is not followed; put the address that answers into the catalogue",
        ),
        401 | 403 | 407 => Some("check the headers of its entry and what their variables hold"),
        404 | 410 => Some("check the path of its address"),
        502..=504 => Some("the gateway before it gets no answer; start what stands behind"),
        _ if !takes_post => Some("it takes no POST; check the path of its address"),
        _ => None,
    }
}

fn late() -> String {
    format!("no answer within {} s", LIMIT.as_secs())
}

#[cfg(test)]
mod tests;
