//! Servers that send too much, too slowly, or not to the end.

use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::internet::{HTML, Web, call, failed, read, respond};

fn gzip(parts: usize, part: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..parts {
        encoder.write_all(part).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_is_read_as_far_as_its_bound_whatever_it_unfolds_to() {
    let zipped = |body: Vec<u8>| {
        move || {
            respond(
                200,
                &[("content-type", HTML), ("content-encoding", "gzip")],
                body.clone(),
            )
        }
    };
    let web = Web::new().with("example.org/", zipped(gzip(1, b"<p>small")));
    assert_eq!(
        web.read("http://example.org/").await,
        read("http://example.org/", "", "small")
    );

    let bomb = gzip(64, &vec![b'a'; 1 << 20]);
    assert!(bomb.len() < 4_000_000);
    let web = Web::new().with("example.org/", zipped(bomb));
    let told = web.read("http://example.org/").await;
    assert_eq!(told["result"]["truncated"], true, "{}", told["error"]);

    let large: Vec<u8> = b"<p>A line of a page of twenty megabytes.</p>\n".repeat(450_000);
    assert!(large.len() > 20_000_000);
    let web = Web::new().page("example.org/", HTML, large);
    let told = web.read("http://example.org/").await;
    let text = told["result"]["text"].as_str().unwrap();
    assert!(text.starts_with("A line of a page") && text.len() <= 48 * 1024);
    assert_eq!(told["result"]["truncated"], true);

    let pdf = [b"%PDF-1.7 ".to_vec(), vec![b'x'; 5_000_000]].concat();
    let web = Web::new().page("example.org/a.pdf", "application/pdf", pdf);
    let told = web.read("http://example.org/a.pdf").await;
    let text = "[This address is that of a PDF, 5000009 bytes, which is more than the 4000000 bytes that are handed on.]";
    assert_eq!(
        (&told["result"]["text"], told.get("artifacts")),
        (&json!(text), None)
    );

    for encoding in ["deflate", "zstd", "compress", "gzip, gzip"] {
        let web = Web::new().with("example.org/", move || {
            respond(
                200,
                &[("content-type", HTML), ("content-encoding", encoding)],
                "xx",
            )
        });
        let told = web.read("http://example.org/").await;
        assert_eq!(told["error"]["code"], "bad_response", "{encoding}: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_come_to_an_end_is_given_up() {
    let late = failed("timeout", "example.org did not answer in time", true);
    let drops = || {
        let dropped = futures_util::stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_millis(500)).await;
            Some((Ok::<_, Infallible>(Bytes::from("<p>drop")), n + 1))
        });
        respond(200, &[("content-type", HTML)], Body::from_stream(dropped))
    };
    let never = || {
        respond(
            200,
            &[("content-type", HTML)],
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>()),
        )
    };
    let web = Web::new()
        .with("example.org/drops", drops)
        .with("example.org/never", never)
        .with("slow.example/robots.txt", never)
        .page("slow.example/", HTML, "<p>x");
    let reader = web.reader().await;
    assert_eq!(
        call(&reader, "http://example.org/drops", 600_000).await,
        late
    );
    assert_eq!(
        call(&reader, "http://example.org/never", 600_000).await,
        late
    );
    assert_eq!(
        call(&reader, "http://slow.example/", 600_000).await["error"]["code"],
        "timeout"
    );
    assert_eq!(call(&reader, "http://example.org/drops", 0).await, late);
}

#[tokio::test]
async fn a_server_that_breaks_off_or_is_not_there_is_told() {
    let breaks = || {
        let parts: Vec<Result<Bytes, std::io::Error>> = vec![
            Ok(Bytes::from("<p>begin")),
            Err(std::io::Error::other("gone")),
        ];
        respond(
            200,
            &[("content-type", HTML)],
            Body::from_stream(futures_util::stream::iter(parts)),
        )
    };
    let web = Web::new()
        .with("example.org/", breaks)
        .name("nowhere.example", &[&[]]);
    let broken = failed(
        "bad_response",
        "example.org broke off in the middle of its answer",
        true,
    );
    assert_eq!(web.read("http://example.org/").await, broken);
    let unreachable = failed(
        "unreachable",
        "nowhere.example cannot be reached; the address may be wrong",
        true,
    );
    assert_eq!(web.read("http://nowhere.example/").await, unreachable);
}
