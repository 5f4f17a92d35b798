//! A service over a table that has keys.

use std::collections::BTreeMap;
use std::time::Duration;

use orchestrator::{Access, KEY_CHARS, KEY_PREFIX};
use reqwest::{Method, RequestBuilder, Response};
use run::{Event, Owner, Plan, Preferences, Request, RunId, Start};
use serde_json::{Value, json};
use store::{AccessKey, Allotment, KeyHash, Limits, NewRun, Store};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::stack::{Counted, Setup};
use tests::table::{NAME, Table};

/// A malformed id would be refused before anybody looks for a run.
pub const NO_RUN: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

pub struct Service {
    pub models: ModelServer,
    pub stack: Counted,
}

/// A key of the right form; equal for equal names.
pub fn key_of(owner: &str) -> String {
    let letters = owner.bytes().chain(*b"0x").cycle().map(char::from);
    let letters = letters.filter(char::is_ascii_alphanumeric);
    let random: String = letters.take(KEY_CHARS).collect();
    format!("{KEY_PREFIX}{random}")
}

pub fn store_on(table: &Table) -> Store {
    Store::new(table.client.clone(), NAME, Duration::from_hours(24))
}

pub async fn create_key(store: &Store, owner: &str, limits: Limits) {
    let hash = KeyHash::of(key_of(owner).as_bytes());
    let key = AccessKey::new(Owner::new(owner), hash, limits, 1);
    assert!(store.create_key(&key).await.unwrap());
}

/// A run whose driver was lost as soon as it was stored.
pub async fn abandoned(store: &Store, owner: &str) -> RunId {
    let now_ms = drive::now_ms();
    let start = Start {
        run_id: RunId::from_parts(now_ms, 7),
        owner: Owner::new(owner),
        created_at_ms: now_ms,
        request: Request {
            query: "How many?".to_owned(),
            max_rounds: 3,
            temperature: 0.0,
            max_tokens: 64,
            preferences: Preferences::default(),
            previous_run_id: None,
            answer_schema: None,
            echo: None,
        },
        plan: Plan {
            fallback: None,
            time_limit_ms: 60_000,
        },
        listed: Vec::new(),
        told: BTreeMap::new(),
        prior: None,
        allowances: Vec::new(),
    };
    let new = NewRun {
        start: &start,
        lease_until_ms: now_ms - 1,
        key: None,
        allotment: &Allotment::NONE,
    };
    let events = [
        Event::Start(Box::new(start.clone())),
        Event::RoundStart {
            round: 1,
            reserved: None,
        },
    ];
    store.start(new, &events).await.unwrap();
    start.run_id
}

impl Service {
    /// As in Lambda: nobody enters without a key.
    pub async fn start() -> Self {
        Self::of(|setup| setup).await
    }

    pub async fn of(change: impl FnOnce(Setup) -> Setup) -> Self {
        let models = ModelServer::start().await;
        let setup = Setup::with_models(&models).access(&[], Access::CLOSED);
        let stack = change(setup).start_counted().await;
        Self { models, stack }
    }

    pub fn store(&self) -> Store {
        store_on(&self.stack.table)
    }

    pub async fn key(&self, owner: &str, limits: Limits) {
        create_key(&self.store(), owner, limits).await;
    }

    /// A request of an owner.
    pub fn by(&self, owner: &str, method: Method, path: &str) -> RequestBuilder {
        self.stack
            .client
            .request(method, path)
            .bearer_auth(key_of(owner))
    }

    pub async fn get(&self, owner: &str, path: &str) -> Response {
        send(self.by(owner, Method::GET, path)).await
    }

    pub async fn json(&self, owner: &str, path: &str) -> Value {
        let response = self.get(owner, path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub fn start_by(&self, owner: &str, body: &Value) -> RequestBuilder {
        let path = "/api/chat/orchestrator/stream";
        self.by(owner, Method::POST, path).json(body)
    }

    /// Asks, and reads the answer to its end; the run's id.
    pub async fn ask(&self, owner: &str, query: &str) -> String {
        let response = send(self.start_by(owner, &json!({"query": query}))).await;
        assert_eq!(response.status(), 200);
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        assert!(response.text().await.unwrap().contains("\"complete\""));
        run_id
    }
}

/// Status, code and the limit that was met.
pub async fn refusal(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].clone())
}

pub async fn code(response: Response) -> (u16, Value) {
    let (status, error) = refusal(response).await;
    (status, error["code"].clone())
}
