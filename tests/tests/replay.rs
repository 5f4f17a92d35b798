//! Reading a run again: its events from any position, and its snapshot, while it runs and after.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::expected::{tally, untold, written};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{Part, answer, call, calls, finish, gate, says, sse, text, usage};
use tests::stack::{Setup, Stack};
use tests::story::steady;
use tests::stream::Frame;

const URL: &str = "https://example.org/seven";

struct Stand {
    models: ModelServer,
    _search: DuckDuckGo,
    stack: Stack,
}

/// A stack on which a search finds seven.
async fn stand() -> Stand {
    let models = ModelServer::start().await;
    let search = DuckDuckGo::saying(&article("Seven", "There are seven.", URL)).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    Stand {
        models,
        _search: search,
        stack,
    }
}

impl Stand {
    /// A run of two rounds: a search, then an answer, which may be held in its middle.
    fn write_down(&self, middle: Option<&Gate>) {
        self.models.orchestrator([
            calls([call("search", json!({"query": "seven"}))]),
            calls([answer("answer-1")]),
        ]);
        let held = middle.map(gate);
        let parts = [Some(text("It is ")), held, Some(text("seven."))]
            .into_iter()
            .flatten();
        let end = [finish("stop"), usage(10, 5)];
        self.models
            .experts([sse(parts.chain(end).collect::<Vec<Part>>())]);
    }
}

#[tokio::test]
async fn a_replay_gives_exactly_the_events_that_are_missing() {
    let stand = stand().await;
    stand.write_down(None);
    let client = &stand.stack.client;
    let told = client.question("How many?").await;
    let stored = told.stored();
    let last = stored.len() as u64;
    let path = format!("/api/runs/{}/events", told.run_id);
    for after in 0..last {
        let missing = &stored[usize::try_from(after).unwrap()..];
        let by_parameter = client.events(&told.run_id, after).await.rest().await;
        assert_eq!(by_parameter, missing, "after {after}");
        // Of both positions the larger counts, whichever holds it.
        for (parameter, header) in [(None, after), (Some(0), after), (Some(after), 0)] {
            let query = parameter.map_or(String::new(), |it: u64| format!("?after={it}"));
            let request = client.request(Method::GET, &format!("{path}{query}"));
            let response = send(request.header("last-event-id", header)).await;
            let bytes = response.text().await.unwrap();
            let ids: Vec<u64> = bytes
                .lines()
                .filter_map(|line| line.strip_prefix("id: ")?.parse().ok())
                .collect();
            let expected: Vec<u64> = (after + 1..=last).collect();
            assert_eq!(ids, expected, "{parameter:?} and {header}");
        }
    }
    let from_the_start = client.get(&path).await.text().await.unwrap();
    assert_eq!(from_the_start.matches("id: ").count() as u64, last);
}

#[tokio::test]
async fn a_run_that_was_read_to_its_end_has_nothing_more_and_none_has_more_than_its_last_event() {
    let stand = stand().await;
    stand.write_down(None);
    let client = &stand.stack.client;
    let told = client.question("How many?").await;
    let last = told.stored().len();
    let path = format!("/api/runs/{}/events", told.run_id);

    let over = client.get(&format!("{path}?after={last}")).await;
    assert_eq!(over.status(), 204);
    assert_eq!(over.text().await.unwrap(), "");

    let beyond = last + 1;
    let by_parameter = client.request(Method::GET, &format!("{path}?after={beyond}"));
    let by_header = client
        .request(Method::GET, &path)
        .header("last-event-id", beyond);
    for (request, field) in [(by_parameter, "after"), (by_header, "Last-Event-ID")] {
        let response = send(request).await;
        assert_eq!(response.status(), 400);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "invalid_request");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(&beyond.to_string()), "{message}");
        assert_eq!(body["error"]["field"], field);
    }
}

#[tokio::test]
async fn a_follower_on_another_connection_is_told_the_same() {
    let stand = stand().await;
    let held = Gate::shut();
    stand.write_down(Some(&held));
    let client = &stand.stack.client;
    let mut events = client.start(&json!({"query": "How many?"})).await;
    let seen = events
        .until(|frame| frame.event() == "delta" && frame.data["call_id"] == "r2.1")
        .await;
    let mut follower = client.events(&events.run_id, 0).await;
    let mut late = client.events(&events.run_id, 4).await;
    let followed = follower
        .until(|frame| frame.data["call_id"] == "r2.1")
        .await;
    let late_seen = late.until(|frame| frame.data["call_id"] == "r2.1").await;
    assert_eq!(late_seen[0].id, Some(5));
    held.open();
    let told = events.told_after(seen).await;
    let followed = follower.told_after(followed).await;
    let late: Vec<Frame> = [late_seen, late.rest().await].concat();
    assert_eq!(followed.frames, told.stored());
    assert_eq!(late, told.stored()[4..]);
    stand.models.assert_spent();
}

