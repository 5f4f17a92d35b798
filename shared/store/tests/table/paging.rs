//! Answers in pages: DynamoDB ends one where it likes, also before the first item, and says so by the place where it stopped.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use run::Seq;
use serde_json::{Value, json};
use store::{Consistency, MAX_WATCHERS, Store, Watcher, Words};
use tests::loopback::Served;
use tests::table::client_at;

use crate::kit::{NOW, event, owner, run_id};

/// A table that answers queries with these pages, one after the other, and what it was asked.
async fn paged(pages: Vec<Vec<Value>>) -> (Served, Store, Arc<Mutex<Vec<Value>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let answer = async move |body: Bytes| {
        let request: Value = serde_json::from_slice(&body).unwrap();
        let from = request["ExclusiveStartKey"]["SK"]["S"].as_str();
        let page: usize = from.map_or(0, |page| page.parse().unwrap());
        noted.lock().unwrap().push(json!(page));
        let mut answer = json!({"Items": pages[page], "Count": pages[page].len()});
        if page + 1 < pages.len() {
            answer["LastEvaluatedKey"] =
                json!({"PK": {"S": "-"}, "SK": {"S": (page + 1).to_string()}});
        }
        axum::Json(answer)
    };
    let served = Served::start(Router::new().route("/", post(answer))).await;
    let store = Store::new(client_at(&served.address), "paged", Duration::from_hours(1));
    (served, store, asked)
}

fn batch(first: u64, count: usize) -> Value {
    let events = serde_json::to_string(&vec![event(1); count]).unwrap();
    json!({
        "PK": {"S": "-"}, "SK": {"S": format!("EV#{first:012}")}, "events": {"S": events},
        "epoch": {"N": "1"}, "schema": {"N": "1"},
    })
}

fn note(name: &str) -> Value {
    json!({
        "PK": {"S": "-"}, "SK": {"S": format!("ART#000001.0001.0001#{name}")}, "name": {"S": name},
        "media_type": {"S": "text/plain"}, "bytes": {"N": "1"}, "version": {"S": "r1.1-1"},
    })
}

#[tokio::test]
async fn a_log_is_read_over_empty_pages() {
    let pages = vec![
        vec![],
        vec![batch(1, 2), batch(3, 1)],
        vec![],
        vec![],
        vec![batch(4, 1)],
        vec![],
    ];
    let (_served, store, asked) = paged(pages).await;
    let log = store
        .read(run_id(1), Seq(1), Consistency::Strong, NOW)
        .await
        .unwrap();
    let positions: Vec<_> = log.events.iter().map(|(seq, _)| seq.0).collect();
    assert_eq!(positions, [1, 2, 3, 4]);
    assert_eq!(*asked.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn behind_a_gap_no_page_is_read() {
    let pages = vec![vec![batch(1, 2)], vec![batch(4, 1)], vec![batch(5, 1)]];
    let (_served, store, asked) = paged(pages).await;
    let log = store
        .read(run_id(1), Seq(1), Consistency::Strong, NOW)
        .await
        .unwrap();
    assert_eq!(log.events.len(), 2);
    assert_eq!(*asked.lock().unwrap(), [0, 1]);
}

#[tokio::test]
async fn files_and_places_are_found_on_every_page() {
    let pages = vec![vec![note("a")], vec![], vec![note("b"), note("c")]];
    let (_served, store, _) = paged(pages).await;
    let files = store.artifacts(run_id(1), NOW).await.unwrap();
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let place = |slot: usize| {
        json!({
            "PK": {"S": "-"}, "SK": {"S": format!("FOLLOWER#{slot:02}")}, "name": {"S": slot.to_string()}, "writer": {"S": slot.to_string()},
            "turn": {"N": "0"}, "until": {"N": (NOW + 1000).to_string()},
        })
    };
    let (first, second) = (0..MAX_WATCHERS)
        .map(place)
        .partition(|place| place["SK"]["S"] != "FOLLOWER#19");
    let (_served, store, _) = paged(vec![first, vec![], second]).await;
    let taken = store
        .take_place(run_id(1), Watcher::Named("late"), NOW + 1000, NOW)
        .await
        .unwrap();
    assert_eq!(taken, None, "the last place is on the last page");
}

/// A table with so many runs of one owner, of which every hundredth is about Tokyo.
async fn with_runs(count: u64) -> (Served, Store) {
    let answer = async move |body: Bytes| {
        let request: Value = serde_json::from_slice(&body).unwrap();
        let limit = usize::try_from(request["Limit"].as_u64().unwrap_or(0)).unwrap();
        let from = request["ExclusiveStartKey"]["created_at"]["N"].as_str();
        let end = from.map_or(count + 1, |at| at.parse::<u64>().unwrap() - NOW);
        let head = |number: u64| {
            let title = if number.is_multiple_of(100) {
                "Tokyo"
            } else {
                "Kyoto"
            };
            json!({
                "PK": {"S": format!("RUN#{}", run_id(number))}, "SK": {"S": "HEAD"}, "title": {"S": title},
                "status": {"S": "running"}, "created_at": {"N": (NOW + number).to_string()},
            })
        };
        let is_of_runs = request["IndexName"] == "history";
        let runs = (1..end).rev().filter(|_| is_of_runs);
        let items: Vec<_> = runs.take(limit).map(head).collect();
        axum::Json(json!({"Items": items, "Count": items.len()}))
    };
    let served = Served::start(Router::new().route("/", post(answer))).await;
    let store = Store::new(client_at(&served.address), "long", Duration::from_hours(1));
    (served, store)
}

#[tokio::test]
async fn a_search_looks_at_two_thousand_runs_at_once_and_its_pages_have_each_run_once() {
    let (_served, store) = with_runs(2350).await;
    let (owner, words) = (owner(), Words::of("tokyo").unwrap());
    let all: Vec<_> = (1..=23)
        .rev()
        .map(|hundred| run_id(100 * hundred))
        .collect();
    for limit in [3, 7, 20, 50] {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = store.search(&owner, &words, after, limit, NOW);
            let page = page.await.unwrap();
            pages.push(page.runs.iter().map(|run| run.run_id).collect::<Vec<_>>());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        // Those that the first two thousand have.
        let at_most = 20.min(limit as usize);
        assert!(pages.iter().all(|page| page.len() <= at_most));
        assert_eq!(pages[0].len(), at_most);
        assert_eq!(pages.concat(), all, "{limit} a page");
    }
}
