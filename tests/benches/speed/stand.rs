//! Everything around a driver, and the product's own clients of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::Credentials;
use axum::Router;
use catalog::Catalog;
use drive::{Deadline, Services, now_ms};
use local::invoke::{self, Functions};
use model::Server;
use orchestrator::{Access, App, Config, Hosts};
use run::{ModelId, Plan, Preferences, RUN_TIME_LIMIT_MS, RunId, Start};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::parts::{self, Spot};

pub const TABLE: &str = "bench";
pub const TOOL: &str = "noop";
/// The key of the servers, which check none.
pub const KEY: &str = "key";
/// Where runs are started.
pub const START: &str = "/api/chat/orchestrator/stream";

/// Everything around a driver: a table on a file, a tool that does nothing, a model server, and the clients of them.
pub struct Stand {
    pub services: Arc<Services>,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub http: reqwest::Client,
    pub models: Spot,
    pub table: Spot,
    pub tools: Spot,
    _folder: TempDir,
}

impl Stand {
    pub async fn start(models: Spot) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = local::table::open(&folder.path().join("table.sqlite")).unwrap();
        let table = Spot::start(local::table::router(database)).await;
        let noop =
            Functions::default().with(TOOL, async |_| Ok(json!({"ok": true, "result": {"n": 1}})));
        let tools = Spot::start(invoke::router(noop)).await;
        let aws = host::aws::config().unwrap();
        let credentials = || Credentials::new("bench", "bench", None, None, "bench");
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&aws)
            .endpoint_url(&table.address)
            .credentials_provider(credentials());
        let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb.build());
        let lambda = aws_sdk_lambda::config::Builder::from(&aws)
            .endpoint_url(&tools.address)
            .credentials_provider(credentials());
        let lambda = aws_sdk_lambda::Client::from_conf(lambda.build());
        store::create_table(&dynamodb, TABLE).await.unwrap();
        let function = json!({"lambda": TOOL});
        Self {
            services: services(
                config(&models.address, &function, "native"),
                &dynamodb,
                &lambda,
            ),
            dynamodb,
            lambda,
            http: host::http::direct_client().unwrap(),
            models,
            table,
            tools,
            _folder: folder,
        }
    }

    /// The services of another process over the same table.
    pub fn another(&self) -> Arc<Services> {
        self.with_tool(&json!({"lambda": TOOL}))
    }

    /// Has the tool called at this address, by HTTP.
    pub fn call_tool_at(&mut self, url: &str) {
        self.services = self.with_tool(&json!({"http": {"url": url}}));
    }

    /// The services of a process that asks for decisions by a schema.
    pub fn asking_by_schema(&self) -> Arc<Services> {
        let config = config(&self.models.address, &json!({"lambda": TOOL}), "schema");
        services(config, &self.dynamodb, &self.lambda)
    }

    fn with_tool(&self, target: &Value) -> Arc<Services> {
        let config = config(&self.models.address, target, "native");
        services(config, &self.dynamodb, &self.lambda)
    }

    /// The orchestrator's own router.
    pub fn product(&self) -> Router {
        product(&self.services)
    }
}

/// The orchestrator's own router over these services.
pub fn product(services: &Arc<Services>) -> Router {
    orchestrator::app(App::new(Arc::clone(services), Hosts::Any, Access::OPEN))
}

fn services(
    config: Config,
    dynamodb: &aws_sdk_dynamodb::Client,
    lambda: &aws_sdk_lambda::Client,
) -> Arc<Services> {
    let services = function::services(config, dynamodb.clone(), lambda.clone());
    Arc::new(services.unwrap())
}

/// `calls`: how the orchestrator is asked for calls. Nothing is found out, as what the servers here count as tokens is made up.
fn config(model_address: &str, target: &Value, calls: &str) -> Config {
    let catalog = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat", "calls": calls},
        "models": {"qwen": {"name": "Qwen", "url_env": "QWEN_API_URL", "model": "qwen", "context_tokens": 32768}},
        "tools": [{
            "type": "function",
            "function": {"name": TOOL, "description": "Does nothing.", "parameters": {"type": "object", "properties": {}}},
            "target": target,
            "timeout_ms": 15000,
            "retry": "safe",
        }],
    });
    let server = Server::new(model_address, Some(KEY.to_owned()), "qwen", "QWEN_API_URL").unwrap();
    Config {
        catalog: Catalog::parse(&catalog.to_string()).unwrap(),
        servers: BTreeMap::from([(ModelId::new("qwen"), server)]),
        header_values: drive::HeaderValues::default(),
        extra_ca_certs: None,
        secret_keys: Box::default(),
        table: TABLE.to_owned(),
        // No lease is renewed while something is measured.
        lease: Duration::from_mins(30),
        keep: Duration::from_hours(24),
        model_idle: Duration::from_mins(1),
        max_runs: 1000,
        default_run_cost: run::Cost::of_usd(1.0),
        function: Duration::from_mins(15),
        watch: Duration::from_mins(2),
        driver_function: None,
    }
}

/// Far enough away.
pub fn deadline() -> Deadline {
    Deadline::new(Duration::from_mins(15), None)
}

/// A new run.
pub fn start_of(max_rounds: u32) -> Start {
    let created_at_ms = now_ms();
    Start {
        run_id: RunId::from_parts(created_at_ms, parts::fresh().into()),
        created_at_ms,
        owner: run::Owner::new("bench"),
        listed: Vec::new(),
        told: BTreeMap::new(),
        prior: None,
        allowances: Vec::new(),
        plan: Plan {
            fallback: None,
            time_limit_ms: RUN_TIME_LIMIT_MS,
        },
        request: run::Request {
            query: "How many are there?".to_owned(),
            max_rounds,
            temperature: 0.7,
            max_tokens: 512,
            preferences: Preferences::default(),
            previous_run_id: None,
            answer_schema: None,
            echo: None,
        },
    }
}
