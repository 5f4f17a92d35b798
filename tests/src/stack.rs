//! Starts the real stack in this process, or the service alone over a table that counts.

use std::collections::BTreeMap;
use std::future::ready;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use catalog::{Calls, Catalog};
use drive::{HeaderValues, Services};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use local::connections::Limits;
use local::invoke::{self, Functions, Handler};
use local::{Place, ServeOptions, Settings, Tools};
use orchestrator::{Access, App, Config, Hosts};
use read_url::Network;
use run::ModelId;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;
use crate::duckduckgo::DuckDuckGo;
use crate::loopback::{ClosedPort, Served};
use crate::model_server::{KEY, ModelServer};
use crate::pages::{Pages, no_pages};
use crate::table::{self, Table};

/// Addresses of the search that are public services where nothing is set.
pub(crate) const PUBLIC_SEARCHES: [&str; 2] = ["DUCKDUCKGO_URL", "WIKIPEDIA_URL"];

const CATALOG: &str = include_str!("../../tools_config.json");

/// What a stack is started with. Without models the rehearsal model stands in; without a search nothing can be searched.
pub struct Setup {
    config: Config,
    /// Variables of the search. Whoever else could be asked cannot be reached.
    search: BTreeMap<&'static str, String>,
    pages: Option<Network>,
    access: Access,
    /// The same where others than this machine reach the page.
    network_access: Access,
    host: IpAddr,
    /// In place of the whole Invoke API.
    invoke: Option<axum::Router>,
    connections: Limits,
    /// In place of the tool functions of these names.
    tools: Vec<(&'static str, Handler)>,
}

/// The local stack as `cargo run` starts it, on free ports.
#[derive(Debug)]
pub struct Stack {
    pub client: Client,
    pub data_dir: TempDir,
    _served: Served,
    _no_search: ClosedPort,
}

/// How long servers that list their tools may take before a service is there.
const LIST_LIMIT: Duration = Duration::from_secs(30);

/// The service by itself, with the tool functions beside it, over a table that counts.
#[derive(Debug)]
pub struct Counted {
    pub client: Client,
    pub table: Table,
    /// For which tenant each tool was invoked.
    pub tenants: Arc<Mutex<Vec<Option<String>>>>,
    _served: Served,
    _functions: Served,
    _no_search: ClosedPort,
}

impl Setup {
    /// The rehearsal model, and no search.
    pub fn new() -> Self {
        Self::of(CATALOG)
    }

    /// The same with the orchestrator asked in another way.
    pub fn with_prompt(prompt: &str) -> Self {
        let mut catalog: Value = serde_json::from_str(CATALOG).unwrap();
        catalog["orchestrator"]["prompt"] = prompt.into();
        Self::of(&catalog.to_string())
    }

    /// The same with models that decide where the orchestrator's own cannot.
    pub fn with_fallback(fallback: &[&str]) -> Self {
        let mut catalog: Value = serde_json::from_str(CATALOG).unwrap();
        catalog["orchestrator"]["fallback"] = fallback.into();
        Self::of(&catalog.to_string())
    }

    /// Calls asked for in this way, whatever the orchestrator's server can do.
    #[must_use]
    pub fn calls(mut self, calls: Calls) -> Self {
        self.config.catalog.orchestrator.calls = calls;
        self
    }

    /// The rehearsal model, and a catalogue of the test's own.
    pub fn with_catalog(catalog: &Value) -> Self {
        Self::of(&catalog.to_string())
    }

    fn of(catalog: &str) -> Self {
        Self {
            config: Config {
                catalog: Catalog::parse(catalog).unwrap(),
                servers: BTreeMap::new(),
                header_values: HeaderValues::default(),
                extra_ca_certs: None,
                secret_keys: Box::default(),
                table: table::NAME.to_owned(),
                lease: Duration::from_secs(15),
                keep: Duration::from_hours(24),
                model_idle: Duration::from_mins(1),
                max_runs: 1000,
                default_run_cost: run::Cost::of_usd(1.0),
                function: Duration::from_mins(15),
                watch: Duration::from_mins(2),
                driver_function: None,
            },
            search: BTreeMap::new(),
            pages: None,
            access: Access::OPEN,
            network_access: Access::CLOSED,
            host: Ipv4Addr::LOCALHOST.into(),
            connections: Limits::of_page(),
            tools: Vec::new(),
            invoke: None,
        }
    }

    /// All models at one scripted server.
    pub fn with_models(server: &ModelServer) -> Self {
        Self::with_models_at(server.address())
    }

