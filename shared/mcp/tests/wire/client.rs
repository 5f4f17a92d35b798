//! The client as a process uses it, and what comes of it in one line.

use std::sync::Arc;
use std::time::Duration;

use mcp::{Address, Answered, Limits, Problem, Server};
use reqwest::Client;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

/// The value of a header that is sent with each request; it stands nowhere else.
pub const SECRET: &str = "s3cr3t-token";

pub fn server(url: &str) -> Arc<Server> {
    // Another part of the process has chosen how TLS is made; these servers have none.
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ));
    let tls = tls.with_safe_default_protocol_versions().unwrap();
    let tls = tls
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none());
    let client = client.no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static(SECRET));
    Server::new(Address {
        url: url.parse().unwrap(),
        headers,
        client,
    })
}

pub const QUICK: Limits = Limits {
    silence: Duration::from_millis(400),
    whole: Duration::from_millis(900),
};
pub const PATIENT: Limits = Limits {
    silence: Duration::from_secs(20),
    whole: Duration::from_secs(30),
};

/// Calls `walk`.
pub async fn call(server: &Arc<Server>, may_repeat: bool, limits: Limits) -> String {
    let arguments = json!({"to": "Bern"});
    let arguments = arguments.as_object().unwrap().clone();
    let answered = server.call("walk", arguments, may_repeat, limits).await;
    let told = shown(&answered);
    assert!(!told.contains(SECRET), "{told}");
    told
}

pub fn shown(answered: &Result<Answered, Problem>) -> String {
    match answered {
        Ok(Answered::Done(answer)) => {
            let files = answer
                .files
                .iter()
                .map(|file| format!(" + {} {} {}", file.name, file.media_type, file.data.len()));
            format!(
                "{}{}",
                Value::Object(answer.result.clone()),
                files.collect::<String>()
            )
        }
        Ok(Answered::Failed { code, message }) => format!("failed {code}: {message}"),
        Err(problem) => told(problem),
    }
}

pub fn told(problem: &Problem) -> String {
    let done = if problem.may_be_done() {
        ", may be done"
    } else {
        ""
    };
    let passing = if problem.is_passing() {
        ", passing"
    } else {
        ""
    };
    format!("{}{done}{passing}: {problem}", problem.code())
}
