//! A cold start as it is in the cloud: the table behind TLS, and the process held to the part of a core that its memory pays for once it
//! has asked for its first request. Until then, Lambda gives a whole core.
//!
//! The product starts twice: with a table that is there from the beginning, so that its connection stands when the request comes, and
//! with one that sends away whoever comes before that. The baseline starts twice, too: as it is, and without the pause that
//! Nagle's algorithm makes between the head of its response and its first event, which the product does not have either.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use tests::tls::{Authority, Tls};

use crate::held::{Bound, Held};
use crate::launch::{Begun, Launch};
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::Stand;

const WARM_UPS: usize = 3;
const STARTS: usize = 30;
/// What the product may take to its first event, against the baseline.
const MOST: f64 = 1.5;
/// More than this part of a core means that a group holds nothing.
const MOST_SHARE: f64 = 0.35;
/// 512 MB of the 1,769 that are a whole core, by the period that Lambda shares out the processor.
const AS_LAMBDA: Bound = Bound {
    period: Duration::from_millis(20),
    quota: Duration::from_micros(5_800),
};
/// The same part, by the shortest time that the kernel gives.
const EVENLY: Bound = Bound {
    period: Duration::from_micros(3_448),
    quota: Duration::from_millis(1),
};

pub async fn cold_start(product: &Path, hello: &Path, stand: &Stand) {
    let authority = Authority::new("ours");
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("authority.pem");
    fs::write(&bundle, &authority.pem).unwrap();
    let tls = Tls::before(&stand.table.address, authority.signs("127.0.0.1")).await;
    let functions = Functions::new(product, hello, &tls, &bundle);
    for bound in [AS_LAMBDA, EVENLY] {
        let part = bound.quota.as_secs_f64() / bound.period.as_secs_f64();
        let title = format!(
            "Cold start with TLS, on {part:.2} of a core by {} ms: ms, {STARTS} starts of each",
            ms(bound.period)
        );
        match Held::new(bound) {
            Ok(held) => functions.measure(&title, &held, stand).await,
            Err(problem) => println!("\n### {title}\n\nNot measured: {problem}.\n"),
        }
    }
}

struct Functions<'a> {
    tls: &'a Tls,
    product: Launch,
    hello: Launch,
    hello_at_once: Launch,
}

impl<'a> Functions<'a> {
    fn new(product: &Path, hello: &Path, tls: &'a Tls, bundle: &Path) -> Self {
        let hello = || Launch::new(hello.to_owned());
        let bundle = bundle.to_str().unwrap().to_owned();
        Self {
            tls,
            product: Launch {
                table: Some(tls.address.clone()),
                variables: vec![("AWS_CA_BUNDLE", bundle)],
                ..Launch::new(product.to_owned())
            },
            hello: hello(),
            hello_at_once: Launch {
                variables: vec![("SEND_AT_ONCE", "1".to_owned())],
                ..hello()
            },
        }
    }

    async fn measure(&self, title: &str, held: &Held, stand: &Stand) {
        let share = held.share();
        if share > MOST_SHARE {
            println!("\n### {title}\n\nNot measured: a process had {share:.2} of a core.\n");
            return;
        }
        let mut measured = Measured::default();
        for start in 0..WARM_UPS + STARTS {
            let hold = |child: &Child| held.hold(child);
            let hello = self.hello.begin(stand, hold).await;
            let at_once = self.hello_at_once.begin(stand, hold).await;
            let before = held.throttled();
            let opened = self.begin(false, held, stand).await;
            let between = held.throttled();
            let shut = self.begin(true, held, stand).await;
            if start >= WARM_UPS {
                measured.add([&opened, &shut, &hello, &at_once]);
                measured
                    .opened
                    .throttled
                    .add(ms(between.saturating_sub(before)));
                measured
                    .shut
                    .throttled
                    .add(ms(held.throttled().saturating_sub(between)));
            }
        }
        measured.print(title);
        println!("A process that never rests had {share:.2} of a core.");
    }

    /// `is_shut`: the table sends away whoever comes before the first request.
    async fn begin(&self, is_shut: bool, held: &Held, stand: &Stand) -> Begun {
        self.tls.handshakes();
        self.tls.shut(is_shut);
        let begun = self
            .product
            .begin(stand, |child| {
                let made = self.tls.handshakes();
                assert_eq!(made == 0, is_shut, "{made} connections stand");
                self.tls.shut(false);
                held.hold(child);
            })
            .await;
        assert!(!is_shut || self.tls.handshakes() > 0);
        begun
    }
}

#[derive(Default)]
struct Measured {
    opened: Product,
    shut: Product,
    hello: Baseline,
    at_once: Baseline,
}

#[derive(Default)]
struct Product {
    first: Samples,
    table: Samples,
    answer: Samples,
    total: Samples,
    worked: Samples,
    throttled: Samples,
    /// Beside the baseline as it is.
    ratio: Samples,
    /// Beside that without the pause.
    ratio_at_once: Samples,
}

#[derive(Default)]
struct Baseline {
    first: Samples,
    total: Samples,
    worked: Samples,
}

impl Measured {
    fn add(&mut self, [opened, shut, hello, at_once]: [&Begun; 4]) {
        for (product, begun) in [(&mut self.opened, opened), (&mut self.shut, shut)] {
            let table = begun.table.unwrap();
            product.first.add(ms(table + begun.answer));
            product.table.add(ms(table));
            product.answer.add(ms(begun.answer));
            product.total.add(ms(begun.total));
            product.worked.add(ms(begun.worked));
            product.ratio.add(ms(begun.total) / ms(hello.total));
            product
                .ratio_at_once
                .add(ms(begun.total) / ms(at_once.total));
        }
        for (baseline, begun) in [(&mut self.hello, hello), (&mut self.at_once, at_once)] {
            baseline.first.add(ms(begun.answer));
            baseline.total.add(ms(begun.total));
            baseline.worked.add(ms(begun.worked));
        }
    }

    fn print(&self, title: &str) {
        let mut rows = Vec::new();
        for (name, product) in [
            ("connection opened in the start", &self.opened),
            ("not opened", &self.shut),
        ] {
            let row = |what: &str, of: &Samples| of.row(&format!("{name}: {what}"), 2);
            rows.extend([
                row("process start to first event", &product.total),
                row("– of it from the request on", &product.first),
                row(
                    "–– request to start transaction at the table",
                    &product.table,
                ),
                row("–– from there to the first event", &product.answer),
                row("–– processor time", &product.worked),
                row(
                    "–– kept waiting by the kernel, to the end",
                    &product.throttled,
                ),
                row("beside hello", &product.ratio),
                row("beside hello that sends at once", &product.ratio_at_once),
            ]);
        }
        for (name, hello) in [
            ("hello", &self.hello),
            ("hello that sends at once", &self.at_once),
        ] {
            let row = |what: &str, of: &Samples| of.row(&format!("{name}: {what}"), 2);
            rows.extend([
                row("process start to first event", &hello.total),
                row("– of it from the request on", &hello.first),
                row("–– processor time", &hello.worked),
            ]);
        }
        report::table(title, &SPREAD, &rows);
        let ratio = self.opened.ratio.median();
        let what = format!("the first event within {MOST} × the hello function's");
        let at_once = self.opened.ratio_at_once.median();
        let found =
            format!("median ratio {ratio:.2}; beside hello that sends at once {at_once:.2}");
        report::goal(&what, ratio <= MOST, &found);
    }
}
