//! Requests that no honest client sends, of so many kinds, each made by its own hand.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt as _, stream};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::json::{deep, text};
use super::super::random;
use super::world::{KEY, World};
use crate::wait::within;

/// Requests at once.
const AT_ONCE: usize = 8;
const MEGABYTE: usize = 1 << 20;
/// Bytes of an answer that are read.
const READ_BYTES: u64 = 64 * 1024;

/// By kind: how often each outcome was seen.
pub(super) type Outcomes = BTreeMap<&'static str, BTreeMap<String, u64>>;

/// What a request is made of.
struct Hand<'a> {
    random: RefCell<StdRng>,
    host: &'a str,
}

type Kind = (&'static str, fn(&Hand<'_>) -> Vec<u8>);

/// Sends so many, each kind as often as the others.
pub(super) async fn send(world: &World, seed: u64, count: u64) -> Outcomes {
    let host = world.host();
    let sent = (0..count).map(|case| async move {
        let (name, make) = KINDS[usize::try_from(case).unwrap() % KINDS.len()];
        let bytes = make(&Hand {
            random: RefCell::new(random(seed, case)),
            host,
        });
        let outcome = exchange(host, &bytes).await;
        let is_refused = outcome.starts_with('4') || matches!(&*outcome, "503" | "505" | "closed");
        assert!(
            is_refused,
            "{outcome} to `{name}`, --seed {seed}, case {case}"
        );
        (name, outcome)
    });
    let mut sent = stream::iter(sent).buffer_unordered(AT_ONCE);
    let mut outcomes = Outcomes::new();
    while let Some((name, outcome)) = sent.next().await {
        *outcomes
            .entry(name)
            .or_default()
            .entry(outcome)
            .or_default() += 1;
    }
    outcomes
}

/// The status that a request is answered with, or that it is not.
async fn exchange(host: &str, bytes: &[u8]) -> String {
    let exchanged = async {
        let mut stream = TcpStream::connect(host).await.unwrap();
        let (reader, mut writer) = stream.split();
        let write = async {
            // What is refused early is not read to its end.
            drop(writer.write_all(bytes).await);
            drop(writer.shutdown().await);
        };
        let read = async {
            let mut answer = Vec::new();
            drop(reader.take(READ_BYTES).read_to_end(&mut answer).await);
            answer
        };
        tokio::join!(write, read).1
    };
    let answer = within("garbage to be answered", exchanged).await;
    let status = answer
        .strip_prefix(b"HTTP/1.")
        .and_then(|rest| rest.get(2..5));
    status.map_or("closed".to_owned(), |it| {
        String::from_utf8_lossy(it).into_owned()
    })
}

