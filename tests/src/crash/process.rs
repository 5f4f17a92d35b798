//! A process of the service that can be killed or frozen: a runtime of its own.

use std::net::Ipv4Addr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use axum::serve::ListenerExt as _;
use drive::Services;
use orchestrator::{Access, Config};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::fault_proxy;
use crate::stack;
use crate::wait::within;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// A process of the service, as a runtime of its own with one thread.
pub struct Process {
    pub client: Client,
    pub services: Arc<Services>,
    runtime: Option<Runtime>,
}

/// What a process is started with.
pub(super) struct Place {
    pub(super) config: Config,
    pub(super) table: String,
    pub(super) tools: String,
    /// Bytes that a connection holds for a client that does not read, where it is not the system's choice.
    pub(super) send_buffer: Option<u32>,
    /// Requests come with what Lambda says of them.
    pub(super) is_lambda: bool,
}

/// A process that stands still until this is dropped, as Lambda freezes a function: its clock goes on.
#[must_use]
pub struct Frozen(mpsc::Sender<()>);

impl Frozen {
    pub fn thaw(self) {
        drop(self.0);
    }
}

impl Process {
    pub(super) async fn start(place: Place) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let started = runtime.spawn(async move {
            let aws = host::aws::config().unwrap();
            let lambda = stack::invoker(&place.tools);
            let table = fault_proxy::client(&aws, &place.table);
            let (app, services) = stack::service(place.config, table, lambda, Access::OPEN);
            let app = if place.is_lambda {
                app.layer(axum::Extension(lambda_http::Context::default()))
            } else {
                app
            };
            let listener = listen(place.send_buffer);
            let address = format!("http://{}", listener.local_addr().unwrap());
            // As the local server does: small writes would wait 40 ms for an acknowledgement.
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
            (services, address)
        });
        let (services, address) = started.await.unwrap();
        Self {
            client: Client::new(&address),
            services,
            runtime: Some(runtime),
        }
    }

    /// Does something inside the process.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.as_ref().unwrap().spawn(work)
    }

    /// Stops it where it stands: its one thread does nothing else until it is thawed.
    pub async fn freeze(&self) -> Frozen {
        let (thaw, thawed) = mpsc::channel();
        let (tell, stands) = oneshot::channel();
        self.spawn(async move {
            tell.send(()).unwrap();
            // Ends with an error, when the other side is dropped: nothing is ever sent.
            thawed.recv().unwrap_err();
        });
        within("a process to freeze", stands).await.unwrap();
        Frozen(thaw)
    }

    /// Ends it where it stands.
    pub async fn kill(mut self) {
        let runtime = self.runtime.take().unwrap();
        let stop = move || runtime.shutdown_timeout(Duration::from_mins(1));
        tokio::task::spawn_blocking(stop).await.unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn listen(send_buffer: Option<u32>) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(bytes) = send_buffer {
        socket.set_send_buffer_size(bytes).unwrap();
    }
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    socket.listen(BACKLOG).unwrap()
}
