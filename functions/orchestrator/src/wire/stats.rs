//! An owner's use by day, for `GET /api/stats`.

use std::collections::BTreeMap;

use run::{ModelId, ToolName, Usage};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{DAYS_KEPT, DaySums};

use super::summary::{WireTally, tallies};

/// Names of the limits.
pub(crate) const RUNS_PER_MINUTE: &str = "runs_per_minute";
pub(crate) const PARALLEL: &str = "parallel";
pub(crate) const USD_PER_DAY: &str = "usd_per_day";

/// The days of which there is something to tell, newest first.
#[derive(Debug, Serialize)]
pub struct Stats {
    days: Vec<DayStats>,
    /// What the caller may use, and has.
    limits: Map<String, Value>,
}

/// Sums of the runs that were started on one day and have ended.
#[derive(Debug, Serialize)]
struct DayStats {
    day: String,
    runs: u64,
    by_status: BTreeMap<String, u64>,
    cost_usd: f64,
    usage: Usage,
    by_model: BTreeMap<ModelId, WireTally>,
    by_tool: BTreeMap<ToolName, WireTally>,
    ratings: Ratings,
    /// Requests that were no runs: what chat pages ask for themselves.
    tasks: u64,
    /// Requests that joined a run.
    joined: u64,
}

/// Runs of a day that are rated so now.
#[derive(Debug, Serialize)]
struct Ratings {
    good: u64,
    bad: u64,
}

impl Stats {
    /// Days that are told, today's among them, where a request says nothing else.
    pub const DEFAULT_DAYS: u32 = 30;
    /// As long as sums are kept.
    pub const MAX_DAYS: u32 = DAYS_KEPT;

    pub fn of(days: Vec<DaySums>, limits: Map<String, Value>) -> Self {
        Self {
            days: days.into_iter().map(DayStats::of).collect(),
            limits,
        }
    }
}

/// The limits of a caller as they are told: by their names, each null where there is none.
#[must_use]
pub fn no_limits() -> Map<String, Value> {
    let names = [RUNS_PER_MINUTE, PARALLEL, USD_PER_DAY];
    names
        .map(|name| (name.to_owned(), Value::Null))
        .into_iter()
        .collect()
}

impl DayStats {
    fn of(sums: DaySums) -> Self {
        let runs = sums.runs();
        Self {
            day: sums.day,
            runs,
            by_status: sums.by_status,
            cost_usd: sums.cost.usd(),
            usage: sums.usage,
            by_model: tallies(sums.by_model),
            by_tool: tallies(sums.by_tool),
            ratings: Ratings {
                good: sums.good,
                bad: sums.bad,
            },
            tasks: sums.tasks,
            joined: sums.joined,
        }
    }
}
