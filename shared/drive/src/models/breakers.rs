//! The circuit breakers of all models: one for each model on each server, so that ids that stand for the same one share it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::Server;
use run::ModelId;

use super::breaker::Breaker;

/// A breaker for each model on each server.
#[derive(Debug)]
pub(crate) struct Breakers {
    all: Mutex<Vec<Breaker>>,
    /// Where that of a model is.
    of: BTreeMap<ModelId, usize>,
}

impl Breakers {
    pub(crate) fn of(servers: &BTreeMap<ModelId, Arc<Server>>) -> Self {
        let mut different: Vec<&Server> = Vec::new();
        let mut of = BTreeMap::new();
        for (id, server) in servers {
            let mut known = different.iter();
            let at = known.position(|other| other.serves_the_same_as(server));
            of.insert(id.clone(), at.unwrap_or(different.len()));
            if at.is_none() {
                different.push(server);
            }
        }
        let all = different.iter().map(|_| Breaker::default()).collect();
        Self {
            all: Mutex::new(all),
            of,
        }
    }

    /// Does something with the breaker of a model; `None` for a model that has no server.
    pub(crate) fn with<T>(&self, id: &ModelId, work: impl FnOnce(&mut Breaker) -> T) -> Option<T> {
        let at = *self.of.get(id)?;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(at).map(work)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn ids_of_the_same_model_on_the_same_server_share_a_breaker_and_no_others_do() {
        let server = |address: &str, key: &str, model: &str| {
            let key = Some(key.to_owned());
            Arc::new(Server::new(address, key, model, "QWEN_API_URL").unwrap())
        };
        let here = "http://127.0.0.1:8001";
        let servers = [
            ("a", server(here, "k", "qwen")),
            // The same with another key, and written in another way.
            ("b", server("http://127.0.0.1:8001/v1/", "other", "qwen")),
            ("c", server(here, "k", "phi")),
            ("d", server("http://127.0.0.1:8002", "k", "qwen")),
        ];
        let servers = servers.map(|(id, server)| (ModelId::new(id), server));
        let breakers = Breakers::of(&BTreeMap::from(servers));
        let now = Instant::now();
        breakers.with(&ModelId::new("a"), |it| it.spare(None, now));
        let is_spared = |id: &str| {
            let admitted = breakers.with(&ModelId::new(id), |it| it.admit(true, now));
            admitted.map(|admitted| admitted.is_err())
        };
        for (id, spared) in [
            ("a", Some(true)),
            ("b", Some(true)),
            ("c", Some(false)),
            ("d", Some(false)),
            ("e", None),
        ] {
            assert_eq!(is_spared(id), spared, "{id}");
        }
    }
}
