//! What an owner does with the list of runs: other titles, pins, and looking for words.

use proptest::prelude::*;
use run::{Owner, RunId, Status};
use store::{HeadStatus, Listed, Words};

use crate::kit::{KEPT, NOW, Stand, owner, run_id, start};

async fn listed(stand: &Stand, number: u64) -> Option<Listed> {
    let listed = stand.store.listed(&owner(), run_id(number), NOW).await;
    listed.unwrap()
}

async fn pin(stand: &Stand, number: u64, pinned: bool) -> bool {
    let head = stand.store.head(run_id(number), NOW).await.unwrap();
    stand.store.pin(&head.unwrap(), pinned, NOW).await.unwrap()
}

async fn pinned(stand: &Stand, after: Option<RunId>, limit: u32) -> (Vec<RunId>, Option<RunId>) {
    let page = stand.store.pinned(&owner(), after, limit, NOW).await;
    let page = page.unwrap();
    assert!(page.runs.iter().all(|run| run.pinned));
    (page.runs.iter().map(|run| run.run_id).collect(), page.next)
}

#[tokio::test]
async fn a_title_is_changed_at_any_time_and_nothing_else_with_it() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    for (given, kept) in [
        ("Crowds", "Crowds".to_owned()),
        (" In\n two\tlines\u{2029}", "In two lines".to_owned()),
        ("Mehr \u{1f600}", "Mehr \u{1f600}".to_owned()),
        (&*"é".repeat(121), format!("{}…", "é".repeat(119))),
    ] {
        let before = listed(&stand, 1).await.unwrap();
        assert!(stand.store.rename(run_id(1), given).await.unwrap());
        let after = listed(&stand, 1).await.unwrap();
        assert_eq!(after.title, kept);
        assert_eq!(
            Listed {
                title: before.title.clone(),
                ..after
            },
            before
        );
        let page = stand.store.history(&owner(), None, 5, NOW).await.unwrap();
        assert_eq!(page.runs[0].title, kept);
    }
    // Its driver has noticed nothing.
    assert!(stand.store.renew(&token, NOW + 1).await.unwrap());
    assert!(stand.finish(&token, Status::Completed).await);
    assert!(stand.store.rename(run_id(1), "Ended").await.unwrap());
    let ended = listed(&stand, 1).await.unwrap();
    assert_eq!(
        (&*ended.title, ended.status),
        ("Ended", HeadStatus::Ended(Status::Completed))
    );
}

#[tokio::test]
async fn a_run_that_is_gone_is_neither_renamed_nor_pinned() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    assert!(stand.finish(&token, Status::Completed).await);
    assert!(pin(&stand, 1, true).await);
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert!(stand.store.delete(&head).await.unwrap());
    let of_the_run = |(partition, sort): &(String, String)| {
        let id = run_id(1).to_string();
        partition.contains(&id) || sort.contains(&id)
    };
    assert_eq!(stand.keys().await.iter().find(|key| of_the_run(key)), None);
    let before = stand.table.items().await;
    assert!(!stand.store.rename(run_id(1), "Crowds").await.unwrap());
    assert!(!stand.store.pin(&head, true, NOW).await.unwrap());
    assert!(stand.store.pin(&head, false, NOW).await.unwrap());
    assert_eq!(stand.table.items().await, before);
    assert_eq!(listed(&stand, 1).await, None);
}

#[tokio::test]
async fn pinned_runs_are_listed_apart_and_known_in_the_list_of_all() {
    let stand = Stand::new().await;
    for number in 1..=7 {
        stand.start(&start(number, "How many?")).await;
    }
    assert_eq!(pinned(&stand, None, 5).await, (Vec::new(), None));
    for number in [2, 7, 4, 2] {
        assert!(pin(&stand, number, true).await);
    }
    let all: Vec<_> = [7, 4, 2].map(run_id).to_vec();
    assert_eq!(pinned(&stand, None, 3).await, (all.clone(), None));
    assert_eq!(
        pinned(&stand, None, 2).await,
        (all[..2].to_vec(), Some(run_id(4)))
    );
    assert_eq!(
        pinned(&stand, Some(run_id(4)), 2).await,
        (vec![run_id(2)], None)
    );
    let page = stand.store.history(&owner(), None, 9, NOW).await.unwrap();
    let marks = |run: &Listed| run.pinned.then_some(run.run_id);
    assert_eq!(page.runs.iter().filter_map(marks).collect::<Vec<_>>(), all);
    assert!(listed(&stand, 4).await.unwrap().pinned);
    assert!(pin(&stand, 4, false).await);
    assert!(pin(&stand, 4, false).await);
    assert!(!listed(&stand, 4).await.unwrap().pinned);
    assert_eq!(
        pinned(&stand, None, 3).await,
        (vec![run_id(7), run_id(2)], None)
    );
    let others = stand.store.pinned(&Owner::new("bob"), None, 3, NOW).await;
    assert_eq!(others.unwrap().runs, []);
    // A pin keeps no run beyond its time.
    let later = NOW + u64::try_from(KEPT.as_millis()).unwrap() + 5000;
    let expired = stand.store.pinned(&owner(), None, 3, later).await;
    assert_eq!(expired.unwrap().runs, []);
}

#[tokio::test]
async fn a_search_goes_on_where_it_stopped_and_finds_each_run_once() {
    let stand = Stand::new().await;
    for number in 1..=30 {
        let query = if number % 3 == 0 {
            "How crowded is Tokyo?"
        } else {
            "What is 6 times 7?"
        };
        stand.start(&start(number, query)).await;
    }
    assert!(pin(&stand, 3, true).await);
    let words = Words::of("TOKYO crowd").unwrap();
    let all: Vec<_> = (1..=30)
        .rev()
        .filter(|it| it % 3 == 0)
        .map(run_id)
        .collect();
    for limit in [1, 3, 9, 10, 11, 100] {
        let (mut told, mut after) = (Vec::new(), None);
        loop {
            let page = stand
                .store
                .search(&owner(), &words, after, limit, NOW)
                .await
                .unwrap();
            assert!(page.runs.len() <= limit as usize);
            told.extend(page.runs.iter().map(|run| run.run_id));
            after = page.next;
            if after.is_none() {
                assert!(page.runs.last().is_none_or(|last| last.pinned));
                break;
            }
        }
        assert_eq!(told, all, "{limit} a page");
    }
    let none = Words::of("kyoto").unwrap();
    let page = stand.store.search(&owner(), &none, None, 5, NOW).await;
    let page = page.unwrap();
    assert_eq!((page.runs, page.next), (Vec::new(), None));
}

proptest! {
    /// Each part of a title finds it, in whatever case it is typed.
    #[test]
    fn a_part_of_a_title_finds_it(title in "\\PC{1,40}", from in 0_usize..40, chars in 1_usize..20) {
        let part: String = title.chars().skip(from).take(chars).collect();
        if let Some(words) = Words::of(&part) {
            prop_assert!(words.are_in(&title));
            prop_assert!(words.are_in(&title.to_lowercase()));
        }
        if let Some(words) = Words::of(&part.to_lowercase()) {
            prop_assert!(words.are_in(&title));
        }
    }
}
