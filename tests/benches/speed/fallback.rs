//! What it adds to a call of a model that others could be asked in its place.
//!
//! The call is made as a run makes it, from the check of its arguments to its outcome, without the table: of a tool with one model, and of one
//! with three and those that the catalogue names besides. The first one answers each time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::{Catalog, RequestedCall};
use drive::{Services, try_call};
use model::Server;
use orchestrator::Config;
use run::{ModelId, RunId};
use serde_json::{Value, json};

use crate::parts;
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{KEY, Stand, TABLE};

const WARM_UPS: usize = 50;
const PAIRS: usize = 1000;
/// What a call may add, in milliseconds.
const MOST_ADDED_MS: f64 = 0.2;
const ASK: &str = "ask";

pub async fn fallback() {
    let models = parts::model_server(parts::calling(ASK, &json!({}), 0)).await;
    let address = models.address.clone();
    let stand = Stand::start(models).await;
    let alone = services(&stand, &["qwen"], &address);
    let beside_others = services(&stand, &["qwen", "phi", "llama"], &address);
    let (mut one, mut three, mut added) = <(Samples, Samples, Samples)>::default();
    for pair in 0..WARM_UPS + PAIRS {
        // They take turns in going first.
        let (first, second) = if pair % 2 == 0 {
            (&alone, &beside_others)
        } else {
            (&beside_others, &alone)
        };
        let times = [called(first).await, called(second).await].map(ms);
        let [of_one, of_three] = if pair % 2 == 0 {
            times
        } else {
            [times[1], times[0]]
        };
        if pair >= WARM_UPS {
            one.add(of_one);
            three.add(of_three);
            added.add(of_three - of_one);
        }
    }
    let rows = [
        one.row("a call with one model", 3),
        three.row("a call with three models and their fallback", 3),
        added.row("added in each pair", 3),
    ];
    let title = format!("Models in the place of others: ms, {PAIRS} pairs");
    report::table(&title, &SPREAD, &rows);
    let added = added.median();
    let what =
        format!("models that could be asked instead add at most {MOST_ADDED_MS} ms to a call");
    report::goal(
        &what,
        added <= MOST_ADDED_MS,
        &format!("median {added:.3} ms"),
    );
}

async fn called(services: &Arc<Services>) -> Duration {
    let asked = RequestedCall {
        tool: ASK.to_owned(),
        arguments: json!({"model": "qwen"}).to_string(),
    };
    let run_id = RunId::from_parts(1, parts::fresh().into());
    let began = Instant::now();
    let trial = try_call(services, run_id, "How many are there?", &asked).await;
    let took = began.elapsed();
    assert!(trial.outcome.is_ok(), "{:?}", trial.outcome);
    took
}

/// A tool that is these models, each of which names the others.
fn services(stand: &Stand, ids: &[&str], address: &str) -> Arc<Services> {
    let models = ids.iter().map(|id| {
        let others: Vec<_> = ids.iter().filter(|other| *other != id).collect();
        let model = json!({
            "name": id, "url_env": format!("{}_API_URL", id.to_uppercase()), "model": id, "context_tokens": 32768,
            "fallback": others,
        });
        ((*id).to_owned(), model)
    });
    let models: serde_json::Map<String, Value> = models.collect();
    let roles = ids.iter().map(|id| ((*id).to_owned(), json!(id)));
    let roles: serde_json::Map<String, Value> = roles.collect();
    let parameters = json!({"type": "object", "properties": {"model": {"type": "string", "enum": ids}}, "required": ["model"]});
    let catalog = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": models,
        "tools": [{
            "type": "function",
            "function": {"name": ASK, "description": "Asks a model.", "parameters": parameters},
            "target": {"models": roles, "system": "You answer."},
            "timeout_ms": 15000,
            "retry": "safe",
        }],
    });
    let server = |id: &&str| {
        let server = Server::new(address, Some(KEY.to_owned()), *id, "QWEN_API_URL").unwrap();
        (ModelId::new(*id), server)
    };
    let config = Config {
        catalog: Catalog::parse(&catalog.to_string()).unwrap(),
        servers: ids.iter().map(server).collect(),
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
    };
    let services = function::services(config, stand.dynamodb.clone(), stand.lambda.clone());
    Arc::new(services.unwrap())
}