impl Hand<'_> {
    fn size(&self, most: usize) -> usize {
        self.random.borrow_mut().random_range(most / 2..=most)
    }

    fn bytes(&self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.size(most)];
        self.random.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }

    /// A line and headers as they are written, with the key.
    fn head(&self, line: &str, headers: &str) -> Vec<u8> {
        let host = self.host;
        format!("{line}\r\nhost: {host}\r\nauthorization: Bearer {KEY}\r\nconnection: close\r\n{headers}\r\n").into_bytes()
    }

    fn get(&self, target: &str) -> Vec<u8> {
        self.head(&format!("GET {target} HTTP/1.1"), "")
    }

    /// A start with these headers and this body.
    fn post(&self, headers: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.head("POST /api/chat/orchestrator/stream HTTP/1.1", headers);
        bytes.extend_from_slice(body);
        bytes
    }

    /// A start with a body that is what it says.
    fn json(&self, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        self.post(
            &format!("content-type: application/json\r\ncontent-length: {length}\r\n"),
            body,
        )
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A start in a content coding.
fn coded(hand: &Hand<'_>, coding: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    hand.post(&format!("content-type: application/json\r\ncontent-encoding: {coding}\r\ncontent-length: {length}\r\n"), body)
}

const JSON: &str = "content-type: application/json\r\n";
const GO: &[u8] = br#"{"query": "Go"}"#;

const KINDS: [Kind; 54] = [
    ("a method that there is not", |h| {
        h.head("BREW / HTTP/1.1", "")
    }),
    ("a method in small letters", |h| {
        h.head("get / HTTP/1.1", "")
    }),
    ("a method of another route", |h| {
        h.head("PUT /api/runs HTTP/1.1", "content-length: 0\r\n")
    }),
    ("a NUL in the target", |h| h.get("/\0")),
    ("a version that there is not", |h| {
        h.head("GET / HTTP/3.7", "")
    }),
    ("no version", |h| h.head("GET /", "")),
    ("bytes at random", |h| h.bytes(4000)),
    ("the beginning of TLS", |h| {
        [b"\x16\x03\x01\x02\x00\x01".to_vec(), h.bytes(500)].concat()
    }),
    ("another protocol", |_| {
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()
    }),
    ("HTTP/2 without having asked", |_| {
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()
    }),
    ("a target on another host", |h| {
        h.get("http://evil.example/api/runs")
    }),
    ("a tunnel", |h| {
        h.head("CONNECT evil.example:443 HTTP/1.1", "")
    }),
    ("a target of 100 KB", |h| {
        h.get(&format!("/{}", "a".repeat(h.size(100_000))))
    }),
    ("a way out of a folder", |h| {
        h.get("/static/../../../etc/passwd")
    }),
    ("the same, encoded", |h| {
        h.get("/static/..%2f..%2f..%2fetc%2fpasswd")
    }),
    ("signs of encoding that are none", |h| {
        h.get("/api/runs/%zz%")
    }),
    ("overlong UTF-8", |h| h.get("/api/runs/%c0%af%f8%80%80%80")),
    ("no host", |_| b"GET /health HTTP/1.1\r\n\r\n".to_vec()),
    ("two hosts", |h| {
        h.head("GET /health HTTP/1.1", "host: evil.example\r\n")
    }),
    ("another host", |_| {
        b"GET /health HTTP/1.1\r\nhost: evil.example\r\n\r\n".to_vec()
    }),
    ("another origin", |h| {
        h.post("origin: https://evil.example\r\ncontent-length: 0\r\n", b"")
    }),
    ("a header without a colon", |h| {
        h.head("GET /health HTTP/1.1", "nothing\r\n")
    }),
    ("a blank in a header's name", |h| {
        h.head("GET /health HTTP/1.1", "a b: c\r\n")
    }),
    ("a NUL in a header", |h| {
        h.head("GET /health HTTP/1.1", "a: b\0c\r\n")
    }),
    ("a header on two lines", |h| {
        h.head("GET /health HTTP/1.1", "a: b\r\n c\r\n")
    }),
    ("10,000 headers", |h| {
        let headers: String = (0..h.size(10_000))
            .map(|at| format!("x-{at}: {at}\r\n"))
            .collect();
        h.head("GET /health HTTP/1.1", &headers)
    }),
    ("a header of 1 MB", |h| {
        h.head(
            "GET /health HTTP/1.1",
            &format!("x: {}\r\n", "y".repeat(h.size(MEGABYTE))),
        )
    }),
    ("a header that decides, twice", |h| {
        h.head("GET /api/runs HTTP/1.1", "authorization: Bearer other\r\n")
    }),
    ("a length below 0", |h| h.post("content-length: -1\r\n", GO)),
    ("a length of 20 digits", |h| {
        h.post("content-length: 99999999999999999999\r\n", GO)
    }),
    ("two lengths", |h| {
        h.post("content-length: 15\r\ncontent-length: 3\r\n", GO)
    }),
    ("a length beside chunks", |h| {
        h.post(
            "content-length: 4\r\ntransfer-encoding: chunked\r\n",
            b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
        )
    }),
    ("a transfer coding that there is not", |h| {
        h.post("transfer-encoding: gzip\r\n", GO)
    }),
    ("a length that is too long", |h| {
        h.post(&format!("{JSON}content-length: 5000\r\n"), GO)
    }),
    ("a length that is too short", |h| {
        h.post(&format!("{JSON}content-length: 7\r\n"), GO)
    }),
    ("a chunk of no size", |h| {
        h.post(&format!("{JSON}transfer-encoding: chunked\r\n"), b"zz\r\n")
    }),
    ("a chunk of 2^68 bytes", |h| {
        h.post(
            &format!("{JSON}transfer-encoding: chunked\r\n"),
            b"ffffffffffffffff1\r\n",
        )
    }),
    ("a chunk with an extension of 1 MB", |h| {
        let body = format!("5;{}\r\n", "e".repeat(h.size(MEGABYTE)));
        h.post(
            &format!("{JSON}transfer-encoding: chunked\r\n"),
            body.as_bytes(),
        )
    }),
    ("chunks without an end", |h| {
        let body = "5\r\n     \r\n".repeat(h.size(20_000));
        h.post(
            &format!("{JSON}transfer-encoding: chunked\r\n"),
            body.as_bytes(),
        )
    }),
    ("a compressed bomb", |h| {
        coded(h, "gzip", &gzip(&vec![b' '; h.size(50 * MEGABYTE)]))
    }),
    ("a bomb in a bomb", |h| {
        coded(
            h,
            "gzip, gzip",
            &gzip(&gzip(&vec![b' '; h.size(10 * MEGABYTE)])),
        )
    }),
    ("JSON of 100,000 levels", |h| {
        h.json(deep(h.size(100_000)).as_bytes())
    }),
    ("objects of 50,000 levels", |h| {
        h.json(r#"{"query":"#.repeat(h.size(50_000)).as_bytes())
    }),
    ("a body of more than 1 MB", |h| {
        h.json(format!(r#"{{"query": "{}"}}"#, "x".repeat(h.size(4 * MEGABYTE))).as_bytes())
    }),
    ("another media type", |h| {
        h.post("content-type: text/plain\r\ncontent-length: 15\r\n", GO)
    }),
    ("no UTF-8", |h| {
        [h.json(b"{\"query\": \"\xff\xfe\"}")].concat()
    }),
    ("fields that there are not", |h| {
        h.json(format!(r#"{{"query": "Go", "x{}": 1}}"#, h.size(1000)).as_bytes())
    }),
    ("100,000 fields", |h| {
        let fields: Vec<_> = (0..h.size(100_000))
            .map(|at| format!(r#""{at}":1"#))
            .collect();
        h.json(format!("{{{}}}", fields.join(",")).as_bytes())
    }),
    ("a number beyond all", |h| {
        h.json(br#"{"query": "Go", "temperature": 1e999}"#)
    }),
    ("half a character", |h| h.json(br#"{"query": "\ud800"}"#)),
    ("a schema of references", |h| {
        let refers: Vec<_> = (0..h.size(200)).map(|at| format!(r##""d{at}": {{"anyOf": [{{"$ref": "#/$defs/d{}"}}, {{"$ref": "#/$defs/d{}"}}]}}"##, at + 1, at + 1)).collect();
        h.json(format!(r##"{{"query": "Go", "answer_schema": {{"$ref": "#/$defs/d0", "$defs": {{{}}}}}}}"##, refers.join(",")).as_bytes())
    }),
    ("a place in the log that is none", |h| {
        h.head(
            "GET /api/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/events?after=-1 HTTP/1.1",
            "last-event-id: x\r\n",
        )
    }),
    ("an id that somebody guessed", |h| {
        h.get(&format!(
            "/api/runs/{:026}",
            h.random.borrow_mut().random::<u64>()
        ))
    }),
    ("words that something may take for its own", |h| {
        let words: String = text(&mut *h.random.borrow_mut())
            .bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect();
        h.get(&format!("/api/runs?limit={words}x"))
    }),
];
