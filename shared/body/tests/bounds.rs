//! Bodies of servers that mean no good, or do not know better.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body as Sent;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use body::{Body, BodyError, Bounds};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt as _, stream};
use rustls::{ClientConfig, RootCertStore};

const MOST: usize = 100_000;
/// Two and a half of it are too long.
static PIECE: [u8; 40_000] = [b'x'; 40_000];
const TIME: Duration = Duration::from_secs(10);

/// What a server may answer with.
type Answer = fn() -> Response;

async fn served(answer: Answer) -> reqwest::Response {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().route("/", get(async move || answer()));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy();
    client.build().unwrap().get(url).send().await.unwrap()
}

async fn read(answer: Answer) -> Result<Vec<u8>, BodyError> {
    let bounds = Bounds {
        bytes: MOST,
        time: TIME,
    };
    Body::new(served(answer).await, bounds).whole().await
}

fn packed(encoding: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_ENCODING, encoding)], body).into_response()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Pieces of a body without an end that is known before.
fn streamed(piece: &'static [u8], pause: Duration) -> Response {
    let pieces = stream::repeat(Bytes::from_static(piece)).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(piece)
    });
    Sent::from_stream(pieces).into_response()
}

fn is_too_long(read: &Result<Vec<u8>, BodyError>) -> bool {
    matches!(read, Err(BodyError::TooLong { most: MOST }))
}

#[tokio::test]
async fn what_is_within_the_bounds_is_read_whole_also_where_it_came_compressed() {
    let cases: [(Answer, usize); 5] = [
        (|| ().into_response(), 0),
        (|| vec![b'x'; MOST].into_response(), MOST),
        (|| packed("gzip", gzip(&vec![b'x'; MOST])), MOST),
        // An encoding that was never asked for and is not known comes as it is.
        (|| packed("br", vec![1; 6]), 6),
        (|| packed("zstd", vec![1; 7]), 7),
    ];
    for (answer, bytes) in cases {
        assert_eq!(read(answer).await.unwrap().len(), bytes);
    }
}

#[tokio::test]
async fn one_byte_more_is_too_long_however_it_is_sent() {
    let cases: [Answer; 5] = [
        || vec![b'x'; MOST + 1].into_response(),
        || packed("gzip", gzip(&vec![b'x'; MOST + 1])),
        || packed("gzip", gzip(&vec![0; 8 << 20])),
        || packed("br", vec![1; MOST + 1]),
        || streamed(&[b'x'; 4096], Duration::ZERO),
    ];
    for answer in cases {
        let read = read(answer).await;
        assert!(is_too_long(&read), "{read:?}");
    }
}

#[tokio::test]
async fn a_length_that_is_said_before_costs_nothing() {
    let read = read(|| {
        let silent = Sent::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        ([(header::CONTENT_LENGTH, "999999999999")], silent).into_response()
    });
    assert!(is_too_long(&read.await));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_or_is_silent_ends_with_its_time() {
    let cases: [Answer; 3] = [
        || streamed(b"x", Duration::from_secs(1)),
        || Sent::from_stream(stream::pending::<Result<Bytes, Infallible>>()).into_response(),
        // A compressed body that never comes to its end.
        || {
            let begun = gzip(&[b'x'; 1000]);
            let begun = Bytes::from(begun[..begun.len() / 2].to_vec());
            let rest = stream::pending::<Result<Bytes, Infallible>>();
            let body = stream::iter([Ok(begun)]).chain(rest);
            (
                [(header::CONTENT_ENCODING, "gzip")],
                Sent::from_stream(body),
            )
                .into_response()
        },
    ];
    for answer in cases {
        let read = read(answer).await;
        assert!(
            matches!(read, Err(BodyError::Late { time: TIME })),
            "{read:?}"
        );
    }
}

#[tokio::test]
async fn what_is_damaged_or_cut_is_told_as_that() {
    let cases: [Answer; 2] = [
        || packed("gzip", b"no gzip at all".to_vec()),
        || packed("gzip", gzip(&[b'x'; 5000])[..20].to_vec()),
    ];
    for answer in cases {
        let read = read(answer).await;
        assert!(matches!(read, Err(BodyError::Broken(_))), "{read:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_beginning_is_what_came_within_the_bounds() {
    let bounds = Bounds {
        bytes: MOST,
        time: TIME,
    };
    let cases: [(Answer, usize); 3] = [
        (|| "all".into_response(), 3),
        (|| streamed(b"x", Duration::from_secs(1)), 9),
        (|| streamed(&PIECE, Duration::from_secs(1)), 80_000),
    ];
    for (answer, bytes) in cases {
        let read = Body::new(served(answer).await, bounds).beginning().await;
        assert_eq!(read.len(), bytes);
    }
}
