//! Lambda's word that this process is about to end.
//!
//! Lambda gives it only to a function with an extension, and takes registrations only before the first poll. So this registers
//! one inside the process that asks for no events. By hand, as `lambda_runtime`'s own way (`graceful-shutdown`) panics where that
//! fails, and brings readers of logs and telemetry into each binary, 80 KB that are never used.

use std::env;
use std::pin::Pin;
use std::process;

use anyhow::{Context as _, ensure};
use http::{Method, Request, Uri};
use lambda_runtime::Error;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Must be the name of no other extension of the function.
const NAME: &str = "serverless-llm-stop-signal";
const REGISTER: &str = "/2020-01-01/extension/register";
const NEXT_EVENT: &str = "/2020-01-01/extension/event/next";
const NAME_HEADER: &str = "lambda-extension-name";
const ID_HEADER: &str = "lambda-extension-identifier";

/// The registration, under way while the caller goes on with its start, and what is done on that word.
pub struct StopSignal {
    registered: JoinHandle<anyhow::Result<()>>,
    hook: oneshot::Sender<Hook>,
}

type Hook = Pin<Box<dyn Future<Output = ()> + Send>>;

impl StopSignal {
    /// Begins to register.
    pub fn register() -> Self {
        let (hook, given) = oneshot::channel::<Hook>();
        Self {
            registered: tokio::spawn(register(given)),
            hook,
        }
    }

    /// Says what is done on that word, and waits until Lambda has the registration.
    ///
    /// # Errors
    /// Lambda does not take it, or this is not Lambda.
    pub async fn then(self, hook: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        if self.hook.send(Box::pin(hook)).is_err() {
            tracing::warn!("the function is being stopped before it has started");
        }
        Ok(self.registered.await??)
    }
}

async fn register(hook: oneshot::Receiver<Hook>) -> anyhow::Result<()> {
    let [terminated, interrupted] = [SignalKind::terminate(), SignalKind::interrupt()]
        .map(|kind| signal(kind).context("wait for signals"));
    let signals = [terminated?, interrupted?];
    let client = PooledClient::builder().with_endpoint(runtime_api()?);
    let client = client.build();
    let id = register_extension(&client)
        .await
        .context("register with Lambda for its word that the function is to end")?;
    tokio::spawn(stop_on(signals, hook));
    tokio::spawn(async move { await_events(&client, id).await });
    Ok(())
}

/// Where the Runtime API is.
fn runtime_api() -> anyhow::Result<Uri> {
    let address = env::var("AWS_LAMBDA_RUNTIME_API").context(
        "read AWS_LAMBDA_RUNTIME_API, which Lambda and its emulators set: this program runs in no other place",
    )?;
    Uri::try_from(&address).with_context(|| format!("read AWS_LAMBDA_RUNTIME_API ({address})"))
}

/// What Lambda knows the extension by.
async fn register_extension(client: &PooledClient) -> anyhow::Result<http::HeaderValue> {
    let request = build_request()
        .method(Method::POST)
        .uri(REGISTER)
        .header(NAME_HEADER, NAME)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Body::from(r#"{"events":[]}"#))?;
    let response = send(client, request).await?;
    let id = response.headers().get(ID_HEADER);
    id.cloned()
        .with_context(|| format!("no {ID_HEADER} in the response"))
}

/// The start is over for Lambda once each extension asks for its next event. To one that wants none, none comes.
async fn await_events(client: &PooledClient, id: http::HeaderValue) {
    let request = build_request()
        .uri(NEXT_EVENT)
        .header(ID_HEADER, id)
        .body(Body::empty());
    let ended = match request {
        Ok(request) => send(client, request).await.err(),
        Err(error) => Some(error.into()),
    };
    if let Some(error) = ended {
        tracing::warn!(%error, "the wait for events of the extension has ended");
    }
}

async fn send(
    client: &PooledClient,
    request: Request<Body>,
) -> anyhow::Result<http::Response<impl Sized>> {
    let sent = client.call(request).await;
    let response = sent.map_err(|error| anyhow::anyhow!(error))?;
    ensure!(
        response.status().is_success(),
        "the response is {}",
        response.status()
    );
    Ok(response)
}

/// Does what is to be done on the first of the signals, and ends the process.
async fn stop_on([mut terminated, mut interrupted]: [Signal; 2], hook: oneshot::Receiver<Hook>) {
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("the function is told to end");
    // A start that has failed gives none, and has nothing to stop.
    if let Ok(hook) = hook.await {
        hook.await;
    }
    process::exit(0);
}