    /// All models at one address.
    pub fn with_models_at(address: &str) -> Self {
        Self::new().models_at(address)
    }

    /// All models at one scripted server.
    #[must_use]
    pub fn models(self, server: &ModelServer) -> Self {
        self.models_at(server.address())
    }

    /// All models at one address.
    #[must_use]
    pub fn models_at(self, address: &str) -> Self {
        ["qwen", "phi", "llama"]
            .into_iter()
            .fold(self, |setup, id| setup.model(id, address))
    }

    /// One model at an address. Variables of its headers are to be said before.
    #[must_use]
    pub fn model(mut self, id: &str, address: &str) -> Self {
        let id = ModelId::new(id);
        let model = self.config.catalog.model(&id).unwrap();
        let (key, name) = (Some(KEY.to_owned()), model.served_as.clone());
        let values = &self.config.header_values;
        let server = drive::model_server(model, address, key, name, values).unwrap();
        self.config.servers.insert(id, server);
        self
    }

    /// Its servers say of themselves that they only stand in for the models.
    #[must_use]
    pub fn rehearsing(mut self) -> Self {
        for server in self.config.servers.values_mut() {
            server.rehearsal = true;
        }
        self
    }

    /// Pages that can be read.
    #[must_use]
    pub fn pages(mut self, pages: &Pages) -> Self {
        self.pages = Some(pages.network());
        self
    }

    /// Searches at one service, and nowhere else.
    #[must_use]
    pub fn search(self, service: &DuckDuckGo) -> Self {
        let variables = [
            ("DUCKDUCKGO_URL", service.address()),
            ("SEARCH_PROVIDERS", "duckduckgo"),
        ];
        self.searching(&variables)
    }

    /// Variables of the search.
    #[must_use]
    pub fn searching(mut self, variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter();
        self.search
            .extend(variables.map(|(name, value)| (*name, (*value).to_owned())));
        self
    }

    /// What a request has to show, by the variables of the environment.
    #[must_use]
    pub fn access(mut self, variables: &[(&str, &str)], without_key: Access) -> Self {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let env = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        self.access = Access::read(env, without_key).unwrap();
        self.network_access = Access::read(env, Access::CLOSED).unwrap();
        self
    }

    /// Where the page listens.
    #[must_use]
    pub const fn host(mut self, host: IpAddr) -> Self {
        self.host = host;
        self
    }

    /// What the connections to the page may take.
    #[must_use]
    pub const fn connections(mut self, limits: Limits) -> Self {
        self.connections = limits;
        self
    }

    /// A tool function of the test's own, over a table that counts.
    #[must_use]
    pub fn tool<F>(mut self, name: &'static str, answer: F) -> Self
    where
        F: Fn(tool::Request) -> tool::Response + Send + Sync + 'static,
    {
        let handler: Handler = Arc::new(move |payload| {
            let response = serde_json::from_value(payload).map(&answer);
            ready(response.and_then(serde_json::to_value).map_err(Into::into)).boxed()
        });
        self.tools.push((name, handler));
        self
    }

    /// An Invoke API of the test's own, over a table that counts.
    #[must_use]
    pub fn functions(mut self, invoke: axum::Router) -> Self {
        self.invoke = Some(invoke);
        self
    }

    /// What the variables hold that the catalogue names for headers.
    #[must_use]
    pub fn header_variables(mut self, variables: &[(&str, &str)]) -> Self {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let env = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        self.config.header_values = HeaderValues::read(&self.config.catalog, env);
        self
    }

    /// Authorities that servers of models and tools are trusted by, in PEM.
    #[must_use]
    pub fn extra_ca_certs(mut self, pem: &str) -> Self {
        self.config.extra_ca_certs = Some(pem.to_owned());
        self
    }

    /// Which keys of models' servers stand in secrets, and who reads those again.
    #[must_use]
    pub fn secret_keys(mut self, keys: drive::SecretKeys) -> Self {
        self.config.secret_keys = Box::new(keys);
        self
    }

    /// How long a model server may be silent.
    #[must_use]
    pub const fn model_idle(mut self, idle: Duration) -> Self {
        self.config.model_idle = idle;
        self
    }

    /// How many runs the process drives at once.
    #[must_use]
    pub const fn max_runs(mut self, runs: usize) -> Self {
        self.config.max_runs = runs;
        self
    }

    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.config.lease = lease;
        self
    }

    /// How long a function may run that drives a run.
    #[must_use]
    pub const fn function(mut self, function: Duration) -> Self {
        self.config.function = function;
        self
    }

