//! A list of runs, for `GET /api/runs`.

use run::RunId;
use serde::Serialize;
use store::{Listed, Page, Rating};

use super::rfc3339;

/// One page.
#[derive(Debug, Serialize)]
pub struct RunList {
    pub runs: Vec<ListedRun>,
    /// Where the next page begins, if there is one.
    pub cursor: Option<RunId>,
}

/// One run of a list.
#[derive(Debug, Serialize)]
pub struct ListedRun {
    pub run_id: RunId,
    pub title: String,
    pub status: &'static str,
    pub created_at: String,
    /// Once it has ended.
    pub duration_ms: Option<u64>,
    /// Once it has ended.
    pub cost_usd: Option<f64>,
    /// Once somebody has rated it.
    pub rating: Option<&'static str>,
    /// Its owner keeps it at hand.
    pub pinned: bool,
}

impl RunList {
    /// Runs on a page, where a request says nothing else.
    pub const DEFAULT_LIMIT: u32 = 20;
    /// Most runs on a page.
    pub const MAX_LIMIT: u32 = 100;

    pub fn of(page: Page) -> Self {
        Self {
            runs: page.runs.into_iter().map(ListedRun::of).collect(),
            cursor: page.next,
        }
    }
}

impl ListedRun {
    pub fn of(listed: Listed) -> Self {
        Self {
            run_id: listed.run_id,
            title: listed.title,
            status: listed.status.as_str(),
            created_at: rfc3339(listed.created_at_ms),
            duration_ms: listed.duration_ms,
            cost_usd: listed.cost.map(run::Cost::usd),
            rating: listed.rating.map(Rating::as_str),
            pinned: listed.pinned,
        }
    }
}
