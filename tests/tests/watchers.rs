//! Watchers that have gone: what holds a function's concurrency where nobody tells it so, and how long.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use drive::Services;
use futures_util::future::try_join_all;
use reqwest::{Method, RequestBuilder, StatusCode};
use run::RunId;
use serde_json::{Value, json};
use store::{Store, WatchPlace, Watcher};
use tests::client::send;
use tests::gate::Gate;
use tests::laws;
use tests::model_server::ModelServer;
use tests::reserved::Function;
use tests::script::{finish, gate, sse, text, usage};
use tests::stack::Setup;
use tests::stream::{Events, Frame};
use tests::table::{Item, NAME, Table};

/// Reserved for the orchestrator unless an operator says otherwise.
const RESERVED: usize = 20;
const WATCHERS: usize = 20;
/// The most processes that reloads without a pause keep busy: the driver's, eight streams of the page, and those for a moment
/// that refuse it or have just given their place back.
const STORM: usize = 1 + 8 + 3;

struct Stand {
    models: ModelServer,
    table: Table,
    function: Function,
    /// The model says the second half of its answer when this is opened.
    half: Gate,
    /// Of the process that was asked, which drives the run.
    asked: Arc<Services>,
}

/// A function in which a run waits in the middle of its answer.
async fn stand(reserved: usize, with: impl Fn(Setup) -> Setup) -> (Stand, Events, Vec<Frame>) {
    let models = ModelServer::start().await;
    let table = Table::start().await;
    let half = Gate::shut();
    models.orchestrator([sse([
        text("It is "),
        gate(&half),
        text("seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let process = |_| with(Setup::with_models(&models)).process(&table);
    let (processes, services): (Vec<_>, Vec<_>) = (0..reserved).map(process).unzip();
    let function = Function::start(processes).await;
    let mut asker = function.client.start(&json!({"query": "How many?"})).await;
    let seen = asker.until(|frame| frame.event() == "delta").await;
    let stand = Stand {
        models,
        table,
        function,
        half,
        asked: services.into_iter().next().unwrap(),
    };
    (stand, asker, seen)
}

impl Stand {
    fn follow(&self, run_id: &str, after: u64) -> RequestBuilder {
        let path = format!("/api/runs/{run_id}/events?after={after}");
        self.function.client.request(Method::GET, &path)
    }

    /// Places that are held in the table.
    async fn places(&self) -> usize {
        let items = self.table.items().await;
        let held = |item: &&Item| item["SK"].as_str().unwrap().starts_with("FOLLOWER#");
        items.iter().filter(held).count()
    }

    /// A page that is loaded: it asks again where it is put off, as soon as a stream has ended.
    async fn load(&self, run_id: &str, watcher: &str) -> Events {
        loop {
            let ended = self.function.concurrency().ended.len();
            let request = self.follow(run_id, 0).header("x-watcher", watcher);
            let response = send(request).await;
            if response.status() == 200 {
                return Events::of(run_id, response);
            }
            let refused: Value = response.json().await.unwrap();
            assert_eq!(refused["error"]["code"], "rate_limited", "{refused}");
            self.function.until(|it| it.ended.len() > ended).await;
        }
    }
}

/// The last frame of a stream that ends while its run goes on; the others before it.
fn asked_to_come_again(frames: &[Frame]) -> &[Frame] {
    let (last, before) = frames.split_last().unwrap();
    assert_eq!(
        (last.id, last.event(), &last.data["resume_after_ms"]),
        (None, "suspended", &json!(0)),
    );
    before
}

fn last_id(frames: &[Frame]) -> u64 {
    frames.iter().filter_map(|frame| frame.id).max().unwrap()
}

#[tokio::test]
async fn twenty_reloads_of_a_page_leave_most_of_the_function_free_and_soon_hold_one_stream() {
    let (stand, asker, seen) = stand(RESERVED, |setup| setup).await;
    let mut pages = Vec::new();
    for _ in 0..20 {
        let mut page = stand.load(&asker.run_id, "tab-1").await;
        let shown = page.until(|frame| frame.event() == "delta").await;
        // The person reloads: the page is gone, and nobody tells the process that sends to it.
        pages.push((page, shown));
        if pages.len() > 1 {
            pages.remove(0);
        }
    }
    let storm = stand.function.concurrency();
    assert_eq!(storm.throttled, 0);
    assert!(storm.peak <= STORM, "{} of {RESERVED} busy", storm.peak);
    // One drives the run, one shows it to the page that is left.
    let rest = stand.function.until(|it| it.busy == 2).await;
    assert_eq!(rest.ended.len(), 19);
    for frames in &rest.ended {
        assert_eq!(frames[0].event(), "start");
        asked_to_come_again(frames);
    }
    stand.half.open();
    let told = asker.told_after(seen).await;
    let (page, shown) = pages.pop().unwrap();
    assert_eq!(page.told_after(shown).await.stored(), told.stored());
    stand.models.assert_spent();
}

#[tokio::test]
async fn the_twenty_first_watcher_is_refused_whichever_process_it_comes_to() {
    let (stand, asker, seen) = stand(RESERVED + 10, |setup| setup).await;
    let mut watchers = Vec::new();
    for _ in 0..WATCHERS {
        let mut watcher = stand.function.client.events(&asker.run_id, 0).await;
        let shown = watcher.until(|frame| frame.event() == "delta").await;
        watchers.push((watcher, shown));
    }
    let refused = send(stand.follow(&asker.run_id, 0)).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limited");
    stand.half.open();
    let told = asker.told_after(seen).await;
    for (watcher, shown) in watchers {
        assert_eq!(watcher.told_after(shown).await.stored(), told.stored());
    }
    // A run that is over is told to whoever asks, and holds nobody's place.
    let late = stand.function.client.events(&told.run_id, 0).await;
    assert_eq!(late.rest().await, told.stored());
    assert_eq!(stand.places().await, 0);
}

#[tokio::test]
async fn watchers_that_have_gone_give_their_places_back_when_their_time_is_over() {
    let (stand, asker, seen) =
        stand(RESERVED + 10, |it| it.watch(Duration::from_millis(700))).await;
    for _ in 0..WATCHERS {
        let mut watcher = stand.function.client.events(&asker.run_id, 0).await;
        watcher.until(|frame| frame.event() == "start").await;
    }
    let rest = stand.function.until(|it| it.busy == 1).await;
    assert_eq!((rest.ended.len(), rest.throttled), (WATCHERS, 0));
    assert_eq!(stand.places().await, 0);
    // Whoever comes again, as asked, misses nothing and is told nothing twice.
    let mut joined = asked_to_come_again(&rest.ended[0]).to_vec();
    stand.half.open();
    while joined.last().unwrap().event() != "complete" {
        let client = &stand.function.client;
        let next = client.events(&asker.run_id, last_id(&joined)).await;
        joined.extend(next.rest().await);
    }
    laws::check(&joined);
    let told = asker.told_after(seen).await;
    let stored: Vec<Frame> = joined.into_iter().filter(Frame::is_stored).collect();
    assert_eq!(stored, told.stored());
}

#[tokio::test]
async fn two_tabs_of_one_name_part_and_a_watcher_of_another_name_is_left_alone() {
    let (stand, asker, _seen) = stand(RESERVED, |setup| setup).await;
    let mut other = stand.load(&asker.run_id, "other").await;
    let first = stand.load(&asker.run_id, "same").await;
    let mut second = stand.load(&asker.run_id, "same").await;
    asked_to_come_again(&first.rest().await);
    // The tab that was passed by comes again under a name of its own, as the page does.
    let mut first = stand.load(&asker.run_id, "of-its-own").await;
    stand.half.open();
    for stream in [&mut other, &mut first, &mut second] {
        stream.until(|frame| frame.event() == "complete").await;
    }
    assert_eq!(stand.function.concurrency().throttled, 0);
}

#[tokio::test]
async fn a_watcher_that_has_taken_the_run_over_drives_it_beyond_its_time() {
    let watch = Duration::from_millis(700);
    let (stand, asker, _seen) = stand(RESERVED, |it| it.watch(watch)).await;
    let run_id = asker.run_id.clone();
    stand.models.orchestrator([sse([
        text("It is "),
        gate(&stand.half),
        text("eight."),
        finish("stop"),
        usage(10, 5),
    ])]);
    stand.asked.stop().await;
    let mut driving = stand.load(&run_id, "driving").await;
    let mut shown = driving.until(|frame| frame.event() == "resumed").await;
    shown.extend(driving.until(|frame| frame.event() == "delta").await);
    // The same page, reloaded, and somebody else: both are asked to come again while the run goes on.
    let reloaded = stand.load(&run_id, "driving").await;
    asked_to_come_again(&reloaded.rest().await);
    let watching = stand.function.client.events(&run_id, 0).await;
    asked_to_come_again(&watching.rest().await);
    stand.half.open();
    let told = driving.told_after(shown).await;
    assert_eq!(told.summary()["status"], "completed");
    assert_eq!(told.summary()["resumed"], 1);
}

#[tokio::test]
async fn a_name_that_could_be_anything_is_refused() {
    let (stand, asker, _seen) = stand(3, |setup| setup).await;
    for name in ["", " ", "a b", "a#b", &"a".repeat(65), "ä"] {
        let request = stand.follow(&asker.run_id, 0).header("x-watcher", name);
        let refused = send(request).await;
        assert_eq!(refused.status(), 400, "{name}");
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["error"]["field"], "x-watcher");
    }
    let longest = "a".repeat(64);
    let request = stand.follow(&asker.run_id, 0).header("x-watcher", longest);
    assert_eq!(send(request).await.status(), 200);
    stand.half.open();
}

#[tokio::test]
async fn of_many_who_come_at_once_twenty_get_a_place() {
    let table = Table::start().await;
    let store = Store::new(table.client.clone(), NAME, Duration::from_hours(1));
    let run_id = RunId::from_parts(1, 1);
    let names: Vec<String> = (0..30).map(|number| format!("tab-{number}")).collect();
    let all = names
        .iter()
        .map(|name| store.take_place(run_id, Watcher::Named(name), 2_000, 1_000));
    let all = try_join_all(all).await.unwrap();
    let taken: Vec<WatchPlace> = all.into_iter().flatten().collect();
    assert_eq!(taken.len(), WATCHERS);

    let late = |now_ms| store.take_place(run_id, Watcher::Named("late"), 3_000, now_ms);
    assert_eq!(late(1_999).await.unwrap(), None);
    let other_run = RunId::from_parts(1, 2);
    let elsewhere = store
        .take_place(other_run, Watcher::Named("late"), 3_000, 1_999)
        .await
        .unwrap();
    assert_ne!(elsewhere, None);
    // A process that was killed gives nothing back: its places run out.
    let after = late(2_000).await.unwrap().unwrap();
    for place in &taken {
        assert!(!store.is_passed_by(place, 2_000).await.unwrap());
        store.leave_place(place).await.unwrap();
    }
    let held = table
        .items()
        .await
        .into_iter()
        .filter(|item| item["PK"] == "RUN#00000000010000000000000001");
    assert_eq!(
        held.count(),
        1,
        "the one that came after, whose place had been another's"
    );
    store.leave_place(&after).await.unwrap();
}

#[tokio::test]
async fn one_watcher_has_eight_places_at_most_and_only_its_last_one_is_not_passed_by() {
    let table = Table::start().await;
    let store = Store::new(table.client.clone(), NAME, Duration::from_hours(1));
    let run_id = RunId::from_parts(1, 1);
    let other = store
        .take_place(run_id, Watcher::Named("other"), 2_000, 1_000)
        .await
        .unwrap()
        .unwrap();
    let mut held = Vec::new();
    while let Some(place) = store
        .take_place(run_id, Watcher::Named("tab"), 2_000, 1_000)
        .await
        .unwrap()
    {
        held.push(place);
    }
    assert_eq!(held.len(), 8);
    let last = held.pop().unwrap();
    for place in [&last, &other] {
        assert!(!store.is_passed_by(place, 1_000).await.unwrap());
    }
    for place in &held {
        assert!(store.is_passed_by(place, 1_000).await.unwrap());
        store.leave_place(place).await.unwrap();
    }
    // Once all have gone, a name means nothing any more.
    store.leave_place(&last).await.unwrap();
    let again = store
        .take_place(run_id, Watcher::Named("tab"), 2_000, 1_000)
        .await
        .unwrap()
        .unwrap();
    assert!(!store.is_passed_by(&again, 1_000).await.unwrap());
}
