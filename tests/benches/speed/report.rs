//! What was measured, as Markdown.

use std::fs;
use std::time::Duration;

/// Measurements of one thing, in one unit.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    pub fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "an index into a short list"
        )]
        let at = (part * (sorted.len() - 1) as f64).round() as usize;
        sorted[at]
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// Three cells: minimum, median, maximum.
    pub fn cells(&self, decimals: usize) -> [String; 3] {
        [0.0, 0.5, 1.0].map(|part| format!("{:.decimals$}", self.quantile(part)))
    }

    /// A row of a table with the columns of [`SPREAD`].
    pub fn row(&self, name: &str, decimals: usize) -> Vec<String> {
        [vec![name.to_owned()], self.cells(decimals).to_vec()].concat()
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// Columns of [`Samples::row`].
pub const SPREAD: [&str; 4] = ["", "min", "median", "max"];

pub fn table(title: &str, columns: &[&str], rows: &[Vec<String>]) {
    println!("\n### {title}\n");
    println!("| {} |", columns.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len() - 1));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
    println!();
}

pub fn goal(what: &str, is_met: bool, found: &str) {
    let verdict = if is_met { "met" } else { "missed" };
    println!("Goal: {what}. **{verdict}**: {found}.");
}

pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub const fn number(count: usize) -> f64 {
    count as f64
}

/// What the numbers were taken on; names nobody's machine.
pub fn machine() {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':'))
            .map_or(String::new(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{cores} cores ({}), {} of memory, Linux {}, load {}",
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
        read("/proc/loadavg")
            .split_whitespace()
            .next()
            .unwrap_or("?"),
    );
}

/// Resident memory of this process now, and at most since [`forget_peak`], in MB.
pub fn memory_mb() -> (f64, f64) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let kilobytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let number = line.split_whitespace().nth(1).unwrap();
        number.parse::<f64>().unwrap() / 1024.0
    };
    (kilobytes("VmRSS"), kilobytes("VmHWM"))
}

/// Sets the peak to what is resident now (`proc_pid_clear_refs(5)`).
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}
