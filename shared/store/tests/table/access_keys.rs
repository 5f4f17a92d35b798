//! Access keys, the pause, and share links.

use futures_util::future::join_all;
use run::{Cost, Owner, Status};
use store::{AccessKey, KeyHash, Limits, Pause};

use super::kit::{NOW, Stand, run_id, start};

fn key(owner: &str, secret: &str) -> AccessKey {
    let limits = Limits {
        runs_per_minute: Some(60),
        parallel: None,
        per_day: Some(Cost::of_usd(2.5)),
    };
    AccessKey::new(
        Owner::new(owner),
        KeyHash::of(secret.as_bytes()),
        limits,
        NOW,
    )
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_and_stands_in_the_list_and_nowhere_itself() {
    let stand = Stand::new().await;
    for (owner, secret) in [("bea", "second secret"), ("ann", "first secret")] {
        assert!(stand.store.create_key(&key(owner, secret)).await.unwrap());
        let found = stand
            .store
            .access_key(&KeyHash::of(secret.as_bytes()))
            .await;
        assert_eq!(found.unwrap(), Some(key(owner, secret)));
    }
    let listed = stand.store.access_keys().await.unwrap();
    assert_eq!(
        listed,
        [key("ann", "first secret"), key("bea", "second secret")]
    );
    let unknown = stand.store.access_key(&KeyHash::of(b"third secret")).await;
    assert_eq!(unknown.unwrap(), None);
    let stored = serde_json::to_string(&stand.table.items().await).unwrap();
    assert!(!stored.contains("secret"), "{stored}");
}

#[tokio::test]
async fn a_name_has_one_key_and_a_new_one_after_it_is_revoked() {
    let stand = Stand::new().await;
    let at_once = (0..20).map(|number| {
        let store = stand.store.clone();
        async move {
            store
                .create_key(&key("ann", &number.to_string()))
                .await
                .unwrap()
        }
    });
    let created = join_all(at_once).await;
    assert_eq!(created.iter().filter(|is_created| **is_created).count(), 1);
    let revoked = stand.store.revoke_key(&Owner::new("ann"), NOW + 5).await;
    assert_eq!(revoked.unwrap().unwrap().revoked_at_ms, Some(NOW + 5));
    let again = stand.store.revoke_key(&Owner::new("ann"), NOW + 6).await;
    assert_eq!(again.unwrap(), None);
    assert!(stand.store.create_key(&key("ann", "new")).await.unwrap());
    let old = created.iter().position(|is_created| *is_created).unwrap();
    let old = KeyHash::of(old.to_string().as_bytes());
    let old = stand.store.access_key(&old).await.unwrap().unwrap();
    assert_eq!(old.revoked_at_ms, Some(NOW + 5));
    assert_eq!(
        stand.store.access_keys().await.unwrap(),
        [key("ann", "new")]
    );
}

#[tokio::test]
async fn limits_of_a_key_change_wherever_it_stands() {
    let stand = Stand::new().await;
    assert!(stand.store.create_key(&key("ann", "secret")).await.unwrap());
    let change = |limits: &mut Limits| limits.parallel = Some(3);
    let changed = stand.store.set_limits(&Owner::new("ann"), change).await;
    let changed = changed.unwrap().unwrap();
    assert_eq!(
        (changed.limits.parallel, changed.limits.runs_per_minute),
        (Some(3), Some(60))
    );
    let found = stand
        .store
        .access_key(&KeyHash::of(b"secret"))
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&changed));
    assert_eq!(stand.store.access_keys().await.unwrap(), [changed]);
    let nobody = stand.store.set_limits(&Owner::new("bea"), change).await;
    assert_eq!(nobody.unwrap(), None);
}

#[tokio::test]
async fn changes_at_once_all_count_and_bring_no_revoked_key_back() {
    let stand = Stand::new().await;
    let owner = Owner::new("ann");
    assert!(stand.store.create_key(&key("ann", "old")).await.unwrap());
    let more = |limits: &mut Limits| limits.parallel = Some(limits.parallel.unwrap_or(0) + 1);
    let changes = (0..20).map(|_| stand.store.set_limits(&owner, more));
    let (changed, revoked) = tokio::join!(join_all(changes), stand.store.revoke_key(&owner, NOW));
    let revoked = revoked.unwrap().unwrap();
    let counted = changed
        .iter()
        .filter(|it| it.as_ref().unwrap().is_some())
        .count();
    assert_eq!(revoked.limits.parallel.unwrap_or(0) as usize, counted);
    let found = stand.store.access_key(&KeyHash::of(b"old")).await.unwrap();
    assert_eq!(found, Some(revoked));
}

#[tokio::test]
async fn a_pause_lasts_until_it_is_ended() {
    let stand = Stand::new().await;
    assert_eq!(stand.store.paused().await.unwrap(), None);
    for reason in ["", "The bill."] {
        let pause = Pause {
            since_ms: NOW,
            reason: reason.to_owned(),
        };
        stand.store.pause(&pause).await.unwrap();
        assert_eq!(stand.store.paused().await.unwrap(), Some(pause));
    }
    for _ in 0..2 {
        stand.store.resume().await.unwrap();
        assert_eq!(stand.store.paused().await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_run_has_one_share_link_until_it_is_ended() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    let shared = stand.store.share(run_id(1)).await.unwrap().unwrap();
    assert_eq!(shared.expose().len(), 40);
    let again = stand.store.share(run_id(1)).await.unwrap().unwrap();
    assert!(again.is(shared.expose()));
    assert!(stand.finish(&token, Status::Completed).await);
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert!(
        head.share.unwrap().is(shared.expose()),
        "it stays with the end of the run"
    );
    assert!(!shared.is("") && !shared.is(&shared.expose()[1..]));
    assert!(!format!("{shared:?}").contains(shared.expose()));
    assert!(stand.store.unshare(run_id(1)).await.unwrap());
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert_eq!(head.share, None);
    let other = stand.store.share(run_id(1)).await.unwrap().unwrap();
    assert!(!other.is(shared.expose()));
    assert_eq!(stand.store.share(run_id(2)).await.unwrap(), None);
    assert!(!stand.store.unshare(run_id(2)).await.unwrap());
}
