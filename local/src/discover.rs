//! Finds model servers for models whose address is not set: those that listen on this machine, by the ports of the guide.

use std::collections::BTreeMap;

use catalog::Catalog;
use futures_util::future::join_all;
use model::{Client, Server};
use run::ModelId;
use tool::is_unseen;

/// Ports of the guide: one model each, in the order of the catalogue.
const GUIDE_PORTS: [u16; 3] = [8001, 8002, 8003];
/// Servers that may hold any model: Ollama, and llama-server by its own default.
const SHARED_PORTS: [u16; 2] = [11434, 8080];

/// Adds servers that were found; models that have one already keep it. `own_port` is the page's.
pub(crate) async fn add_found(
    servers: &mut BTreeMap<ModelId, Server>,
    catalog: &Catalog,
    client: &Client,
    own_port: u16,
) {
    let missing: Vec<_> = catalog
        .models
        .iter()
        .filter(|model| !servers.contains_key(&model.id))
        .collect();
    if missing.is_empty() {
        return;
    }
    let ports: Vec<_> = GUIDE_PORTS
        .into_iter()
        .chain(SHARED_PORTS)
        .filter(|port| *port != own_port)
        .collect();
    let listed = join_all(ports.iter().map(|port| listed_models(client, *port))).await;
    let found: BTreeMap<u16, Vec<String>> = ports
        .into_iter()
        .zip(listed)
        .filter_map(|(port, models)| Some((port, models?)))
        .collect();
    for (place, model) in catalog.models.iter().enumerate() {
        if servers.contains_key(&model.id) {
            continue;
        }
        let by_guide = GUIDE_PORTS.get(place).and_then(|port| {
            let models = found.get(port)?;
            Some((*port, models.first()?.clone()))
        });
        let by_name = || {
            SHARED_PORTS.iter().find_map(|port| {
                let models = found.get(port)?;
                let named = models.iter().find(|name| is_named(name, &model.id))?;
                Some((*port, named.clone()))
            })
        };
        if let Some((port, name)) = by_guide.or_else(by_name) {
            servers
                .extend(server(port, name, &model.variables.url).map(|it| (model.id.clone(), it)));
        }
    }
    let orchestrator = &catalog.orchestrator.model;
    let any = SHARED_PORTS
        .iter()
        .chain(&GUIDE_PORTS)
        .find_map(|port| Some((*port, found.get(port)?.first()?.clone())));
    if let (None, Some((port, name)), Some(model)) =
        (servers.get(orchestrator), any, catalog.model(orchestrator))
    {
        servers.extend(server(port, name, &model.variables.url).map(|it| (model.id.clone(), it)));
    }
}

async fn listed_models(client: &Client, port: u16) -> Option<Vec<String>> {
    let server = server(port, String::new(), "")?;
    let models = plain(client.served_models(&server).await?);
    (!models.is_empty()).then_some(models)
}

/// Without names that a terminal would obey, or that show less than they hold: they are printed at the start.
fn plain(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !name.is_empty() && !name.contains(is_unseen));
    names
}

fn server(port: u16, model: String, variable: &str) -> Option<Server> {
    Server::new(&format!("http://127.0.0.1:{port}"), None, model, variable).ok()
}

/// Whether a served model's name begins as a model of the catalogue does: `qwen2.5:7b` and `Qwen/Qwen3-8B` do for `qwen`, a
/// distillate or a look-alike (`dolphin-phi`) does not.
fn is_named(served: &str, model: &ModelId) -> bool {
    let name = served.rsplit('/').next().unwrap_or(served);
    name.to_ascii_lowercase()
        .starts_with(&model.as_str().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_whose_name_a_terminal_would_obey_is_not_used() {
        let listed = [
            "qwen2.5:7b",
            "",
            "qwen\u{1b}[2J",
            "qwen\u{9b}31m",
            "qwen\u{202e}",
            "phi",
        ];
        let names = listed.map(str::to_owned).to_vec();
        assert_eq!(plain(names), ["qwen2.5:7b", "phi"]);
    }

    #[test]
    fn served_models_are_matched_by_how_their_names_begin() {
        let cases = [
            ("qwen2.5:7b", "qwen", true),
            ("Qwen/Qwen2.5-7B-Instruct", "qwen", true),
            ("phi4-mini", "phi", true),
            ("llama3.2:3b", "llama", true),
            ("dolphin-phi:latest", "phi", false),
            ("deepseek-r1-distill-llama-8b", "llama", false),
        ];
        for (served, model, expected) in cases {
            assert_eq!(is_named(served, &ModelId::new(model)), expected, "{served}");
        }
    }
}
