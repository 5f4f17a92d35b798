//! `keys create`: makes a key.

use anyhow::{anyhow, bail};
use drive::now_ms;
use store::{AccessKey, KeyHash};

use super::options::CreateOptions;
use super::{limits, secret};
use crate::output::{note, print};
use crate::records::Records;

pub(super) async fn create(records: &Records, options: CreateOptions) -> anyhow::Result<()> {
    let (owner, limits) = (options.name.clone(), options.limits());
    let secret = secret::random()?;
    let hash = KeyHash::of(secret.as_bytes());
    let key = AccessKey::new(owner.clone(), hash, limits, now_ms());
    if !records.store.create_key(&key).await? {
        bail!(
            "{owner} has an access key in {}: `keys revoke {owner}` ends it, so that a new one can be made; `keys limit {owner}` changes \
             what it may use",
            records.shown
        );
    }
    if let Err(error) = print(&format!("{secret}\n")) {
        // Nobody has it, and nobody else could have the name.
        records.store.revoke_key(&owner, now_ms()).await?;
        return Err(anyhow!(
            "the key of {owner} could not be printed and is revoked again: make another one ({error:#})"
        ));
    }
    note(&format!(
        "This is the access key of {owner} ({}). It is not shown again: {} holds its hash alone.\n\
         Requests show it as `Authorization: Bearer <key>`, the page asks for it, and `serverless-llm mcp` reads it from ACCESS_KEY.\n",
        limits::shown(&limits),
        records.shown
    ));
    Ok(())
}
