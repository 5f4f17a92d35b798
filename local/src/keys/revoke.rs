//! `keys revoke`: ends a key.

use anyhow::anyhow;
use drive::now_ms;
use orchestrator::wire::rfc3339;
use run::Owner;

use super::options::RevokeOptions;
use crate::output::print;
use crate::records::Records;

pub(super) async fn revoke(records: &Records, options: RevokeOptions) -> anyhow::Result<()> {
    let RevokeOptions { name: owner } = options;
    let revoked = records.store.revoke_key(&owner, now_ms()).await?;
    if revoked.is_some() {
        return print(&format!(
            "the access key of {owner} is revoked: it is refused within a minute, and runs that are under way go on\n"
        ));
    }
    let keys = records.store.access_keys().await?;
    let before = keys.into_iter().find(|key| key.owner == owner);
    match before.and_then(|key| key.revoked_at_ms) {
        Some(at_ms) => print(&format!(
            "the access key of {owner} has been revoked since {}\n",
            rfc3339(at_ms)
        )),
        None => Err(no_key(records, &owner)),
    }
}

pub(super) fn no_key(records: &Records, owner: &Owner) -> anyhow::Error {
    anyhow!(
        "{owner} has no access key in {}, or it is revoked: `keys list` shows all, `keys create --name {owner}` makes one",
        records.shown
    )
}
