//! Limits of a key, as its callers meet them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drive::Deadline;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use run::Cost;
use serde_json::{Value, json};
use store::{Account, Limits, Store, Used};
use tests::client::send;
use tests::crash::World;
use tests::gate::Gate;
use tests::model_server::{KEY, ModelServer};
use tests::script::{Script, gate, says, sse, text};
use tests::table::NAME;
use tests::wait::within;

use crate::kit::{Service, create_key, key_of, refusal};

fn limits(runs_per_minute: Option<u32>, parallel: Option<u32>, usd: Option<f64>) -> Limits {
    Limits {
        runs_per_minute,
        parallel,
        per_day: usd.map(Cost::of_usd),
    }
}

fn held(gate_to: &Gate) -> Script {
    sse([text("Soon"), gate(gate_to), text(".")])
}

fn retry_after(response: &Response) -> u64 {
    response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn runs_of_a_minute_are_counted_and_the_refusal_says_when_to_come_back() {
    let service = Service::start().await;
    service.key("ann", limits(Some(2), None, None)).await;
    service.key("bea", limits(Some(2), None, None)).await;
    service
        .models
        .orchestrator([says("One."), says("Two."), says("Three.")]);
    service.ask("ann", "One?").await;
    service.ask("ann", "Two?").await;
    let before = service.stack.table.items().await;
    let response = send(service.start_by("ann", &json!({"query": "Three?"}))).await;
    let after = retry_after(&response);
    assert!((1..=60).contains(&after), "{after}");
    let (status, error) = refusal(response).await;
    assert_eq!(
        (status, &error["code"], &error["limit"]),
        (429, &json!("rate_limited"), &json!("runs_per_minute"))
    );
    assert_eq!(
        service.stack.table.items().await,
        before,
        "nothing is stored of it"
    );
    let told = service.json("ann", "/api/config").await["limits"].clone();
    assert_eq!(told["runs_per_minute"], json!({"limit": 2, "used": 2}));
    assert_eq!(
        (&told["parallel"], &told["usd_per_day"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        service.json("ann", "/api/stats").await["limits"]["runs_per_minute"]["used"],
        2
    );
    // Somebody else's limit is their own.
    service.ask("bea", "Three?").await;
}

#[tokio::test]
async fn clients_of_v1_are_told_a_limit_in_headers_that_they_know() {
    let service = Service::start().await;
    service
        .key("ann", limits(Some(1), None, Some(0.000_001)))
        .await;
    let ask = |path: &str, body: Value| service.by("ann", Method::POST, path).json(&body);
    let chat = json!({"model": "orchestrator", "messages": [{"role": "user", "content": "Hm?"}], "max_cost_usd": 0.5});
    let broke = send(ask("/v1/chat/completions", chat)).await;
    assert_eq!(broke.headers()["x-should-retry"], "false");
    assert!(retry_after(&broke) <= 86_400);
    let (status, error) = refusal(broke).await;
    assert_eq!(
        (status, &error["code"], &error["type"]),
        (
            429,
            &json!("insufficient_quota"),
            &json!("insufficient_quota")
        )
    );
    let other = Service::start().await;
    other.key("ann", limits(Some(1), None, None)).await;
    other.models.orchestrator([says("One.")]);
    other.ask("ann", "One?").await;
    let body = json!({"model": "orchestrator", "input": "Two?"});
    let full = send(other.by("ann", Method::POST, "/v1/responses").json(&body)).await;
    assert_eq!(full.status(), 429);
    assert_eq!(full.headers()["x-ratelimit-limit-requests"], "1");
    assert_eq!(full.headers()["x-ratelimit-remaining-requests"], "0");
    let reset = full.headers()["x-ratelimit-reset-requests"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(reset, format!("{}s", retry_after(&full)));
}

#[tokio::test]
async fn a_run_that_ends_makes_room_for_the_next() {
    let service = Service::start().await;
    service.key("ann", limits(None, Some(1), None)).await;
    let open = Gate::shut();
    service.models.orchestrator([held(&open), says("Next.")]);
    let body = json!({"query": "One?"});
    let first = send(
        service
            .start_by("ann", &body)
            .header("idempotency-key", "a"),
    )
    .await;
    open.reached().await;
    let response = send(service.start_by("ann", &json!({"query": "Two?"}))).await;
    let (status, error) = refusal(response).await;
    assert_eq!((status, &error["limit"]), (429, &json!("parallel")));
    // Whoever comes back to a run is no start.
    let again = send(
        service
            .start_by("ann", &body)
            .header("idempotency-key", "a"),
    )
    .await;
    assert_eq!(again.status(), 200);
    open.open();
    first.text().await.unwrap();
    within("the next one", async {
        while send(service.start_by("ann", &json!({"query": "Two?"})))
            .await
            .status()
            != 200
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_run_is_held_to_what_was_set_aside_for_it_and_gives_back_the_rest() {
    let service = Service::start().await;
    service.key("ann", limits(None, None, Some(2.5))).await;
    let open = Gate::shut();
    service.models.orchestrator([held(&open), says("Next.")]);
    let first = send(service.start_by("ann", &json!({"query": "One?"}))).await;
    open.reached().await;
    // Without a wish of its own a run sets aside what the operator says: a dollar.
    let told = service.json("ann", "/api/config").await["limits"]["usd_per_day"].clone();
    assert_eq!(
        (&told["limit"], &told["used"], &told["reserved"]),
        (&json!(2.5), &json!(0.0), &json!(1.0))
    );
    let midnight = told["resets_at"].as_str().unwrap();
    assert!(
        midnight.ends_with("T00:00:00Z") || midnight.ends_with("T00:00:00.000Z"),
        "{midnight}"
    );
    let wish = json!({"query": "Two?", "preferences": {"max_cost_usd": 1.6}});
    let response = send(service.start_by("ann", &wish)).await;
    let (status, error) = refusal(response).await;
    assert_eq!(
        (status, &error["code"], &error["limit"]),
        (402, &json!("budget_exceeded"), &json!("usd_per_day"))
    );
    assert!(
        error["message"].as_str().unwrap().contains("1.5"),
        "{error}"
    );
    open.open();
    first.text().await.unwrap();
    let account = account("ann", limits(None, None, Some(2.5)));
    let used = settled(&service.store(), &account).await;
    assert!(used.spent < Cost::of_usd(0.1), "{used:?}");
    service.ask("ann", "Two?").await;
}

fn account(owner: &str, limits: Limits) -> Account {
    Account {
        name: run::Owner::new(owner),
        limits,
    }
}

/// What is used when nothing is set aside any more.
async fn settled(store: &Store, account: &Account) -> Used {
    within("all runs to be settled", async {
        loop {
            let used = store.used(account, drive::now_ms()).await.unwrap();
            if used.reserved == Cost::ZERO && used.at_once == 0 {
                return used;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

/// 200 starts at once, over two processes, one of which is lost with what it drives: as many as the limit allows are let in, and when
/// the other process has ended what was left, all of it is free again.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_fill_each_limit_and_a_lost_process_keeps_nothing() {
    for (limits, expected) in [
        (limits(None, Some(8), None), 8),
        (limits(None, None, Some(12.5)), 13),
        (limits(Some(11), Some(50), Some(100.0)), 11),
    ] {
        let models = ModelServer::start().await;
        let open = Gate::shut();
        models.always(held(&open));
        let mut world = World::new(Duration::from_secs(1)).await;
        world.models = models.address().to_owned();
        world.model_key = Some(KEY.to_owned());
        let store = Store::new(world.table.direct.clone(), NAME, Duration::from_hours(24));
        create_key(&store, "ann", limits).await;
        let processes = [world.process().await, world.process().await];
        let key = key_of("ann");
        let clients = processes
            .each_ref()
            .map(|it| it.client.clone().with_key(&key));
        let began = Instant::now();
        // A table that is too busy says so, and is asked again: as a client does it.
        let starts = (0..200).map(async |number: usize| {
            loop {
                let body = json!({"query": format!("Question {number}?")}).to_string();
                let response = send(clients[number % 2].start_request(body)).await;
                if response.status() != 503 {
                    break response;
                }
            }
        });
        let responses = join_all(starts).await;
        let statuses: Vec<u16> = responses.iter().map(|it| it.status().as_u16()).collect();
        assert!(
            statuses.iter().all(|it| [200, 402, 429].contains(it)),
            "{statuses:?}"
        );
        let let_in = statuses.iter().filter(|it| **it == 200).count();
        // Of a start whose answer was lost nobody knows that it was let in; it counts all the same.
        assert!(let_in <= expected, "{limits:?}: {let_in}");
        assert!(
            began.elapsed() < Duration::from_secs(50),
            "the first minute is over"
        );
        let account = account("ann", limits);
        let used = store.used(&account, drive::now_ms()).await.unwrap();
        assert!(
            limits
                .per_day
                .is_none_or(|most| used.spent.nano_usd + used.reserved.nano_usd <= most.nano_usd)
        );
        let [lost, other] = processes;
        lost.kill().await;
        open.open();
        within("the end of all runs", async {
            while Box::pin(runs_ended(&store)).await < expected {
                let services = Arc::clone(&other.services);
                let deadline = Deadline::new(Duration::from_mins(15), None);
                let sweep = async move { drive::sweep(services, deadline).await.map(drop) };
                other.spawn(sweep).await.unwrap().unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
        .await;
        let used = settled(&store, &account).await;
        assert_eq!((used.at_once, used.reserved), (0, Cost::ZERO));
        assert_eq!(runs_ended(&store).await, expected);
    }
}

async fn runs_ended(store: &Store) -> usize {
    let days = store
        .days(&run::Owner::new("ann"), 2, drive::now_ms())
        .await
        .unwrap();
    let runs: u64 = days.iter().map(store::DaySums::runs).sum();
    usize::try_from(runs).unwrap()
}
