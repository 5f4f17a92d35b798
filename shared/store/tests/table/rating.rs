//! Ratings: the last one of a run counts, once, in the list and on the run's day.

use futures_util::future::join_all;
use run::{Owner, Status};
use store::{Head, Rated, Rating, Store};
use tests::fault_proxy::{Fate, FaultyTable};
use tests::gate::Gate;
use tests::table::NAME;

use crate::kit::{KEPT, NOW, Stand, day_key, ending, first_events, new_run, owner, run_id, start};

fn rated(rating: Rating, comment: Option<&str>) -> Rated {
    Rated {
        rating,
        comment: comment.map(str::to_owned),
    }
}

async fn head(store: &Store, number: u64) -> Head {
    store.head(run_id(number), NOW).await.unwrap().unwrap()
}

/// Runs rated good and bad, as their day tells it.
async fn counted(store: &Store) -> (u64, u64) {
    let days = store.days(&owner(), 400, NOW).await.unwrap();
    days.first().map_or((0, 0), |day| (day.good, day.bad))
}

async fn listed(store: &Store) -> Vec<Option<Rating>> {
    let page = store.history(&owner(), None, 10, NOW).await.unwrap();
    page.runs.iter().map(|run| run.rating).collect()
}

async fn ended(stand: &Stand, number: u64) -> Head {
    let token = stand.start(&start(number, "How many?")).await;
    assert!(stand.finish(&token, Status::Completed).await);
    head(&stand.store, number).await
}

#[tokio::test]
async fn the_last_rating_of_a_run_counts() {
    use Rating::{Bad, Good};
    let stand = Stand::new().await;
    let store = &stand.store;
    let (first, second) = (ended(&stand, 1).await, ended(&stand, 2).await);
    assert_eq!(listed(store).await, [None, None]);
    let long = "é".repeat(2000);
    for (run, rating, comment, counts, list) in [
        (&first, Good, None, (1, 0), [None, Some(Good)]),
        (&first, Good, Some("yes"), (1, 0), [None, Some(Good)]),
        (&first, Bad, Some("no\n#\u{1b}"), (0, 1), [None, Some(Bad)]),
        (&second, Bad, None, (0, 2), [Some(Bad), Some(Bad)]),
        (&first, Good, Some(&*long), (1, 1), [Some(Bad), Some(Good)]),
        (&first, Good, None, (1, 1), [Some(Bad), Some(Good)]),
    ] {
        let rated = rated(rating, comment);
        assert!(store.rate(run, &rated, NOW).await.unwrap());
        assert_eq!(counted(store).await, counts);
        assert_eq!(listed(store).await, list);
        let stored = store.rating(&owner(), run.run_id, NOW).await.unwrap();
        assert_eq!(stored, Some(rated));
    }
    let foreign = store.rating(&Owner::new("bob"), run_id(1), NOW).await;
    assert_eq!(foreign.unwrap(), None);
    // The page of the list tells its own runs' ratings, whichever page that is.
    let page = store
        .history(&owner(), Some(run_id(2)), 1, NOW)
        .await
        .unwrap();
    assert_eq!(page.runs[0].rating, Some(Good));
}

#[tokio::test]
async fn ratings_that_come_at_once_are_one() {
    let stand = Stand::new().await;
    let run = ended(&stand, 1).await;
    let ratings: Vec<_> = (0..12)
        .map(|place| rated([Rating::Good, Rating::Bad][place % 2], None))
        .collect();
    let stored = join_all(ratings.iter().map(|it| stand.store.rate(&run, it, NOW))).await;
    assert!(stored.into_iter().all(|it| it.unwrap()));
    let last = stand.store.rating(&owner(), run_id(1), NOW).await.unwrap();
    let expected = match last.unwrap().rating {
        Rating::Good => (1, 0),
        Rating::Bad => (0, 1),
    };
    assert_eq!(counted(&stand.store).await, expected);
}

