//! Finds model servers for models whose address is not set: those that listen on this machine, by the ports of the guide.

use std::collections::BTreeMap;

use catalog::Catalog;
use futures_util::future::join_all;
use model::{Client, Server};
use run::ModelId;
use tool::is_unseen;

/// Ports of the guide: one model each, in the order of the catalogue.
const GUIDE_PORTS: [u16; 3] = [8001, 8002, 8003];
/// Servers that may hold any model, by their own defaults: Ollama, llama-server, LM Studio, vLLM, `LiteLLM`.
const SHARED_PORTS: [u16; 5] = [11434, 8080, 1234, 8000, 4000];
/// Words in the names of models that write no text. Ollama, LM Studio and `LiteLLM` list them beside those that do.
const NO_TEXT: [&str; 4] = ["embed", "rerank", "whisper", "tts"];

/// The names of what is served, by port.
type Found = BTreeMap<u16, Vec<String>>;

/// Adds servers that were found; models that have one already keep it. `own_port` is the page's.
pub(crate) async fn add_found(
    servers: &mut BTreeMap<ModelId, Server>,
    catalog: &Catalog,
    client: &Client,
    own_port: u16,
) {
    if catalog
        .models
        .iter()
        .all(|model| servers.contains_key(&model.id))
    {
        return;
    }
    let ports: Vec<_> = GUIDE_PORTS
        .into_iter()
        .chain(SHARED_PORTS)
        .filter(|port| *port != own_port)
        .collect();
    let listed = join_all(ports.iter().map(|port| listed_models(client, *port))).await;
    let found: Found = ports
        .into_iter()
        .zip(listed)
        .filter_map(|(port, models)| Some((port, models?)))
        .collect();
    for (place, model) in catalog.models.iter().enumerate() {
        let is_orchestrator = model.id == catalog.orchestrator.model;
        let chosen = || chosen(&found, place, &model.id, is_orchestrator);
        if let (None, Some((port, name))) = (servers.get(&model.id), chosen()) {
            let found = server(port, name, &model.variables.url);
            let found = found.map(|server| drive::as_catalogued(server, model));
            servers.extend(found.map(|server| (model.id.clone(), server)));
        }
    }
}

/// Where a model is served, and under which name. `place` is its own in the catalogue. The orchestrator takes any model in the end.
fn chosen(
    found: &Found,
    place: usize,
    model: &ModelId,
    is_orchestrator: bool,
) -> Option<(u16, String)> {
    let first = |port: &u16, is_wanted: &dyn Fn(&str) -> bool| {
        let name = found.get(port)?.iter().find(|name| is_wanted(name))?;
        Some((*port, name.clone()))
    };
    let by_guide = || first(GUIDE_PORTS.get(place)?, &|_| true);
    let by_name = || {
        let mut ports = SHARED_PORTS.iter();
        ports.find_map(|port| first(port, &|name| is_named(name, model) && writes_text(name)))
    };
    let any = || {
        let mut ports = SHARED_PORTS.iter().chain(&GUIDE_PORTS);
        ports.find_map(|port| first(port, &writes_text))
    };
    by_guide()
        .or_else(by_name)
        .or_else(|| is_orchestrator.then(any).flatten())
}

/// Whether a model may write text, by its name.
fn writes_text(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !NO_TEXT.iter().any(|word| name.contains(word))
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
    fn a_model_is_looked_for_at_its_own_port_then_by_name_and_the_orchestrator_takes_any() {
        let found = |served: &[(u16, &[&str])]| -> Found {
            let served = served.iter();
            served
                .map(|(port, names)| (*port, names.iter().map(|name| (*name).to_owned()).collect()))
                .collect()
        };
        let everywhere = found(&[
            (8001, &["of the guide"]),
            (11434, &["qwen2.5:7b", "phi4-mini"]),
            (8000, &["microsoft/Phi-4-mini-instruct"]),
        ]);
        let of_others = found(&[
            (11434, &["nomic-embed-text:latest"]),
            (1234, &["text-embedding-qwen3", "gemma-3-4b-it"]),
        ]);
        let cases = [
            (&everywhere, 0, "qwen", Some((8001, "of the guide"))),
            (&everywhere, 1, "phi", Some((11434, "phi4-mini"))),
            (&everywhere, 2, "llama", None),
            (&of_others, 0, "qwen", Some((1234, "gemma-3-4b-it"))),
            (&of_others, 1, "phi", None),
            (
                &found(&[(8000, &["Qwen/Qwen3-8B"])]),
                0,
                "qwen",
                Some((8000, "Qwen/Qwen3-8B")),
            ),
            (
                &found(&[(4000, &["gpt-4o", "qwen-max"])]),
                0,
                "qwen",
                Some((4000, "qwen-max")),
            ),
            (
                &found(&[(8002, &["small"])]),
                0,
                "qwen",
                Some((8002, "small")),
            ),
            (&found(&[(11434, &["qwen3-embedding:8b"])]), 0, "qwen", None),
        ];
        for (found, place, model, expected) in cases {
            let chosen = chosen(found, place, &ModelId::new(model), place == 0);
            let expected = expected.map(|(port, name)| (port, name.to_owned()));
            assert_eq!(chosen, expected, "{model} of {found:?}");
        }
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
