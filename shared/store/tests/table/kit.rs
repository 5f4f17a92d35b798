//! A table with a store on it, and runs to put there.

use std::collections::BTreeMap;
use std::time::Duration;

use run::{Cost, Event, Owner, Plan, Preferences, Request, RunId, Seq, Start, Status, Summary};
use store::{Allotment, Appended, Ending, FencingToken, IdempotencyKey, NewRun, Started, Store};
use tests::table::{NAME, Table};

/// When all of it happens, in milliseconds since 1970.
pub const NOW: u64 = 1_764_000_000_000;
/// Of accounts without limits.
static UNLIMITED: Allotment = Allotment::NONE;
/// How long runs are kept.
pub const KEPT: Duration = Duration::from_hours(24);

/// A store of its own on a table of its own.
pub struct Stand {
    pub table: Table,
    pub store: Store,
}

impl Stand {
    pub async fn new() -> Self {
        let table = Table::start().await;
        let store = Store::new(table.client.clone(), NAME, KEPT);
        Self { table, store }
    }

    /// Starts a run that is not there yet.
    pub async fn start(&self, start: &Start) -> FencingToken {
        let new = new_run(start, None);
        match self.store.start(new, &first_events(start)).await.unwrap() {
            Started::New { token, stored: 2 } => token,
            other => panic!("{other:?}"),
        }
    }

    /// Notes an end of 7 ms and 9 billionths of a dollar; whether it was this driver's to note.
    pub async fn finish(&self, token: &FencingToken, status: Status) -> bool {
        let summary = Summary {
            cost: Cost { nano_usd: 9 },
            ..Summary::default()
        };
        let owner = owner();
        let ending = ending(token, &owner, status, &summary);
        self.store.finish(token, ending).await.unwrap()
    }

    /// Appends all of the events, in as many items as they take.
    pub async fn append(&self, token: &FencingToken, first: Seq, events: &[Event]) -> Seq {
        let (mut next, mut left) = (first, events);
        while !left.is_empty() {
            match self.store.append(token, next, left, NOW).await.unwrap() {
                Appended::Stored { count } => {
                    next = Seq(next.0 + count as u64);
                    left = &left[count..];
                }
                Appended::Collided { .. } => panic!("somebody else writes"),
            }
        }
        next
    }

    /// Partition and sort key of every item, but for those of a run that is left out.
    pub async fn keys(&self) -> Vec<(String, String)> {
        let items = self.table.items().await;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        items
            .iter()
            .map(|item| (text(&item["PK"]), text(&item["SK"])))
            .collect()
    }
}

pub fn owner() -> Owner {
    Owner::new("ann")
}

/// An end of 7 ms.
pub fn ending<'a>(
    token: &FencingToken,
    owner: &'a Owner,
    status: Status,
    summary: &'a Summary,
) -> Ending<'a> {
    Ending {
        owner,
        created_at_ms: token.run_id.at_ms(),
        status,
        duration_ms: 7,
        summary,
        allowances: &[],
    }
}

/// The key of the sums of the day on which all of it happens.
pub fn day_key() -> (String, String) {
    ("DAY#ann".to_owned(), "2025-11-24".to_owned())
}

pub fn run_id(number: u64) -> RunId {
    RunId::from_parts(NOW + number, u128::from(number))
}

/// The start of a run, later than those of lower numbers.
pub fn start(number: u64, query: &str) -> Start {
    Start {
        run_id: run_id(number),
        owner: owner(),
        created_at_ms: NOW + number,
        request: request(query),
        plan: Plan {
            fallback: None,
            time_limit_ms: 1,
        },
        listed: Vec::new(),
        told: BTreeMap::new(),
        prior: None,
        allowances: Vec::new(),
    }
}

pub fn request(query: &str) -> Request {
    Request {
        query: query.to_owned(),
        max_rounds: 5,
        temperature: 0.0,
        max_tokens: 512,
        preferences: Preferences::default(),
        previous_run_id: None,
        answer_schema: None,
        echo: None,
    }
}

pub fn new_run<'a>(start: &'a Start, key: Option<&'a IdempotencyKey>) -> NewRun<'a> {
    NewRun {
        start,
        lease_until_ms: NOW + 15_000,
        key,
        allotment: &UNLIMITED,
    }
}

pub fn first_events(start: &Start) -> [Event; 2] {
    [
        Event::Start(Box::new(start.clone())),
        Event::RoundStart {
            round: 1,
            reserved: None,
        },
    ]
}

/// Any event of about so many bytes.
pub fn event(bytes: usize) -> Event {
    Event::CancelRequested {
        by: "x".repeat(bytes),
    }
}
