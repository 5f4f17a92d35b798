//! What a driver works with.

use std::sync::Arc;
use std::time::Duration;

use catalog::{Catalog, Target, Tool, ToolSet};
use model::Client;
use run::{Cost, ModelId, Preferences, Start, ToolName};
use store::Store;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Config;
use crate::models::Models;
use crate::run_catalogs::RunCatalogs;
use crate::tools::Tools;

/// Everything that driving a run needs from outside; made once a process.
#[derive(Debug)]
pub struct Services {
    pub store: Store,
    /// What the operator's file says. A run works with [`Self::catalog_of`] its start.
    pub catalog: Arc<Catalog>,
    pub models: Models,
    pub tools: Tools,
    run_catalogs: RunCatalogs,
    /// Reaches the tool functions.
    pub lambda: aws_sdk_lambda::Client,
    pub timing: Timing,
    /// What is set aside for a run of an account that has dollars a day, where its request says nothing.
    pub(crate) default_run_cost: Cost,
    /// The function that goes on with a suspended run, where there is one.
    pub driver_function: Option<String>,
    /// The drivers of this process, and the signal that it is being stopped.
    pub(crate) drivers: TaskTracker,
    pub(crate) stopping: CancellationToken,
    /// One for each run that this process may drive at once.
    seats: Arc<Semaphore>,
    /// One, for whoever reads what models take.
    pub(crate) reading: Arc<Semaphore>,
}

/// Lengths of time that an operator may set.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a driver holds a run without renewing.
    pub lease: Duration,
    /// How long a function may run, where the platform does not say.
    pub function: Duration,
    /// How long a stream of a watcher lasts, before its client is asked to come again.
    pub watch: Duration,
}

impl Services {
    /// The services as the environment configures them, over clients that the caller has made.
    pub fn new(
        config: Config,
        client: Client,
        tools: Tools,
        dynamodb: aws_sdk_dynamodb::Client,
        lambda: aws_sdk_lambda::Client,
    ) -> Self {
        Self {
            store: Store::new(dynamodb, config.table, config.keep),
            catalog: Arc::new(config.catalog),
            models: Models::new(client, config.servers, config.secret_keys),
            tools,
            run_catalogs: RunCatalogs::default(),
            lambda,
            timing: Timing {
                lease: config.lease,
                function: config.function,
                watch: config.watch,
            },
            default_run_cost: config.default_run_cost,
            driver_function: config.driver_function,
            drivers: TaskTracker::new(),
            stopping: CancellationToken::new(),
            seats: Arc::new(Semaphore::new(config.max_runs)),
            reading: Arc::new(Semaphore::new(1)),
        }
    }

    /// Makes all drivers of this process flush their text and release their runs, so that others can go on at once.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.drivers.close();
        self.drivers.wait().await;
    }

    /// The right to drive one more run, until it is dropped; `None` where the limit is reached.
    pub(crate) fn seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats).try_acquire_owned().ok()
    }

    /// The catalogue that a run works with from its start to its end, whichever process drives it.
    pub fn catalog_of(&self, start: &Start) -> Arc<Catalog> {
        self.run_catalogs.of(&self.catalog, &start.listed)
    }

    /// The tools of a run's catalogue that a run with these preferences may use here.
    pub fn tool_set<'a>(&self, catalog: &'a Catalog, preferences: &Preferences) -> ToolSet<'a> {
        let is_served = |model: &_| self.models.servers.contains_key(model);
        let tools = catalog.tool_set(preferences, is_served);
        tools.without(|tool| self.tools.problem(tool).is_some())
    }

    /// Whether it is known what a model costs. One that has no server is never asked.
    pub fn is_priced(&self, model: &ModelId) -> bool {
        let server = self.models.servers.get(model);
        let is_free = server.is_none_or(|server| server.rehearsal);
        let known = self.catalog.model(model);
        is_free || known.is_some_and(|model| model.prices.is_some())
    }

    /// Why no run is offered a tool, whatever its preferences, in one sentence; `None` where runs are.
    pub fn tool_problem(&self, tool: &Tool) -> Option<String> {
        match &tool.target {
            Target::Models(aliases) => self.models_problem(aliases.models.iter().map(|(_, id)| id)),
            Target::Discuss(discussion) => self.models_problem(discussion.models.iter()),
            Target::Chain(chain) => {
                let of_models = self.models_problem(chain.models.iter().map(|(_, id)| id));
                let called = self.catalog.tool(&chain.then);
                of_models.or_else(|| self.tool_problem(called?))
            }
            Target::Lambda(_) | Target::Http(_) => {
                self.tools.problem(&tool.name).map(str::to_owned)
            }
            Target::Mcp(target) => self.tools.problem_of_listed(&target.server, &tool.name),
        }
    }

    fn models_problem<'a>(&self, mut models: impl Iterator<Item = &'a ModelId>) -> Option<String> {
        let is_served = models.any(|id| self.models.servers.contains_key(id));
        (!is_served).then(|| "None of its models has a server.".to_owned())
    }

    /// The tools that are offered as their servers describe them: each with what is said of it, and why it is not offered now.
    pub fn described_tools(&self) -> Vec<(ToolName, String, Option<String>)> {
        let servers = self.catalog.mcp_servers.iter();
        let offered = servers.flat_map(|server| server.offered.iter().map(move |it| (server, it)));
        let told = offered.map(|(server, offered)| {
            let name = ToolName::new(offered.name.clone());
            let problem = self.tools.problem_of_listed(&server.key, &name);
            let description = self.tools.description(&name).unwrap_or_default();
            (name, description, problem)
        });
        told.collect()
    }
}
