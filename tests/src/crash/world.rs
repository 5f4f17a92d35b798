//! Everything outside the service's processes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use catalog::Catalog;
use drive::{Deadline, Services};
use driver::Job;
use local::invoke::{self, Functions};
use model::Server;
use orchestrator::Config;
use run::ModelId;
use serde_json::Value;

use super::process::Place;
use super::{Calls, Cast, Fuse, Process, catalog, lines};
use crate::fault_proxy::{Asked, Fate, FaultyTable};
use crate::loopback::Served;
use crate::table::NAME;

/// The name of the driver function.
pub const DRIVER: &str = "driver";

/// The table, the models and the tools, and what processes are started with.
pub struct World {
    pub table: FaultyTable,
    pub fuse: Fuse,
    pub cast: Cast,
    pub lease: Duration,
    /// How the orchestrator is asked for its calls.
    pub calls: Calls,
    pub function: Duration,
    /// The function that goes on with suspended runs, where there is one: [`DRIVER`].
    pub driver_function: Option<String>,
    /// Whether its processes are functions of Lambda, which stops them behind their replies.
    pub is_lambda: bool,
    /// Runs that one process drives at once.
    pub max_runs: usize,
    /// How long runs are kept.
    pub keep: Duration,
    /// Bytes that a connection holds for a client that does not read, where it is not the system's choice.
    pub send_buffer: Option<u32>,
    /// Where models are asked.
    pub models: String,
    /// The key that they are asked with, where they want one.
    pub model_key: Option<String>,
    _models: Served,
    pub functions: Served,
    seat: Seat,
}

/// One item of a log.
#[derive(Clone, Debug)]
pub struct Batch {
    pub writer: String,
    pub epoch: u64,
    pub events: Vec<Value>,
}

/// The services that the driver function works with.
type Seat = Arc<Mutex<Option<Arc<Services>>>>;

impl World {
    /// A world whose drivers hold their runs for so long.
    pub async fn new(lease: Duration) -> Self {
        let (fuse, cast, seat) = (Fuse::default(), Cast::default(), Seat::default());
        let desk = (fuse.clone(), cast.clone());
        let models = Served::start(lines::models(desk.clone())).await;
        let functions = add_driver(lines::functions(&desk), &seat);
        Self {
            table: FaultyTable::start().await,
            models: models.address.clone(),
            model_key: None,
            _models: models,
            send_buffer: None,
            functions: Served::start(invoke::router(functions)).await,
            fuse,
            cast,
            lease,
            calls: Calls::ByTools,
            function: Duration::from_mins(15),
            driver_function: None,
            is_lambda: false,
            max_runs: 1000,
            keep: Duration::from_hours(24),
            seat,
        }
    }

    /// Makes each write of the table, before and after its effect, a point of the fuse.
    pub fn burn_at_writes(&self) {
        let fuse = self.fuse.clone();
        let mut writes = 0;
        self.table.judge(move |asked: &Asked| {
            if !asked.is_write() || asked.is_renewal() {
                return Fate::Pass;
            }
            writes += 1;
            if fuse.meets(&format!("write {writes}, before")) {
                Fate::HoldRequest(fuse.gate())
            } else if fuse.meets(&format!("write {writes}, after")) {
                Fate::HoldResponse(fuse.gate())
            } else {
                Fate::Pass
            }
        });
    }

    /// The one run of this table: a client whose process dies early never learns its id.
    pub async fn only_run(&self) -> String {
        let scan = self.table.direct.scan().table_name(NAME).send().await;
        let items = scan.unwrap().items.unwrap_or_default();
        let heads = items
            .iter()
            .filter(|item| item["SK"].as_s().is_ok_and(|sk| sk == "HEAD"))
            .map(|item| item["PK"].as_s().unwrap().trim_start_matches("RUN#"));
        let heads: Vec<_> = heads.collect();
        let [run_id] = heads[..] else {
            panic!("not one run: {heads:?}");
        };
        run_id.to_owned()
    }

