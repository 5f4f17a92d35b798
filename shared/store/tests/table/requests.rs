//! What the real table refuses in a request, and the embedded one takes.

use run::{Seq, Status};
use serde_json::{Map, Value};
use store::{HeadStatus, Rated, Rating, Watcher, Words};
use tests::table::Operation;

use crate::kit::{NOW, Stand, event, owner, run_id, start};

/// The first map of an expression's names or values that has no members.
fn empty_map(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(members) => {
            let maps = ["ExpressionAttributeNames", "ExpressionAttributeValues"];
            let mut maps = maps.iter().filter_map(|name| members.get(*name));
            if maps.any(|map| map.as_object().is_none_or(Map::is_empty)) {
                return Some(value);
            }
            members.values().find_map(empty_map)
        }
        Value::Array(all) => all.iter().find_map(empty_map),
        _ => None,
    }
}

#[tokio::test]
async fn an_expression_without_names_or_values_brings_no_empty_map_of_them() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let token = stand.start(&start(1, "How many?")).await;
    stand.append(&token, Seq(3), &[event(1)]).await;
    assert!(store.renew(&token, NOW + 1).await.unwrap());
    let status = HeadStatus::Suspended;
    assert!(store.release(&token, status).await.unwrap());
    let head = store.head(run_id(1), NOW).await.unwrap().unwrap();
    let token = store.take_over(&head, NOW + 2).await.unwrap().unwrap();
    assert!(stand.finish(&token, Status::Completed).await);
    let head = store.head(run_id(1), NOW).await.unwrap().unwrap();
    let rated = Rated {
        rating: Rating::Good,
        comment: None,
    };
    assert!(store.rename(run_id(1), "Crowds").await.unwrap());
    assert!(store.rate(&head, &rated, NOW).await.unwrap());
    for pinned in [true, false, true] {
        assert!(store.pin(&head, pinned, NOW).await.unwrap());
    }
    let words = Words::of("crowds").unwrap();
    let found = store.search(&owner(), &words, None, 5, NOW).await.unwrap();
    assert_eq!(found.runs.len(), 1);
    assert_eq!(store.abandoned(NOW + 90_000).await.unwrap(), []);
    let place = store
        .take_place(run_id(1), Watcher::Named("w"), NOW + 9, NOW)
        .await;
    store.leave_place(&place.unwrap().unwrap()).await.unwrap();
    assert!(store.delete(&head).await.unwrap());
    let asked = stand.table.until(Operation::is_write).await;
    assert!(asked.len() > 20);
    for operation in &asked {
        assert_eq!(empty_map(&operation.body), None, "{}", operation.name);
    }
}
