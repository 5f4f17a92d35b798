//! Starts the stack, part by part, and ends it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use drive::Services;
use host::aws::SdkConfig;
use model::Server;
use orchestrator::{App, Config, Hosts};
use rustix::fs::Mode;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::connections::{self, Limits, raise_descriptors};
use crate::data_dir::DataDir;
use crate::driver_function::{self, DriverFunction};
use crate::guard::{AccessKey, bearer_locked, locked};
use crate::options::ServeOptions;
use crate::settings::{Place, Settings};
use crate::tool_functions::Tools;
use crate::{aws_environment, discover, embedded, invoke, network, open_table};

/// How long servers that list their tools may take before the stack is ready. Who is late is left out of the runs until it has answered.
const LIST_LIMIT: Duration = Duration::from_secs(5);
/// Drivers have this long to write what they hold when the stack is stopped.
const STOP_WITHIN: Duration = Duration::from_millis(500);

/// Everything that runs behind the page's port.
pub struct Stack {
    pub listener: TcpListener,
    pub router: Router,
    /// Scheme, host and port.
    pub address: String,
    services: Arc<Services>,
    _data_dir: Option<DataDir>,
}

/// Runs the stack until Ctrl-C or SIGTERM.
pub(crate) async fn serve(options: ServeOptions) -> anyhow::Result<()> {
    // What the stack makes is for its user alone, whatever makes it.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let mut stop = StopSignals::listen()?;
    raise_descriptors();
    let start = async { Stack::start(options, Settings::from_env().await?).await };
    let stack = tokio::select! {
        stack = start => stack?,
        () = stop.recv() => return Ok(()),
    };
    println!("serverless-llm is ready: {}/orchestrator", stack.address);
    eprintln!("Ctrl-C stops it; runs are kept.");
    stack.serve_until(stop.recv()).await;
    eprintln!("stopped");
    Ok(())
}

/// What asks this process to end: Ctrl-C, or whoever runs it.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("listen for Ctrl-C")?,
            terminate: signal(SignalKind::terminate()).context("listen for SIGTERM")?,
        })
    }

    pub(crate) async fn recv(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

impl Stack {
    /// Starts all parts; what goes wrong says what to do.
    pub async fn start(options: ServeOptions, settings: Settings) -> anyhow::Result<Self> {
        let Settings {
            orchestrator: mut config,
            access,
            network_access,
            search,
            read_url,
            code_interpreter,
            table,
            tools: tools_place,
            look_for_models,
        } = settings;
        let access = network::access(&options, table, access, network_access)?;
        let searched = search.providers().join(", ");
        let tools = Tools::new(search, read_url, code_interpreter)?;
        note("python", &tools.python_version().await?);
        note("sandbox", &tools.isolation().await);
        note("search", &searched);
        let key = AccessKey::random().context("make an access key")?;
        let aws = aws_environment::config(&[table, tools_place]).await?;
        let table =
            open_table::to_work(table, &options.data_dir, &config.table, &aws, &key).await?;
        note("table", &table.shown);
        for line in table.data_dir.iter().flat_map(|data_dir| &data_dir.notes) {
            note("data", line);
        }
        let store = Store::new(table.client.clone(), &*config.table, config.keep);
        let listener = network::listen(&options, &access, &store).await?;
        let port = listener.local_addr().context("read the port")?.port();
        let driver = DriverFunction::default();
        let lambda = open_tools(tools_place, &tools, &driver, &aws, &key).await?;
        note("tools", tools_place.of_tools());
        if tools_place == Place::Embedded {
            config.driver_function = Some(driver_function::NAME.to_owned());
        }
        if look_for_models {
            let client = function::model_client(&config).context("build the HTTP clients")?;
            discover::add_found(&mut config.servers, &config.catalog, &client, port).await;
        }
        rehearse_if_alone(&mut config, &tools, &key).await?;
        note_models(&config);
        let services =
            function::services(config, table.client, lambda).context("build the HTTP clients")?;
        services.tools.list(&services.catalog, LIST_LIMIT).await;
        note_left_out(&services);
        let services = Arc::new(services);
        driver.serve(Arc::clone(&services));
        driver_function::sweep_always(Arc::clone(&services));
        let hosts = network::hosts(options.host, port);
        if hosts == Hosts::Network {
            note(
                "network",
                "open to whoever has a key; without TLS before it, keys can be read on its way",
            );
        }
        let address = format!("http://{}", network::page_host(options.host, port));
        let mut held = table.data_dir.iter();
        held.try_for_each(|data_dir| data_dir.tell_address(&address))?;
        Ok(Self {
            listener,
            router: orchestrator::app(App::new(Arc::clone(&services), hosts, access)),
            address,
            services,
            _data_dir: table.data_dir,
        })
    }
}

impl Stack {
    /// Answers requests until then, and leaves the runs that are under way for the next stack.
    pub(crate) async fn serve_until(self, stop: impl Future<Output = ()>) {
        let limits = Limits::of_page();
        connections::serve(self.listener, self.router, limits, stop).await;
        if timeout(STOP_WITHIN, self.services.stop()).await.is_err() {
            eprintln!(
                "some runs could not be left in good order; they go on when their lease is over"
            );
        }
    }
}

pub(crate) async fn open_tools(
    place: Place,
    tools: &Tools,
    driver: &DriverFunction,
    aws: &SdkConfig,
    key: &AccessKey,
) -> anyhow::Result<aws_sdk_lambda::Client> {
    match place {
        Place::Outside => {
            let outside = function::lambda_config(aws);
            Ok(aws_sdk_lambda::Client::from_conf(outside.build()))
        }
        Place::Embedded => {
            let router = invoke::router(driver.add_to(tools.functions()));
            let address = embedded::serve(locked(router, key.clone())).await?;
            let embedded = function::lambda_config(aws)
                .endpoint_url(address)
                .credentials_provider(key.credentials())
                .build();
            Ok(aws_sdk_lambda::Client::from_conf(embedded))
        }
    }
}

/// Where no model has a server, the rehearsal model stands in for all of them.
pub(crate) async fn rehearse_if_alone(
    config: &mut Config,
    tools: &Tools,
    key: &AccessKey,
) -> anyhow::Result<()> {
    if !config.servers.is_empty() {
        return Ok(());
    }
    let router = rehearsal::router(tools.python(), rehearsal::READABLE_PAUSE);
    let address = embedded::serve(bearer_locked(router, key.clone())).await?;
    for model in &config.catalog.models {
        let token = Some(key.bearer().to_owned());
        let server = Server::new(&address, token, rehearsal::MODEL, &*model.variables.url)?;
        config.servers.insert(model.id.clone(), server.rehearsing());
    }
    Ok(())
}

fn note_models(config: &Config) {
    for model in &config.catalog.models {
        let chosen = match config.servers.get(&model.id) {
            Some(server) if server.rehearsal => "rehearsal model: rules, no weights".to_owned(),
            Some(server) => format!("{} at {}", server.model, server.address()),
            None => format!(
                "no server, so it is not offered; {} sets one",
                model.variables.url
            ),
        };
        note(&format!("model {}", model.id), &chosen);
    }
}

fn note_left_out(services: &Services) {
    let left_out = |tool, problem| note(&format!("tool {tool}"), &format!("left out. {problem}"));
    for (tool, problem) in services.tools.absent() {
        left_out(tool.to_string(), problem.to_string());
    }
    for (tool, _, problem) in services.described_tools() {
        if let Some(problem) = problem {
            left_out(tool.to_string(), problem);
        }
    }
}

fn note(part: &str, what: &str) {
    eprintln!("{part:<14} {what}");
}
