//! An owner's runs, page by page.

use run::{Cost, Owner, RunId, Status};
use serde_json::json;
use store::HeadStatus;

use crate::kit::{KEPT, NOW, Stand, owner, run_id, start};

#[tokio::test]
async fn every_way_through_the_pages_tells_each_run_once_newest_first() {
    let stand = Stand::new().await;
    for number in 1..=7 {
        stand.start(&start(number, "How many?")).await;
    }
    let mut foreign = start(8, "How many?");
    foreign.owner = Owner::unnamed();
    stand.start(&foreign).await;
    let all: Vec<RunId> = (1..=7).rev().map(run_id).collect();
    for limit in 1..=9 {
        let (mut told, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = stand
                .store
                .history(&owner(), after, limit, NOW)
                .await
                .unwrap();
            assert!(page.runs.len() <= limit as usize);
            told.extend(page.runs.iter().map(|run| run.run_id));
            pages += 1;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(told, all, "{limit} a page");
        // A page that is the last one says so, also where it is full.
        assert_eq!(pages, 7_usize.div_ceil(limit as usize), "{limit} a page");
    }
    let nobody = stand
        .store
        .history(&Owner::new("bob"), None, 5, NOW)
        .await
        .unwrap();
    assert_eq!((nobody.runs, nobody.next), (Vec::new(), None));
}

#[tokio::test]
async fn a_run_is_listed_with_what_it_took_once_it_has_ended() {
    let stand = Stand::new().await;
    let one = async || {
        stand
            .store
            .history(&owner(), None, 5, NOW)
            .await
            .unwrap()
            .runs
            .remove(0)
    };
    let statuses = [
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
        Status::OutOfRounds,
    ];
    for (number, status) in (1..).zip(statuses) {
        let token = stand.start(&start(number, "How many?")).await;
        let running = one().await;
        assert_eq!(
            (running.status, running.duration_ms, running.cost),
            (HeadStatus::Running, None, None)
        );
        assert_eq!(running.created_at_ms, NOW + number);
        assert!(stand.finish(&token, status).await);
        let ended = one().await;
        assert_eq!(ended.status, HeadStatus::Ended(status));
        assert_eq!(
            (ended.duration_ms, ended.cost),
            (Some(7), Some(Cost { nano_usd: 9 }))
        );
    }
}

#[tokio::test]
async fn what_expired_and_what_a_newer_version_wrote_hides_no_other_run() {
    let stand = Stand::new().await;
    for number in 1..=4 {
        stand.start(&start(number, "How many?")).await;
    }
    for mut item in stand.table.items().await {
        if item["SK"] != "HEAD" {
            continue;
        }
        if item["PK"] == json!(format!("RUN#{}", run_id(2))) {
            item.insert("status".to_owned(), json!("resting"));
        }
        if item["PK"] == json!(format!("RUN#{}", run_id(3))) {
            item.insert("expires_at".to_owned(), json!(NOW / 1000));
        }
        stand.table.put(&item).await;
    }
    let page = stand.store.history(&owner(), None, 4, NOW).await.unwrap();
    let told: Vec<_> = page.runs.iter().map(|run| run.run_id).collect();
    assert_eq!((told, page.next), (vec![run_id(4), run_id(1)], None));
    let later = NOW + u64::try_from(KEPT.as_millis()).unwrap() + 5000;
    let page = stand.store.history(&owner(), None, 4, later).await.unwrap();
    assert_eq!(page.runs, []);
}
