//! From the start of the process to its first poll of the Runtime API, and to the first event of its first request.
//!
//! The baseline is a function of the same crates that only says hello. Both binaries are built with the release profile. First with a
//! table and a processor as they are here, then as they are [in the cloud](crate::cloud).

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::cloud;
use crate::launch::{Begun, Launch, build};
use crate::parts;
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{Stand, TOOL};

const WARM_UPS: usize = 3;
const PAIRS: usize = 30;
/// What the product may take to its first poll, against the baseline.
const MOST: f64 = 2.0;

pub async fn cold_start() {
    let product = build("orchestrator", "orchestrator");
    let hello = build("tests", "hello_streaming");
    let models = parts::model_server(parts::calling(TOOL, &json!({}), 0)).await;
    let stand = Stand::start(models).await;
    here(&product, &hello, &stand).await;
    println!(
        "Size: orchestrator {}, hello {}.",
        size(&product),
        size(&hello)
    );
    cloud::cold_start(&product, &hello, &stand).await;
}

async fn here(product: &Path, hello: &Path, stand: &Stand) {
    let [product, hello] = [product, hello].map(|binary| Launch::new(binary.to_owned()));
    let mut mine = Measured::default();
    let mut other = Measured::default();
    let mut ratio = Samples::default();
    for pair in 0..WARM_UPS + PAIRS {
        let first = product.begin(stand, |_| {}).await;
        let second = hello.begin(stand, |_| {}).await;
        if pair >= WARM_UPS {
            ratio.add(ms(first.poll) / ms(second.poll));
            mine.add(&first);
            other.add(&second);
        }
    }
    let rows = [
        mine.poll.row("product: process start to first poll", 2),
        other.poll.row("hello: process start to first poll", 2),
        ratio.row("ratio of each pair", 2),
        mine.table.row(
            "product: request given to start transaction at the table",
            2,
        ),
        mine.answer.row("product: from there to the first event", 2),
        other.answer.row("hello: request given to first event", 2),
        mine.total.row("product: process start to first event", 2),
        other.total.row("hello: process start to first event", 2),
        mine.resident
            .row("product: MB resident at the first event", 1),
        other
            .resident
            .row("hello: MB resident at the first event", 1),
    ];
    let title = format!("Cold start: ms, {PAIRS} pairs");
    report::table(&title, &SPREAD, &rows);
    let ratio = ratio.median();
    let what = format!("the first poll within {MOST} × the hello function's");
    report::goal(&what, ratio <= MOST, &format!("median ratio {ratio:.2}"));
}

fn size(binary: &Path) -> String {
    format!("{} KB", fs::metadata(binary).unwrap().len() / 1024)
}

#[derive(Default)]
struct Measured {
    poll: Samples,
    table: Samples,
    answer: Samples,
    total: Samples,
    resident: Samples,
}

impl Measured {
    fn add(&mut self, begun: &Begun) {
        self.poll.add(ms(begun.poll));
        if let Some(table) = begun.table {
            self.table.add(ms(table));
        }
        self.answer.add(ms(begun.answer));
        self.total.add(ms(begun.total));
        self.resident.add(begun.resident);
    }
}