    /// How long a stream of a watcher lasts.
    #[must_use]
    pub const fn watch(mut self, watch: Duration) -> Self {
        self.config.watch = watch;
        self
    }

    /// Starts everything that `cargo run` starts. In a box: what is started is large, and so is what starts it.
    pub fn start(self) -> BoxFuture<'static, Stack> {
        self.start_all().boxed()
    }

    async fn start_all(self) -> Stack {
        let data_dir = tempfile::tempdir().unwrap();
        let no_search = ClosedPort::take();
        let options = ServeOptions {
            port: 0,
            data_dir: data_dir.path().to_owned(),
            host: self.host,
        };
        let settings = Settings {
            search: search_config(&self.search, &no_search),
            read_url: read_url::Config::new(self.pages.unwrap_or_else(no_pages)),
            code_interpreter: code_interpreter::Config::from_env().unwrap(),
            orchestrator: self.config,
            access: self.access,
            network_access: self.network_access,
            table: Place::Embedded,
            tools: Place::Embedded,
            look_for_models: false,
        };
        let stack = local::Stack::start(options, settings).await.unwrap();
        let address = stack.address.clone();
        Stack {
            client: Client::new(&address),
            _served: Served::within(self.connections, stack.listener, stack.router, address),
            _no_search: no_search,
            data_dir,
        }
    }

    /// Starts the service over a table that counts.
    pub async fn start_counted(self) -> Counted {
        let table = Table::start().await;
        let no_search = ClosedPort::take();
        let search = search_config(&self.search, &no_search);
        let tools = self.tools.into_iter();
        let functions = tools.fold(
            functions(search, self.pages),
            |functions, (name, handler)| functions.with(name, move |payload| handler(payload)),
        );
        let tenants = Arc::<Mutex<Vec<_>>>::default();
        let seen = Arc::clone(&tenants);
        let note = map_request(move |request: Request| {
            let tenant = request.headers().get("x-amz-tenant-id");
            let tenant = tenant.map(|id| id.to_str().unwrap().to_owned());
            seen.lock().unwrap().push(tenant);
            ready(request)
        });
        let invoke = self.invoke.unwrap_or_else(|| invoke::router(functions));
        let functions = Served::start(invoke.layer(note)).await;
        let lambda = invoker(&functions.address);
        let (app, services) = service(self.config, table.client.clone(), lambda, self.access);
        services.tools.list(&services.catalog, LIST_LIMIT).await;
        let served = Served::start(app).await;
        Counted {
            client: Client::new(&served.address),
            table,
            tenants,
            _served: served,
            _functions: functions,
            _no_search: no_search,
        }
    }

    /// The service as one process of its own over a table that others use too, without any tool function.
    pub fn process(self, table: &Table) -> (Router, Arc<Services>) {
        self.process_at(table.client.clone())
    }

    /// The same over a table that this client reaches.
    pub fn process_at(self, table: aws_sdk_dynamodb::Client) -> (Router, Arc<Services>) {
        let nowhere = ClosedPort::take();
        let lambda = invoker(&nowhere.address);
        service(self.config, table, lambda, self.access)
    }
}

/// The service over the two AWS clients, as a router and what it works with.
pub(crate) fn service(
    config: Config,
    table: aws_sdk_dynamodb::Client,
    lambda: aws_sdk_lambda::Client,
    access: Access,
) -> (Router, Arc<Services>) {
    let services = Arc::new(function::services(config, table, lambda).unwrap());
    let app = orchestrator::app(App::new(Arc::clone(&services), Hosts::Any, access));
    (app, services)
}

/// A client of an Invoke API at an address.
pub(crate) fn invoker(address: &str) -> aws_sdk_lambda::Client {
    let lambda = function::lambda_config(&host::aws::config().unwrap())
        .endpoint_url(address)
        .credentials_provider(table::credentials())
        .build();
    aws_sdk_lambda::Client::from_conf(lambda)
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

/// A search that asks nobody beyond this machine.
fn search_config(
    variables: &BTreeMap<&'static str, String>,
    nowhere: &ClosedPort,
) -> search::Config {
    let set = |name: &str| {
        let elsewhere = PUBLIC_SEARCHES.contains(&name).then_some(&nowhere.address);
        variables.get(name).or(elsewhere).map(Into::into)
    };
    search::Config::read(set).unwrap()
}

/// The tool functions as the local stack has them.
fn functions(search: search::Config, pages: Option<Network>) -> Functions {
    let python = code_interpreter::Config::from_env().unwrap();
    let pages = read_url::Config::new(pages.unwrap_or_else(no_pages));
    Tools::new(search, pages, python).unwrap().functions()
}
