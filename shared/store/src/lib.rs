//! The run log on DynamoDB: the only place that knows items, keys and conditions.
//!
//! One table. A run is a head, batches of events and notes of its files under `PK=RUN#<run_id>`. Starting is one transaction,
//! appending one conditional put, ending one transaction of the head and the sums of the owner's day. Nothing stored of a run is
//! rewritten but its head, its rating and its pin.

mod access_key;
mod append;
mod artifact;
mod batch;
mod day;
mod delete;
mod error;
mod fencing_token;
mod finish;
mod guarded;
mod head;
mod history;
mod idempotency;
mod item;
mod latency;
mod limits;
mod measure;
mod open;
mod pause;
mod pin;
mod query;
mod rate;
mod rating;
mod read;
mod schema;
mod search;
mod share;
mod share_token;
mod start;
mod table;
mod title;
mod transaction;
mod watchers;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;

pub use access_key::{AccessKey, KeyHash};
pub use append::Appended;
pub use artifact::{Artifact, Maker};
pub use batch::{ITEM_BYTES, LogEvent};
pub use day::{DAYS_KEPT, DaySums};
pub use error::StoreError;
pub use fencing_token::FencingToken;
pub use finish::Ending;
pub use head::{Head, HeadStatus};
pub use history::{Listed, Page};
pub use idempotency::{IdempotencyKey, IdempotencyRecord};
pub use latency::Hour;
pub use limits::{Account, Allotment, Asker, LimitMet, Limits, Used, Wish};
pub use measure::{Measure, Times};
pub use pause::Pause;
pub use query::Consistency;
pub use rating::{Rated, Rating};
pub use read::Log;
pub use search::Words;
pub use share_token::ShareToken;
pub use start::{NewRun, Started};
pub use table::create_table;
pub use title::MAX_TITLE_CHARS;
pub use watchers::{MAX_WATCHERS, WatchPlace, Watcher};

/// The table, as one process uses it.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: Arc<str>,
    keep: Duration,
}

impl Store {
    /// `keep` is how long a run is kept after its last write.
    pub fn new(client: Client, table: impl Into<Arc<str>>, keep: Duration) -> Self {
        Self {
            client,
            table: table.into(),
            keep,
        }
    }

    fn expires_at(&self, now_ms: u64) -> u64 {
        now_ms / 1000 + self.keep.as_secs()
    }
}
