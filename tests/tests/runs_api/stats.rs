//! An owner's use by day: the numbers of its runs, each once, also of those that are deleted since.

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, gate, plain, says, sse, text, usage};
use tests::stack::{Counted, Setup};
use tests::story::Told;
use tests::table::{Item, NAME, Operation};

async fn service() -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let service = Setup::with_models(&models).start_counted().await;
    (models, service)
}

/// Asks, and waits until as many runs have their ends noted.
async fn ask(service: &Counted, runs: usize) -> Told {
    let told = service.client.question("How many?").await;
    service.table.until_times(runs, Operation::ends_run).await;
    told
}

async fn days(service: &Counted) -> Vec<Value> {
    let stats = service.client.json("/api/stats").await;
    let none = json!({"runs_per_minute": null, "parallel": null, "usd_per_day": null});
    assert_eq!(stats["limits"], none);
    stats["days"].as_array().unwrap().clone()
}

fn day_of(told: &Told) -> Value {
    let created = &told.of("start")[0]["created_at"];
    json!(created.as_str().unwrap()[..10])
}

async fn rate(service: &Counted, run_id: &str, body: &Value) -> (u16, Value) {
    let path = format!("/api/runs/{run_id}/rating");
    let response = send(service.client.request(Method::POST, &path).json(body)).await;
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_day_tells_the_numbers_of_its_runs_and_keeps_them_when_they_are_deleted() {
    let (models, service) = service().await;
    assert_eq!(days(&service).await, [] as [Value; 0]);
    models.orchestrator([
        calls([
            call("code_interpreter", json!({"code": "print(6 * 7)"})),
            call("nothing", json!({})),
        ]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("It is 42.")]);
    let told = ask(&service, 1).await;
    let summary = told.summary();
    let expected = json!({
        "day": day_of(&told), "runs": 1, "by_status": {"completed": 1}, "cost_usd": summary["cost_usd"],
        "usage": summary["usage"], "by_model": summary["by_model"], "by_tool": summary["by_tool"],
        "ratings": {"good": 0, "bad": 0}, "tasks": 0, "joined": 0,
    });
    assert_eq!(days(&service).await, [expected]);
    assert_eq!(summary["by_tool"]["code_interpreter"]["calls"], 1);
    models.orchestrator([plain(500, "text/plain", "no")]);
    let failed = ask(&service, 2).await;
    assert_eq!(day_of(&failed), day_of(&told), "midnight came between");
    let both = days(&service).await;
    assert_eq!((both.len(), &both[0]["runs"]), (1, &json!(2)));
    assert_eq!(both[0]["by_status"], json!({"completed": 1, "failed": 1}));
    let calls = |told: &Told| {
        told.summary()["by_model"]["qwen"]["calls"]
            .as_u64()
            .unwrap()
    };
    let all = both[0]["by_model"]["qwen"]["calls"].as_u64().unwrap();
    assert_eq!(all, calls(&told) + calls(&failed));
    let path = format!("/api/runs/{}", told.run_id);
    let deleted = send(service.client.request(Method::DELETE, &path)).await;
    assert_eq!(deleted.status(), 204);
    assert_eq!(days(&service).await, both);
}

#[tokio::test]
async fn days_are_from_1_to_400() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven.")]);
    ask(&service, 1).await;
    for right in ["1", "30", "400", "007"] {
        let stats = service
            .client
            .json(&format!("/api/stats?days={right}"))
            .await;
        assert_eq!(stats["days"].as_array().unwrap().len(), 1, "{right}");
    }
    for wrong in [
        "0",
        "401",
        "-1",
        "1.5",
        "",
        "all",
        "99999999999999999999",
        "1&days=2",
    ] {
        let response = service
            .client
            .get(&format!("/api/stats?days={wrong}"))
            .await;
        assert_eq!(response.status(), 400, "{wrong}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["field"], "days", "{wrong}");
    }
}

#[tokio::test]
async fn a_rating_is_good_or_bad_and_may_say_why() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven."), says("Eight.")]);
    let first = ask(&service, 1).await.run_id;
    ask(&service, 2).await;
    let (long, longer) = ("é".repeat(2000), "é".repeat(2001));
    for (body, status, field) in [
        (json!({}), 400, "rating"),
        (json!({"rating": null}), 400, "rating"),
        (json!({"rating": true}), 400, "rating"),
        (json!({"rating": "Good"}), 400, "rating"),
        (json!({"rating": ["good"]}), 400, "rating"),
        (json!({"rating": "good", "comment": ""}), 400, "comment"),
        (json!({"rating": "good", "comment": " \n"}), 400, "comment"),
        (json!({"rating": "good", "comment": null}), 400, "comment"),
        (json!({"rating": "good", "comment": 7}), 400, "comment"),
        (json!({"rating": "good", "comment": longer}), 400, "comment"),
        (json!({"rating": "good", "stars": 5}), 400, "stars"),
        (json!({"rating": "bad"}), 204, ""),
        (
            json!({"rating": "bad", "comment": "No.\u{0}\u{202e}"}),
            204,
            "",
        ),
        (json!({"rating": "good", "comment": long}), 204, ""),
    ] {
        let (answered, refusal) = rate(&service, &first, &body).await;
        let short: String = body.to_string().chars().take(60).collect();
        assert_eq!(answered, status, "{short}");
        assert_eq!(
            refusal["error"]["field"].as_str().unwrap_or(""),
            field,
            "{short}"
        );
    }
    let list = service.client.json("/api/runs").await;
    let ratings: Vec<_> = list["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["rating"])
        .collect();
    assert_eq!(ratings, [&Value::Null, &json!("good")]);
    assert_eq!(
        days(&service).await[0]["ratings"],
        json!({"good": 1, "bad": 0})
    );
    let path = format!("/api/runs/{first}/rating");
    let untyped = service
        .client
        .request(Method::POST, &path)
        .body(r#"{"rating": "bad"}"#);
    assert_eq!(send(untyped).await.status(), 415);
    let got = service.client.get(&path).await;
    assert_eq!(got.status(), 405);
}

#[tokio::test]
async fn who_does_not_own_a_run_and_who_comes_too_early_rates_nothing() {
    let (models, service) = service().await;
    let held = Gate::shut();
    models.orchestrator([
        says("Seven."),
        sse([gate(&held), text("Eight."), finish("stop"), usage(10, 5)]),
    ]);
    let good = json!({"rating": "good"});
    let mine = ask(&service, 1).await.run_id;
    for nowhere in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "none"] {
        assert_eq!(rate(&service, nowhere, &good).await.0, 404);
    }
    // The same run as somebody else's.
    let head = head(&service, &mine).await;
    let mut foreign = head.clone();
    foreign.insert("owner".to_owned(), json!("bob"));
    service.table.put(&foreign).await;
    let (status, refusal) = rate(&service, &mine, &good).await;
    assert_eq!(
        (status, &refusal["error"]["code"]),
        (404, &json!("not_found"))
    );
    service.table.put(&head).await;
    let events = service.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let (status, refusal) = rate(&service, &run_id, &good).await;
    assert_eq!(
        (status, &refusal["error"]["code"]),
        (409, &json!("conflict"))
    );
    assert_eq!(
        days(&service).await[0]["ratings"],
        json!({"good": 0, "bad": 0})
    );
    held.open();
    events.told().await;
    service.table.until_times(2, Operation::ends_run).await;
    assert_eq!(rate(&service, &run_id, &good).await.0, 204);
    assert_eq!(
        days(&service).await[0]["ratings"],
        json!({"good": 1, "bad": 0})
    );
}

async fn head(service: &Counted, run_id: &str) -> Item {
    let items = service.table.items().await;
    let is_head = |it: &Item| it["SK"] == "HEAD" && it["PK"] == json!(format!("RUN#{run_id}"));
    items.into_iter().find(is_head).unwrap()
}

/// The driver was lost between the last event and the note of it: whoever rates the run notes it, and its sums with it.
#[tokio::test]
async fn a_run_whose_end_was_not_noted_is_rated_and_summed_up_all_the_same() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven.")]);
    let told = ask(&service, 1).await;
    let noted = days(&service).await;
    let mut head = head(&service, &told.run_id).await;
    for (name, value) in [
        ("status", json!("running")),
        ("open", json!("OPEN#0")),
        ("lease_until", json!(u64::MAX)),
    ] {
        head.insert(name.to_owned(), value);
    }
    service.table.put(&head).await;
    let day = |name: &str| AttributeValue::S(name.to_owned());
    let forgotten = service.table.client.delete_item().table_name(NAME);
    let forgotten = forgotten.key("PK", day("DAY#anonymous"));
    let forgotten = forgotten.key("SK", day(day_of(&told).as_str().unwrap()));
    forgotten.send().await.unwrap();
    assert_eq!(days(&service).await, [] as [Value; 0]);
    let body = json!({"rating": "bad", "comment": "No."});
    assert_eq!(rate(&service, &told.run_id, &body).await.0, 204);
    let mut expected = noted[0].clone();
    expected["ratings"]["bad"] = json!(1);
    assert_eq!(days(&service).await, [expected]);
}
