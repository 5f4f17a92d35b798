//! TLS in front of a server on loopback, by authorities of a test's own.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority of an operator's own.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pub pem: String,
}

/// Speaks TLS before a server; ends with this value.
#[derive(Debug)]
pub struct Tls {
    pub address: String,
    door: Arc<Door>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Door {
    is_shut: AtomicBool,
    handshakes: AtomicUsize,
}

impl Authority {
    pub fn new(name: &str) -> Self {
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

    pub fn signs(&self, host: &str) -> Identity {
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
    pub fn of_itself(is_authority: bool) -> Self {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        if is_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate().unwrap();
        Self::new(&params.self_signed(&key).unwrap(), &key)
    }
}

impl Tls {
    /// `address` begins with `http://`.
    pub async fn before(address: &str, identity: Identity) -> Self {
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
        let door = Arc::<Door>::default();
        let task = tokio::spawn(accept(listener, acceptor, behind, Arc::clone(&door)));
        Self {
            address,
            door,
            task,
        }
    }

    /// Whoever comes while it is shut is sent away without a handshake.
    pub fn shut(&self, is_shut: bool) {
        self.door.is_shut.store(is_shut, Ordering::SeqCst);
    }

    /// How many handshakes there were since the last time.
    pub fn handshakes(&self) -> usize {
        self.door.handshakes.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, behind: String, door: Arc<Door>) {
    loop {
        let (plain, _) = listener.accept().await.unwrap();
        if door.is_shut.load(Ordering::SeqCst) {
            continue;
        }
        plain.set_nodelay(true).unwrap();
        let (acceptor, behind, door) = (acceptor.clone(), behind.clone(), Arc::clone(&door));
        tokio::spawn(async move {
            // A client that does not trust the certificate goes away.
            if let Ok(mut open) = acceptor.accept(plain).await {
                door.handshakes.fetch_add(1, Ordering::SeqCst);
                let mut server = TcpStream::connect(behind).await.unwrap();
                server.set_nodelay(true).unwrap();
                drop(copy_bidirectional(&mut open, &mut server).await);
            }
        });
    }
}