    /// A run's items in their order: who wrote each, under which epoch, and its events.
    pub async fn log(&self, run_id: &str) -> Vec<Batch> {
        let query = self.table.direct.query().table_name(NAME);
        let pages = query
            .key_condition_expression("PK = :run AND begins_with(SK, :batch)")
            .expression_attribute_values(":run", AttributeValue::S(format!("RUN#{run_id}")))
            .expression_attribute_values(":batch", AttributeValue::S("EV#".to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items = pages.try_collect().await.unwrap();
        items
            .iter()
            .map(|item| Batch {
                writer: item["writer"].as_s().unwrap().clone(),
                epoch: item["epoch"].as_n().unwrap().parse().unwrap(),
                events: serde_json::from_str(item["events"].as_s().unwrap()).unwrap(),
            })
            .collect()
    }

    /// Waits until the lease of a run's driver is over by the clock: nobody can renew it while that driver is frozen.
    pub async fn lease_to_end(&self, run_id: &str) {
        let left = self.lease_until_ms(run_id).await;
        let left = left.saturating_sub(drive::now_ms());
        tokio::time::sleep(Duration::from_millis(left + 1)).await;
    }

    /// Whether the driver of the one run has given up its lease.
    pub async fn is_given_up(&self) -> bool {
        let until_ms = self.lease_until_ms(&self.only_run().await).await;
        until_ms <= drive::now_ms()
    }

    async fn lease_until_ms(&self, run_id: &str) -> u64 {
        let get = self.table.direct.get_item().table_name(NAME);
        let head = get
            .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
            .key("SK", AttributeValue::S("HEAD".to_owned()))
            .send()
            .await
            .unwrap();
        let until = &head.item.unwrap()["lease_until"];
        until.as_n().unwrap().parse().unwrap()
    }

    /// Lets the lease of a run's driver be over for everybody who asks the table.
    pub async fn end_lease(&self, run_id: &str) {
        let update = self.table.direct.update_item().table_name(NAME);
        update
            .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
            .key("SK", AttributeValue::S("HEAD".to_owned()))
            .update_expression("SET lease_until = :over")
            .expression_attribute_values(":over", AttributeValue::N("1".to_owned()))
            .send()
            .await
            .unwrap();
    }

    /// Starts a process of the service.
    pub async fn process(&self) -> Process {
        Process::start(Place {
            config: self.config(),
            table: self.table.address.clone(),
            tools: self.functions.address.clone(),
            send_buffer: self.send_buffer,
            is_lambda: self.is_lambda,
        })
        .await
    }

    /// Lets this process be what the driver function runs in, from now on.
    pub fn seat_driver(&self, process: &Process) {
        *self.seat.lock().unwrap() = Some(Arc::clone(&process.services));
    }

    fn config(&self) -> Config {
        let catalog = Catalog::parse(&catalog(self.calls).to_string()).unwrap();
        let server = |id: &str| {
            let model = catalog.model(&ModelId::new(id)).unwrap();
            let variable = &*model.variables.url;
            let key = self.model_key.clone();
            Server::new(&self.models, key, &*model.served_as, variable).unwrap()
        };
        let servers = ["qwen", "phi", "llama"].map(|id| (ModelId::new(id), server(id)));
        Config {
            servers: servers.into(),
            header_values: drive::HeaderValues::default(),
            extra_ca_certs: None,
            secret_keys: Box::default(),
            catalog,
            table: NAME.to_owned(),
            lease: self.lease,
            keep: self.keep,
            model_idle: Duration::from_mins(1),
            max_runs: self.max_runs,
            default_run_cost: run::Cost::of_usd(1.0),
            function: self.function,
            watch: Duration::from_mins(2),
            driver_function: self.driver_function.clone(),
        }
    }
}

/// Adds the function that goes on with a suspended run, as its Lambda does, in the process that has the seat.
fn add_driver(functions: Functions, seat: &Seat) -> Functions {
    let seat = Arc::clone(seat);
    functions.with(DRIVER, move |event| {
        let services = seat.lock().unwrap().clone().unwrap();
        async move {
            let deadline = Deadline::new(services.timing.function, None);
            let outcome = driver::perform(services, Job::read(&event)?, deadline).await?;
            Ok(serde_json::to_value(outcome)?)
        }
    })
}
