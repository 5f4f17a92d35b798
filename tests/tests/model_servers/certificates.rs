//! Servers whose certificates an authority of the operator's has signed.

use std::net::Ipv4Addr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tests::script::call;
use tests::stack::Setup;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::gateway::{Answers, Gateway};

/// An authority of an operator's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    fn signs(&self, host: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::new(&certificate, &key)
    }
}

impl Identity {
    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        Self {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            pem: certificate.pem(),
        }
    }

    /// One that has signed itself; `is_authority`: as one that may sign others.
    fn of_itself(is_authority: bool) -> Self {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        if is_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate().unwrap();
        Self::new(&params.self_signed(&key).unwrap(), &key)
    }
}

/// Speaks TLS before a server; ends with this value.
struct Tls {
    address: String,
    task: JoinHandle<()>,
}

impl Tls {
    async fn before(address: &str, identity: Identity) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth();
        let config = config
            .with_single_cert(identity.chain, identity.key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let behind = address.strip_prefix("http://").unwrap().to_owned();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            loop {
                let (plain, _) = listener.accept().await.unwrap();
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    // A client that does not trust the certificate goes away.
                    if let Ok(mut open) = acceptor.accept(plain).await {
                        let mut server = TcpStream::connect(behind).await.unwrap();
                        drop(copy_bidirectional(&mut open, &mut server).await);
                    }
                });
            }
        });
        Self { address, task }
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a run comes to whose only model is behind a server with this certificate: its answer, or its error with the remedy.
async fn ask(identity: Identity, trusted: Option<&str>) -> String {
    let gateway = Gateway::new(Answers::Says("It is 42."));
    let served = gateway.serve().await;
    let tls = Tls::before(&served.address, identity).await;
    let setup = Setup::new().model("qwen", &tls.address);
    let setup = match trusted {
        Some(pem) => setup.extra_ca_certs(pem),
        None => setup,
    };
    let stack = setup.start().await;
    let told = stack.client.question("What is six times seven?").await;
    if told.status() == "completed" {
        return told.answer().to_owned();
    }
    let error = &told.of("error")[0]["error"];
    let text = |field: &str| error[field].as_str().unwrap().to_owned();
    format!("{} {}", text("message"), text("remedy"))
}

#[tokio::test]
async fn a_model_is_asked_where_its_servers_certificate_leads_to_a_named_authority_and_nowhere_else()
 {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let both = format!("{}{}", theirs.pem, ours.pem);
    let here = "127.0.0.1";
    let itself = Identity::of_itself(false);
    let pinned = itself.pem.clone();
    for (identity, trusted) in [
        (ours.signs(here), &ours.pem),
        (ours.signs(here), &both),
        (itself, &pinned),
    ] {
        assert_eq!(ask(identity, Some(trusted)).await, "It is 42.");
    }
    let authority = Identity::of_itself(true);
    let of_authority = authority.pem.clone();
    for (identity, trusted, says) in [
        (ours.signs(here), None, "UnknownIssuer"),
        (ours.signs(here), Some(&theirs.pem), "UnknownIssuer"),
        (
            ours.signs("models.example"),
            Some(&ours.pem),
            "not valid for name",
        ),
        (authority, Some(&of_authority), "CaUsedAsEndEntity"),
    ] {
        let said = ask(identity, trusted.map(String::as_str)).await;
        assert!(said.contains(says), "{says}: {said}");
        assert!(said.contains("EXTRA_CA_CERTS"), "{said}");
    }
}

#[tokio::test]
async fn a_tool_is_called_over_a_certificate_of_the_same_authority() {
    let ours = Authority::new("ours");
    let tool = axum::Router::new().route(
        "/weather",
        axum::routing::post(async || axum::Json(json!({"ok": true, "result": {"celsius": 21}}))),
    );
    let tool = tests::loopback::Served::start(tool).await;
    let tls = Tls::before(&tool.address, ours.signs("127.0.0.1")).await;
    for (trusted, ok) in [(Some(&ours.pem), true), (None, false)] {
        let shipped = include_str!("../../../tools_config.json");
        let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
        let weather = json!({
            "type": "function",
            "function": {"name": "weather", "description": "Weather.", "parameters": {"type": "object"}},
            "target": {"http": {"url": format!("{}/weather", tls.address)}}, "timeout_ms": 10_000, "retry": "safe",
        });
        catalogue["tools"].as_array_mut().unwrap().push(weather);
        let models = tests::model_server::ModelServer::start().await;
        let called = tests::script::calls([call("weather", json!({}))]);
        models.orchestrator([called, tests::script::says("Warm.")]);
        let setup = Setup::with_catalog(&catalogue).models(&models);
        let setup = match trusted {
            Some(pem) => setup.extra_ca_certs(pem),
            None => setup,
        };
        let stack = setup.start().await;
        let told = stack.client.question("How warm is it?").await;
        assert_eq!(told.of("tool_result")[0]["ok"], ok, "{told:?}");
    }
}
