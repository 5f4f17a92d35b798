//! `keys list`: the owners of keys, by their names.

use orchestrator::wire::rfc3339;
use run::Cost;
use serde_json::{Value, json};
use store::AccessKey;

use super::options::ListOptions;
use crate::output::{print, print_json};
use crate::records::Records;
use crate::text;

pub(super) async fn list(records: &Records, options: ListOptions) -> anyhow::Result<()> {
    let keys = records.store.access_keys().await?;
    if options.json {
        return print_json(&keys.iter().map(object).collect::<Vec<_>>());
    }
    if keys.is_empty() {
        return print(&format!(
            "there is no access key in {}; `keys create --name NAME` makes one\n",
            records.shown
        ));
    }
    print(&table(&keys))
}

fn object(key: &AccessKey) -> Value {
    let limits = &key.limits;
    json!({
        "owner": key.owner,
        "limits": {
            "runs_per_minute": limits.runs_per_minute,
            "parallel": limits.parallel,
            "usd_per_day": limits.per_day.map(Cost::usd),
        },
        "created_at": rfc3339(key.created_at_ms),
        "revoked_at": key.revoked_at_ms.map(rfc3339),
    })
}

fn table(keys: &[AccessKey]) -> String {
    let owners: Vec<_> = keys
        .iter()
        .map(|key| text::line(key.owner.as_str()))
        .collect();
    let widths = owners.iter().map(|owner| owner.chars().count());
    let width = widths.max().unwrap_or_default().max("OWNER".len());
    let row = |columns: [&str; 6]| {
        let [owner, runs, parallel, dollars, created, revoked] = columns;
        format!(
            "{owner:<width$}  {runs:>11}  {parallel:>7}  {dollars:>14}  {created:<24}  {revoked}\n"
        )
    };
    let number = |limit: Option<u32>| limit.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let mut out = row([
        "OWNER",
        "RUNS/MINUTE",
        "AT ONCE",
        "COST/DAY",
        "CREATED",
        "REVOKED",
    ]);
    for (key, owner) in keys.iter().zip(&owners) {
        let limits = &key.limits;
        let per_day = limits.per_day.map(|cost| text::dollars(cost.usd()));
        let revoked = key.revoked_at_ms.map(rfc3339);
        out.push_str(&row([
            owner,
            &number(limits.runs_per_minute),
            &number(limits.parallel),
            per_day.as_deref().unwrap_or("-"),
            &rfc3339(key.created_at_ms),
            revoked.as_deref().unwrap_or("-"),
        ]));
    }
    out
}

#[cfg(test)]
mod tests {
    use run::Owner;
    use store::{KeyHash, Limits};

    use super::*;

    fn keys() -> [AccessKey; 2] {
        let key = |owner: &str, limits| {
            let hash = KeyHash::of(owner.as_bytes());
            AccessKey::new(Owner::new(owner), hash, limits, 1_700_000_000_000)
        };
        let limits = Limits {
            runs_per_minute: Some(10),
            parallel: Some(3),
            per_day: Some(Cost {
                nano_usd: 100_000_000_000_000,
            }),
        };
        let mut revoked = key("\u{1b}[31mred", Limits::default());
        revoked.revoked_at_ms = Some(1_700_000_001_000);
        [key("alice", limits), revoked]
    }

    #[test]
    fn a_table_has_a_row_for_each_key_and_nothing_that_a_terminal_obeys() {
        let expected = "\
OWNER          RUNS/MINUTE  AT ONCE        COST/DAY  CREATED                   REVOKED
alice                   10        3         $100000  2023-11-14T22:13:20.000Z  -
\\u{1b}[31mred            -        -               -  2023-11-14T22:13:20.000Z  2023-11-14T22:13:21.000Z
";
        assert_eq!(table(&keys()), expected);
    }

    #[test]
    fn an_object_names_limits_as_the_interface_does_and_no_hash() {
        let [alice, revoked] = keys();
        let expected = json!({
            "owner": "alice",
            "limits": {"runs_per_minute": 10, "parallel": 3, "usd_per_day": 100_000.0},
            "created_at": "2023-11-14T22:13:20.000Z",
            "revoked_at": null,
        });
        assert_eq!(object(&alice), expected);
        let none = json!({"runs_per_minute": null, "parallel": null, "usd_per_day": null});
        assert_eq!(object(&revoked)["limits"], none);
        assert_eq!(object(&revoked)["revoked_at"], "2023-11-14T22:13:21.000Z");
    }
}
