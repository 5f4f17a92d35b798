//! Deletions: everything of a run and nothing of another, in whatever state the last one broke off.

use run::{Call, CallId, Seq, Status, Summary};
use serde_json::json;
use store::{
    Appended, Consistency, HeadStatus, ITEM_BYTES, IdempotencyKey, Maker, Started, Store, Watcher,
};
use tests::fault_proxy::{Fate, FaultyTable, Refusal};
use tests::table::NAME;

use crate::kit::{
    KEPT, NOW, Stand, day_key, ending, event, first_events, new_run, owner, request, run_id, start,
};

/// A run that has ended, with a key, a long log, files and a watcher.
async fn ended(stand: &Stand, number: u64) {
    let start = start(number, "How many?");
    let key = IdempotencyKey::new(&number.to_string(), &request("How many?")).unwrap();
    let started = stand
        .store
        .start(new_run(&start, Some(&key)), &first_events(&start))
        .await;
    let Started::New { token, .. } = started.unwrap() else {
        panic!("it is there already");
    };
    // More than a page of the table's answers.
    let events = vec![event(ITEM_BYTES * 2 / 3); 8];
    stand.append(&token, Seq(3), &events).await;
    let call_id = CallId::Tool { round: 1, index: 1 };
    let maker = Maker(Call {
        call_id,
        attempt: 1,
    });
    let data = vec![7; 400 * 1024];
    for name in ["a.bin", "b.bin"] {
        let named = (name, "application/octet-stream");
        let file = stand
            .store
            .put_artifact(start.run_id, maker, named, &data, (NOW, None));
        file.await.unwrap();
    }
    let place = stand
        .store
        .take_place(start.run_id, Watcher::Named("tab"), NOW + 60_000, NOW)
        .await
        .unwrap();
    assert!(place.is_some());
    assert!(stand.finish(&token, Status::Completed).await);
}

#[tokio::test]
async fn everything_of_a_run_is_deleted_and_nothing_of_another() {
    let stand = Stand::new().await;
    ended(&stand, 1).await;
    let of_the_first = stand.keys().await;
    ended(&stand, 2).await;
    let head = stand.store.head(run_id(2), NOW).await.unwrap().unwrap();
    assert!(stand.store.delete(&head).await.unwrap());
    assert_eq!(stand.keys().await, of_the_first);
    assert_eq!(stand.store.head(run_id(2), NOW).await.unwrap(), None);
    let left = stand.store.history(&owner(), None, 10, NOW).await.unwrap();
    assert_eq!(
        left.runs.iter().map(|run| run.run_id).collect::<Vec<_>>(),
        [run_id(1)]
    );
    // Deleting what is gone deletes nothing more.
    assert!(stand.store.delete(&head).await.unwrap());
    assert_eq!(stand.keys().await, of_the_first);
}

#[tokio::test]
async fn a_run_that_goes_on_is_not_deleted() {
    let stand = Stand::new().await;
    let token = stand.start(&start(1, "How many?")).await;
    let before = stand.table.items().await;
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert!(!stand.store.delete(&head).await.unwrap());
    assert_eq!(stand.table.items().await, before);
    assert!(
        stand
            .store
            .release(&token, HeadStatus::Suspended)
            .await
            .unwrap()
    );
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert!(!stand.store.delete(&head).await.unwrap());
    assert_eq!(stand.keys().await.len(), 2);
}

#[tokio::test]
async fn a_deletion_that_broke_off_is_found_by_its_owner_alone_and_taken_up_again() {
    let stand = Stand::new().await;
    ended(&stand, 1).await;
    // As far as its first step goes: the head is marked, and the log's beginning gone.
    let items = stand.table.items().await;
    let mut marked = items
        .iter()
        .find(|item| item["SK"] == "HEAD")
        .unwrap()
        .clone();
    let owner_of_it = marked.remove("owner").unwrap();
    marked.insert("deleted_owner".to_owned(), owner_of_it);
    marked.insert("status".to_owned(), json!("deleting"));
    stand.table.put(&marked).await;
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert_eq!((&head.owner, head.status), (&owner(), HeadStatus::Deleting));
    assert_eq!(
        stand
            .store
            .history(&owner(), None, 10, NOW)
            .await
            .unwrap()
            .runs,
        []
    );
    assert!(stand.store.delete(&head).await.unwrap());
    assert_eq!(stand.keys().await, [day_key()]);
}

#[tokio::test]
async fn from_the_first_step_of_a_deletion_on_nobody_finds_the_run() {
    let table = FaultyTable::start().await;
    let store = Store::new(table.client(), NAME, KEPT);
    let start = start(1, "How many?");
    let started = store
        .start(new_run(&start, None), &first_events(&start))
        .await;
    let Ok(Started::New { token, .. }) = started else {
        panic!("{started:?}");
    };
    // A batch of its own, which the first step leaves there.
    let more = store.append(&token, Seq(3), &[event(100)], NOW).await;
    assert_eq!(more.unwrap(), Appended::Stored { count: 1 });
    let (ann, summary) = (owner(), Summary::default());
    let end = ending(&token, &ann, Status::Completed, &summary);
    assert!(store.finish(&token, end).await.unwrap());
    let head = store.head(run_id(1), NOW).await.unwrap().unwrap();
    table.judge(|asked| {
        if asked.name != "BatchWriteItem" {
            return Fate::Pass;
        }
        let body = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "no",
        });
        Fate::Refuse(Refusal { status: 400, body })
    });
    store.delete(&head).await.unwrap_err();
    let head = store.head(run_id(1), NOW).await.unwrap().unwrap();
    assert_eq!(head.status, HeadStatus::Deleting);
    let listed = store.history(&owner(), None, 10, NOW).await.unwrap();
    assert_eq!(listed.runs, []);
    let log = store.read(run_id(1), Seq(1), Consistency::Strong, NOW);
    assert_eq!(log.await.unwrap().events, [], "its beginning is gone");
    table.heal();
    assert!(store.delete(&head).await.unwrap());
    assert_eq!(store.head(run_id(1), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn the_record_of_a_key_that_has_started_another_run_since_stays() {
    let stand = Stand::new().await;
    ended(&stand, 1).await;
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    let items = stand.table.items().await;
    let mut record = items
        .iter()
        .find(|item| item["SK"] == "IDEM")
        .unwrap()
        .clone();
    record.insert("run_id".to_owned(), json!(run_id(2).to_string()));
    stand.table.put(&record).await;
    assert!(stand.store.delete(&head).await.unwrap());
    let mut left = stand.table.items().await;
    left.retain(|item| item["PK"] != day_key().0);
    assert_eq!(left, [record]);
    let log = stand
        .store
        .read(run_id(1), Seq(1), Consistency::Strong, NOW)
        .await
        .unwrap();
    assert_eq!(log.events, []);
}

#[tokio::test]
async fn two_deletions_at_once_leave_nothing() {
    let stand = Stand::new().await;
    ended(&stand, 1).await;
    let head = stand.store.head(run_id(1), NOW).await.unwrap().unwrap();
    let both = tokio::join!(stand.store.delete(&head), stand.store.delete(&head));
    assert!(both.0.unwrap() && both.1.unwrap());
    assert_eq!(stand.keys().await, [day_key()]);
}
