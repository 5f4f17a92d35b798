//! Secrets by their names, read when a process begins, and again where what they held is refused.
//!
//! One signed request each, without a client of the SDK's for either service: two more of those would make every function larger. What a
//! secret holds stands in no error and in no log.

mod name;
mod problem;
mod read;

use std::collections::BTreeMap;

use aws_credential_types::provider::ProvideCredentials as _;
use aws_types::SdkConfig;
use secret::Secret;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::aws::authorities::service_client;
use name::{SecretName, SecretStore};
use problem::LIMIT;
pub use problem::SecretProblem;
use read::Reader;

/// A secret that a variable names cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{variable} names a secret that cannot be read: {problem}")]
pub struct SecretError {
    pub variable: String,
    pub problem: SecretProblem,
}

/// Reads the secrets that variables name. Given are variables with what they hold; back come those that named a secret, with what that
/// holds. `aws` is asked for only where one does.
///
/// # Errors
/// The first variable, in their order, whose secret cannot be had.
pub async fn read_secrets<E>(
    variables: &[(String, String)],
    aws: impl AsyncFnOnce() -> Result<SdkConfig, E>,
) -> Result<BTreeMap<String, Secret>, SecretError>
where
    E: std::fmt::Display,
{
    let named = named(variables)?;
    let Some((first, _)) = named.first() else {
        return Ok(BTreeMap::new());
    };
    let aws = aws().await;
    let aws = aws.map_err(|_| fails(first, SecretProblem::NoClient))?;
    read_as(&aws, named).await
}

/// The same with what secrets hold now, also where a variable names an earlier version: that one was refused.
///
/// # Errors
/// As [`read_secrets`].
pub async fn read_current_secrets(
    variables: &[(String, String)],
    aws: &SdkConfig,
) -> Result<BTreeMap<String, Secret>, SecretError> {
    read_as(aws, named_now(variables)?).await
}

fn named_now(variables: &[(String, String)]) -> Result<Vec<(&String, SecretName)>, SecretError> {
    let mut named = named(variables)?;
    for (_, name) in &mut named {
        name.version = None;
    }
    Ok(named)
}

async fn read_as(
    aws: &SdkConfig,
    named: Vec<(&String, SecretName)>,
) -> Result<BTreeMap<String, Secret>, SecretError> {
    let Some((first, _)) = named.first() else {
        return Ok(BTreeMap::new());
    };
    let reader = reader(aws).await;
    read_named(reader.map_err(|problem| fails(first, problem))?, named).await
}

fn named(variables: &[(String, String)]) -> Result<Vec<(&String, SecretName)>, SecretError> {
    let mut named = Vec::new();
    for (variable, text) in variables {
        if let Some(name) = SecretName::read(text) {
            named.push((variable, name.map_err(|problem| fails(variable, problem))?));
        }
    }
    Ok(named)
}

/// What each variable's secret holds, as far as the name means it.
async fn read_named(
    reader: Reader,
    named: Vec<(&String, SecretName)>,
) -> Result<BTreeMap<String, Secret>, SecretError> {
    let held = read_each(reader, named.iter().map(|(_, name)| name)).await;
    let one = |(variable, name): (&String, SecretName)| {
        let late = Err(SecretProblem::Late {
            id: name.id.clone(),
        });
        let held = held.get(&key(&name)).unwrap_or(&late);
        match held
            .clone()
            .and_then(|held| read::field_of(&name, held.reveal()))
        {
            Ok(meant) => Ok((variable.clone(), meant)),
            Err(problem) => Err(fails(variable, problem)),
        }
    };
    named.into_iter().map(one).collect()
}

fn fails(variable: &str, problem: SecretProblem) -> SecretError {
    SecretError {
        variable: variable.to_owned(),
        problem,
    }
}

async fn reader(aws: &SdkConfig) -> Result<Reader, SecretProblem> {
    let provider = aws.credentials_provider();
    let provider = provider.ok_or(SecretProblem::NoCredentials)?;
    let credentials = provider.provide_credentials().await;
    Ok(Reader {
        http: service_client().map_err(|_| SecretProblem::NoClient)?,
        credentials: credentials.map_err(|_| SecretProblem::NoCredentials)?,
        region: aws.region().map(ToString::to_string).unwrap_or_default(),
        endpoints: read::endpoints(),
    })
}

/// A secret, whichever field of it is meant.
type Key = (SecretStore, String, Option<String>);
type Held = BTreeMap<Key, Result<Secret, SecretProblem>>;

fn key(name: &SecretName) -> Key {
    (name.store, name.id.clone(), name.version.clone())
}

/// Each secret once, side by side. One that is missing here was late.
async fn read_each<'a>(reader: Reader, names: impl Iterator<Item = &'a SecretName>) -> Held {
    let mut asked = JoinSet::new();
    let mut known = Vec::new();
    for name in names {
        let key = key(name);
        if !known.contains(&key) {
            known.push(key.clone());
            let (reader, name) = (reader.clone(), name.clone());
            asked.spawn(async move { (key, reader.read(&name).await) });
        }
    }
    let mut held = Held::new();
    let all = async {
        while let Some(read) = asked.join_next().await {
            held.extend(read);
        }
    };
    // Who is late is missing.
    drop(timeout(LIMIT, all).await);
    held
}

#[cfg(test)]
mod tests;
