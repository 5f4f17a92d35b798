//! The servers of the catalogue's models, as far as the environment names them.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{Catalog, Model};
use model::{Overrides, Server};
use run::ModelId;

use crate::config_error::ConfigError;
use crate::tools::HeaderValues;

/// Servers of the models whose address is set, each with its key and what it is sent.
pub(crate) fn read(
    catalog: &Catalog,
    values: &HeaderValues,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<ModelId, Server>, ConfigError> {
    let mut servers = BTreeMap::new();
    for model in &catalog.models {
        let variables = &model.variables;
        let Some(base) = env(&variables.url) else {
            continue;
        };
        let name = env(&variables.model).unwrap_or_else(|| model.served_as.clone());
        let server = model_server(model, &base, env(&variables.key), name, values)?;
        servers.insert(model.id.clone(), server);
    }
    Ok(servers)
}

/// A model's server at an address that an operator has set, with its key and what the catalogue has it sent.
///
/// # Errors
/// It is no address, or a header cannot be sent.
pub fn model_server(
    model: &Model,
    base: &str,
    key: Option<String>,
    name: String,
    values: &HeaderValues,
) -> Result<Server, ConfigError> {
    let server = Server::new(base, key, name, &*model.variables.url)?;
    let server = with_headers(server, model, values)?;
    Ok(as_catalogued(server, model))
}

/// A server of a model with what the catalogue says of the model, but for headers: those are for the server whose address an operator
/// has set.
#[must_use]
pub fn as_catalogued(mut server: Server, model: &Model) -> Server {
    server.thinks_first = model.thinks_first;
    server.overrides = Arc::new(Overrides::read(&model.request));
    server
}

fn with_headers(
    server: Server,
    model: &Model,
    values: &HeaderValues,
) -> Result<Server, ConfigError> {
    let unfit = |header: String, problem: String| ConfigError::Header {
        model: model.id.clone(),
        header,
        problem,
    };
    let headers = values.of_model(&model.headers);
    let headers = headers.map_err(|(header, problem)| unfit(header, problem))?;
    server.with_headers(headers).map_err(|header| {
        let problem = format!(
            "{}, or a name and password in {}, is sent in the same header: take one of the two away.",
            model.variables.key, model.variables.url
        );
        unfit(header.to_string(), problem)
    })
}