/// A table behind a proxy, with a run that has ended.
async fn faulty() -> (FaultyTable, Store) {
    let table = FaultyTable::start().await;
    let store = Store::new(table.client(), NAME, KEPT);
    let start = start(1, "How many?");
    let events = first_events(&start);
    let started = store.start(new_run(&start, None), &events).await;
    let store::Started::New { token, .. } = started.unwrap() else {
        panic!("it is there already");
    };
    let (owner, summary) = (owner(), run::Summary::default());
    let ending = ending(&token, &owner, Status::Completed, &summary);
    assert!(store.finish(&token, ending).await.unwrap());
    (table, store)
}

#[tokio::test]
async fn a_rating_that_another_one_overtakes_on_its_way_is_the_last() {
    let (table, store) = faulty().await;
    let gate = Gate::shut();
    let mut held = Some(gate.clone());
    table.judge(move |asked| {
        let is_rating = asked.name == "TransactWriteItems";
        let held = is_rating.then(|| held.take()).flatten();
        held.map_or(Fate::Pass, Fate::HoldRequest)
    });
    let run = head(&store, 1).await;
    let (good, bad) = (rated(Rating::Good, None), rated(Rating::Bad, None));
    let overtaking = async {
        gate.reached().await;
        let stored = store.rate(&run, &bad, NOW).await;
        gate.open();
        stored
    };
    let (first, second) = tokio::join!(store.rate(&run, &good, NOW), overtaking);
    assert!(first.unwrap() && second.unwrap());
    let last = store.rating(&owner(), run_id(1), NOW).await.unwrap();
    assert_eq!(last, Some(good));
    assert_eq!(counted(&store).await, (1, 0));
}

#[tokio::test]
async fn a_rating_whose_answer_is_lost_counts_once() {
    let (table, store) = faulty().await;
    let mut tries = 0;
    table.judge(move |asked| {
        if asked.name != "TransactWriteItems" {
            return Fate::Pass;
        }
        tries += 1;
        match tries % 3 {
            1 => Fate::LoseResponse,
            2 => Fate::LoseRequest,
            _ => Fate::Pass,
        }
    });
    for (rating, counts) in [
        (Rating::Good, (1, 0)),
        (Rating::Bad, (0, 1)),
        (Rating::Bad, (0, 1)),
        (Rating::Good, (1, 0)),
    ] {
        let head = head(&store, 1).await;
        assert!(store.rate(&head, &rated(rating, None), NOW).await.unwrap());
        assert_eq!(counted(&store).await, counts);
    }
}

#[tokio::test]
async fn a_run_that_goes_on_or_is_gone_is_not_rated() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let good = rated(Rating::Good, Some("yes"));
    let token = stand.start(&start(1, "How many?")).await;
    let before = stand.table.items().await;
    let running = head(store, 1).await;
    assert!(!store.rate(&running, &good, NOW).await.unwrap());
    assert_eq!(stand.table.items().await, before);
    assert!(stand.finish(&token, Status::Completed).await);
    let ended = head(store, 1).await;
    assert!(store.rate(&ended, &good, NOW).await.unwrap());
    assert!(store.delete(&ended).await.unwrap());
    assert_eq!(stand.keys().await, [day_key()]);
    assert_eq!(counted(store).await, (1, 0));
    assert!(!store.rate(&ended, &good, NOW).await.unwrap());
    assert_eq!(stand.keys().await, [day_key()]);
    assert_eq!(counted(store).await, (1, 0));
}

#[tokio::test]
async fn a_rating_goes_with_its_run_however_long_runs_are_kept_by_then() {
    let stand = Stand::new().await;
    let run = ended(&stand, 1).await;
    for keep in [1, 3600] {
        let keep = std::time::Duration::from_secs(keep);
        let store = Store::new(stand.table.client.clone(), NAME, keep);
        let good = rated(Rating::Good, None);
        assert!(store.rate(&run, &good, NOW).await.unwrap());
        let later = NOW + u64::try_from(KEPT.as_millis()).unwrap() - 1000;
        let kept = store.rating(&owner(), run_id(1), later).await.unwrap();
        assert_eq!(kept, Some(good));
        let gone = store.rating(&owner(), run_id(1), later + 2000).await;
        assert_eq!(gone.unwrap(), None);
    }
}
