//! A page that is reached over a network: only with an access key, by whatever name, and by its own pages only.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use local::{Place, ServeOptions, Settings};
use orchestrator::Access;
use tests::raw_http::exchange;
use tests::stack::{Setup, Stack};

/// SHA-256 of `open sesame`.
const DIGEST: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";
const KEY: &str = "authorization: Bearer open sesame";

async fn stack(host: IpAddr) -> Stack {
    let setup = Setup::new().access(&[("ACCESS_KEY_SHA256", DIGEST)], Access::OPEN);
    setup.host(host).start().await
}

/// Status of an answer to a request with these header lines.
async fn status(stack: &Stack, target: &str, headers: &[&str]) -> u16 {
    let answer = exchange(&stack.client.address, "GET", target, headers).await;
    let status = answer.strip_prefix("HTTP/1.1 ").unwrap();
    status[..3].parse().unwrap()
}

#[tokio::test]
async fn without_a_key_nothing_listens_beyond_this_machine() {
    let data_dir = tempfile::tempdir().unwrap();
    for host in [
        IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
        Ipv4Addr::new(127, 0, 0, 2).into(),
    ] {
        for access in [Access::OPEN, Access::CLOSED] {
            let options = ServeOptions {
                port: 0,
                data_dir: data_dir.path().join("none"),
                host,
            };
            let settings = Settings {
                network_access: access.clone(),
                access,
                table: Place::Embedded,
                ..Settings::from_env().await.unwrap()
            };
            let refused = local::Stack::start(options, settings).await.err().unwrap();
            let said = refused.to_string();
            assert!(
                said.starts_with(&format!("--host {host}: only 127.0.0.1"))
                    && said.contains("keys create")
                    && said.contains("ACCESS_KEY_SHA256"),
                "{said}"
            );
        }
    }
    assert!(!data_dir.path().join("none").exists());
}

#[tokio::test]
async fn with_a_key_every_name_leads_to_the_page_and_the_key_into_the_interface() {
    let stack = stack(Ipv4Addr::UNSPECIFIED.into()).await;
    assert!(stack.client.address.starts_with("http://127.0.0.1:"));
    let port = stack.client.address.rsplit_once(':').unwrap().1;
    for name in ["localhost", "127.0.0.1", "192.168.1.5", "box.example"] {
        let host = format!("host: {name}:{port}");
        let own = format!("origin: http://{name}:{port}");
        assert_eq!(status(&stack, "/", &[&host]).await, 200, "{name}");
        assert_eq!(status(&stack, "/api/runs", &[&host]).await, 401, "{name}");
        let lines = [&*host, &own, "sec-fetch-site: same-origin", KEY];
        assert_eq!(status(&stack, "/api/runs", &lines).await, 200, "{name}");
        let rebound = [&*host, &own];
        assert_eq!(status(&stack, "/api/config", &rebound).await, 401, "{name}");
    }
}

#[tokio::test]
async fn with_a_key_pages_of_another_origin_are_refused_all_the_same() {
    let stack = stack(Ipv4Addr::UNSPECIFIED.into()).await;
    for foreign in [
        "origin: http://evil.example",
        "origin: null",
        "sec-fetch-site: cross-site",
    ] {
        for target in ["/", "/health", "/api/runs"] {
            let lines = ["host: box.example", foreign, KEY];
            assert_eq!(
                status(&stack, target, &lines).await,
                403,
                "{target} {foreign}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_opens_no_other_name_to_a_page_on_loopback() {
    let stack = stack(Ipv4Addr::LOCALHOST.into()).await;
    let port = stack.client.address.rsplit_once(':').unwrap().1;
    let own = format!("host: localhost:{port}");
    assert_eq!(status(&stack, "/api/runs", &[&own, KEY]).await, 200);
    let foreign = ["host: box.example", KEY];
    assert_eq!(status(&stack, "/api/runs", &foreign).await, 403);
}
