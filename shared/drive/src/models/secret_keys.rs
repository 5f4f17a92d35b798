//! Keys of models' servers that stand in secrets: where a server refuses one, the secret is read again, as whoever renews a key writes the
//! new one there.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use model::Server;
use run::ModelId;
use secret::Secret;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A secret is read again at most once in this time: a key that is refused for another reason stays as it is.
const PAUSE: Duration = Duration::from_mins(1);
/// What stands before the field of a secret.
const FIELD: char = '#';

/// Reads secrets: given are variables with what they hold, back comes what the secrets that they name hold, or why they cannot be had.
pub type ReadSecrets = Box<dyn Fn(Vec<(String, String)>) -> Reading + Send + Sync>;
type Reading = Pin<Box<dyn Future<Output = Result<BTreeMap<String, Secret>, String>> + Send>>;

/// The keys that stand in secrets, and who reads those.
#[derive(Default)]
pub struct SecretKeys {
    /// By model: the variable of its key, and the name of a secret that this holds. There are few.
    named: Vec<(ModelId, (String, String))>,
    read: Option<ReadSecrets>,
    /// When each secret was read again.
    read_at: Mutex<Vec<(String, Instant)>>,
}

impl SecretKeys {
    /// None of them is read again before [`Self::read_by`].
    pub fn new(named: Vec<(ModelId, (String, String))>) -> Self {
        Self {
            named,
            ..Self::default()
        }
    }

    /// Says who reads secrets.
    #[must_use]
    pub fn read_by(mut self, read: ReadSecrets) -> Self {
        self.read = Some(read);
        self
    }

    /// Whether a server is asked with another key from now on than when it had been renewed so often. Whoever comes while a secret is being
    /// read waits for that.
    pub(crate) async fn renew(
        &self,
        id: &ModelId,
        renewals: u64,
        servers: &BTreeMap<ModelId, Arc<Server>>,
    ) -> bool {
        let (Some(server), Some(read)) = (servers.get(id), &self.read) else {
            return false;
        };
        let Some((_, (_, name))) = self.named.iter().find(|(known, _)| known == id) else {
            return false;
        };
        let secret = secret_of(name);
        let mut read_at = self.read_at.lock().await;
        read_at.retain(|(_, at)| at.elapsed() < PAUSE);
        let is_fresh = read_at.iter().any(|(known, _)| known == secret);
        if server.key_renewals() == renewals && !is_fresh {
            read_at.push((secret.to_owned(), Instant::now()));
            let of_secret = self.named.iter();
            let of_secret = of_secret.filter(|(_, (_, name))| secret_of(name) == secret);
            let variables = of_secret.clone().map(|(_, variable)| variable.clone());
            match read(variables.collect()).await {
                Ok(held) => {
                    for (id, (variable, _)) in of_secret {
                        if let (Some(server), Some(key)) = (servers.get(id), held.get(variable)) {
                            server.renew_key(key.reveal());
                        }
                    }
                }
                Err(problem) => {
                    tracing::warn!(model = %id, problem, "the key of a model's server is refused, and cannot be read again");
                }
            }
        }
        let is_renewed = server.key_renewals() != renewals;
        if is_renewed {
            tracing::info!(model = %id, "the key of a model's server has been renewed");
        }
        is_renewed
    }
}

/// A secret's name without the field of it that is meant.
fn secret_of(name: &str) -> &str {
    name.split(FIELD).next().unwrap_or(name)
}

impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.named.iter().map(|(id, _)| id);
        f.debug_set().entries(named).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_secret_is_read_again_after_a_minute_and_not_sooner() {
        let id = ModelId::new("qwen");
        let server = Server::new("http://h", Some("first".to_owned()), "m", "M").unwrap();
        let servers = BTreeMap::from([(id.clone(), Arc::new(server))]);
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reads);
        let variable = ("QWEN_API_KEY".to_owned(), "ssm:/qwen".to_owned());
        let named = vec![(id.clone(), variable)];
        // What it holds is the first key in the first read, and another in each that follows.
        let keys = SecretKeys::new(named).read_by(Box::new(move |variables| {
            let held = match counted.fetch_add(1, Ordering::Relaxed) {
                0 => Secret::new("first"),
                at => Secret::new(format!("key {at}")),
            };
            let held = variables.into_iter().map(|(name, _)| (name, held.clone()));
            let held = held.collect();
            Box::pin(async move { Ok(held) })
        }));
        for (wait, renewals, is_renewed, read) in [
            (0, 0, false, 1),
            (59, 0, false, 1),
            (1, 0, true, 2),
            // Who was refused with a key before that one reads nothing.
            (0, 0, true, 2),
            (59, 1, false, 2),
            (1, 1, true, 3),
        ] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            let renewed = keys.renew(&id, renewals, &servers).await;
            assert_eq!(renewed, is_renewed, "{wait} s later");
            assert_eq!(reads.load(Ordering::Relaxed), read, "{wait} s later");
        }
    }

    #[tokio::test]
    async fn one_reading_of_a_secret_renews_all_keys_in_it_and_those_of_no_other() {
        let names = [
            ("a", "arn#a"),
            ("b", "arn#b"),
            ("c", "other#a"),
            ("d", "plain"),
        ];
        let server = |id: &str| {
            let server = Server::new("http://h", Some("old".to_owned()), "m", "M").unwrap();
            (ModelId::new(id), Arc::new(server))
        };
        let servers: BTreeMap<_, _> = names.iter().map(|(id, _)| server(id)).collect();
        let named =
            names.map(|(id, name)| (ModelId::new(id), (id.to_uppercase(), name.to_owned())));
        let asked = Arc::<std::sync::Mutex<Vec<Vec<String>>>>::default();
        let noted = Arc::clone(&asked);
        let keys = SecretKeys::new(named.to_vec()).read_by(Box::new(move |variables| {
            let names: Vec<_> = variables.into_iter().map(|(name, _)| name).collect();
            noted.lock().unwrap().push(names.clone());
            let held = names.into_iter().map(|name| (name, Secret::new("new")));
            let held = held.collect();
            Box::pin(async move { Ok(held) })
        }));
        for id in ["a", "c", "b", "d"] {
            assert!(keys.renew(&ModelId::new(id), 0, &servers).await, "{id}");
        }
        let asked = asked.lock().unwrap();
        assert_eq!(*asked, [vec!["A", "B"], vec!["C"], vec!["D"]]);
        assert!(servers.values().all(|server| server.key_renewals() == 1));
    }
}