#[tokio::test]
async fn the_twenty_first_follower_is_refused() {
    let stand = stand().await;
    let held = Gate::shut();
    stand.write_down(Some(&held));
    let client = &stand.stack.client;
    let mut events = client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "round_start").await;
    let mut followers = Vec::new();
    for _ in 0..20 {
        let mut follower = client.events(&events.run_id, 0).await;
        let first = follower.until(|frame| frame.event() == "start").await;
        followers.push((first, follower));
    }
    let path = format!("/api/runs/{}/events", events.run_id);
    let refused = client.get(&path).await;
    assert_eq!(refused.status(), 429);
    assert!(
        refused.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 0
    );
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limited");
    held.open();
    let told = events.told_after(seen).await;
    for (first, follower) in followers {
        assert_eq!(follower.told_after(first).await.frames, told.stored());
    }
}

/// A snapshot without what differs from run to run.
async fn snapshot(stack: &Stack, run_id: &str) -> Value {
    let mut snapshot = stack.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(snapshot["run_id"], run_id);
    let created = snapshot["created_at"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.contains('T'), "{created}");
    let fraction = created.rsplit_once('.').unwrap().1;
    assert_eq!(fraction.len(), "000Z".len(), "{created}");
    steady(&mut snapshot);
    snapshot
}

fn request() -> Value {
    json!({
        "query": "How many?", "max_rounds": 3, "temperature": 0.5, "max_tokens": 99,
        "preferences": {
            "priority": "quality", "models": ["qwen", "phi"], "tools": {"deny": ["code_interpreter"]},
            "instructions": "Be brief.",
        },
    })
}

fn search_round() -> Value {
    json!({"round": 1, "calls": [{
        "call_id": "r1.1", "tool": "search", "arguments": {"query": "seven"}, "ok": true,
        "result": {
            "query": "seven", "num_results": 1, "provider": "duckduckgo", "tried": [],
            "results": [{"title": "Seven", "snippet": "There are seven.", "url": URL}],
        },
        "duration_ms": 0, "cost_usd": null,
    }]})
}

#[tokio::test]
async fn a_snapshot_shows_a_run_as_it_stands_and_as_it_ended() {
    let stand = stand().await;
    let held = Gate::shut();
    stand.models.orchestrator([
        calls([call("search", json!({"query": "seven"}))]),
        sse([
            gate(&held),
            answer("answer-1"),
            finish("tool_calls"),
            usage(10, 5),
        ]),
    ]);
    stand.models.experts([says("It is seven.")]);
    let client = &stand.stack.client;
    let mut events = client.start(&request()).await;
    let seen = events
        .until(|frame| frame.event() == "round_start" && frame.data["round"] == 2)
        .await;
    let sources = json!([{"title": "Seven", "url": URL}]);

    let running = snapshot(&stand.stack, &events.run_id).await;
    let expected = json!({
        "run_id": "RUN", "status": "running", "created_at": "TIME", "request": request(),
        "rounds": [search_round(), {"round": 2, "calls": []}],
        "answer": null, "sources": sources,
        "summary": {
            "status": "running", "total_rounds": 2, "tools_used": ["search"], "final_answer": null,
            "duration_ms": 0, "usage": {"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "estimated": false}, "cost_usd": 0.000_003,
            "by_model": {"qwen": tally(1, 0.000_003)}, "by_tool": {"search": untold(1)}, "resumed": 0,
        },
        "last_seq": 6, "shared": false,
    });
    assert_eq!(running, expected);

    held.open();
    let told = events.told_after(seen).await;
    let ended = snapshot(&stand.stack, &told.run_id).await;
    let result = written(2, "r2.1", "answer", "qwen", "It is seven.")["result"].clone();
    let expected = json!({
        "run_id": "RUN", "status": "completed", "created_at": "TIME", "request": request(),
        "rounds": [search_round(), {"round": 2, "calls": [{
            "call_id": "r2.1", "tool": "answer", "arguments": {"model": "answer-1"}, "ok": true,
            "result": result, "duration_ms": 0, "cost_usd": 0.000_003,
        }]}],
        "answer": "It is seven.", "sources": sources,
        "summary": {
            "status": "completed", "total_rounds": 2, "tools_used": ["search", "answer"],
            "final_answer": "It is seven.", "duration_ms": 0,
            "usage": {"input_tokens": 30, "output_tokens": 15, "cached_input_tokens": 0, "estimated": false}, "cost_usd": 0.000_009,
            "by_model": {"qwen": tally(3, 0.000_009)},
            "by_tool": {"answer": tally(1, 0.000_003), "search": untold(1)}, "resumed": 0,
        },
        "last_seq": told.stored().len(), "shared": false,
    });
    assert_eq!(ended, expected);
    let snapshot = client.json(&format!("/api/runs/{}", told.run_id)).await;
    assert_eq!(
        snapshot["summary"],
        *told.summary(),
        "with the very same times"
    );
    stand.models.assert_spent();
}

#[tokio::test]
async fn a_run_that_was_asked_with_its_defaults_shows_them_in_its_snapshot() {
    let stand = stand().await;
    stand.models.orchestrator([says("Seven.")]);
    let told = stand.stack.client.question("How many?").await;
    let snapshot = stand
        .stack
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    let expected = json!({
        "query": "How many?", "max_rounds": 5, "temperature": 0.7, "max_tokens": 512,
        "preferences": {"priority": "balanced"},
    });
    assert_eq!(snapshot["request"], expected);
}
