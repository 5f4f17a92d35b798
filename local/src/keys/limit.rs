//! `keys limit`: changes what a key may use.

use super::options::LimitOptions;
use super::{limits, revoke};
use crate::output::print;
use crate::records::Records;

pub(super) async fn limit(records: &Records, options: LimitOptions) -> anyhow::Result<()> {
    let LimitOptions {
        name: owner,
        changes,
    } = options;
    let changed = records
        .store
        .set_limits(&owner, |limits| changes.make(limits));
    let Some(key) = changed.await? else {
        return Err(revoke::no_key(records, &owner));
    };
    print(&format!(
        "{owner} has {} now; it holds within a minute\n",
        limits::shown(&key.limits)
    ))
}
