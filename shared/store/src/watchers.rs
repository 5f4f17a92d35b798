//! Who follows a run, counted where every process sees it. In Lambda each stream has a process of its own, which is not told
//! when its client leaves: so a place runs out by itself, and a page that comes back says so.
//!
//! A place is one item, put there under a condition when a stream begins and removed when it ends. Nothing is written between.

use run::RunId;
use ulid::Ulid;

use crate::guarded::Guarded;
use crate::item::{self, EXPIRES_AT, Item, PK, SK, WRITER};
use crate::schema::{SCHEMA, SCHEMA_VERSION};
use crate::{Consistency, Store, StoreError, query};

/// Places of a run.
pub const MAX_WATCHERS: usize = 20;
/// Places that one watcher may hold at once: one that it looks at, and those that it has left and that do not know it yet.
const MAX_OF_ONE: usize = 8;

/// Before the keys of places. They sort outside the log, and before the head: so they are deleted with the run.
const PLACE: &str = "FOLLOWER#";
/// Before the names of those who yield. No client names itself so.
const YIELDS: char = '*';
/// Before the names of guests. No client names itself so, either.
const GUEST: &str = "guest ";
const NAME: &str = "name";
const TURN: &str = "turn";
const UNTIL: &str = "until";

/// How a watcher is told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watcher<'a> {
    /// It says who it is: its later places pass its earlier ones by.
    Named(&'a str),
    /// It does not, and keeps its place.
    Nameless,
    /// It does not, and may be one that has left other places without a word. It keeps its place while there are others; where none is left,
    /// whoever comes is given the oldest of such places.
    Yielding,
    /// Whoever has the run's share link, by the name that it gives itself, if it does. Guests leave half of the places to the owner.
    Guest(Option<&'a str>),
}

/// A stream's place among the watchers of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchPlace {
    run_id: RunId,
    slot: usize,
    taken: Taken,
}

/// What a place says to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    /// Of those who take places, the later one has the greater name.
    writer: String,
    name: String,
    /// The later of one watcher's places has the higher turn.
    turn: u64,
}

impl Store {
    /// Takes a place until a moment; `None` where there is none left.
    pub async fn take_place(
        &self,
        run_id: RunId,
        watcher: Watcher<'_>,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<WatchPlace>, StoreError> {
        // Each refusal is somebody else's success, so this many looks are enough for all who come at once.
        for _ in 0..=MAX_WATCHERS {
            let places = self.places(run_id, Consistency::Strong, now_ms).await?;
            let ulid = Ulid::generate();
            let writer = ulid.to_string();
            let name = match watcher {
                Watcher::Named(name) => name.to_owned(),
                Watcher::Nameless => writer.clone(),
                Watcher::Yielding => format!("{YIELDS}{writer}"),
                Watcher::Guest(name) => format!("{GUEST}{}", name.unwrap_or(&writer)),
            };
            let is_guest = matches!(watcher, Watcher::Guest(_));
            let most = if is_guest {
                MAX_WATCHERS / 2
            } else {
                MAX_WATCHERS
            };
            let own = places.iter().filter(|(_, taken)| taken.name == name);
            if own.clone().count() >= MAX_OF_ONE {
                return Ok(None);
            }
            let free: Vec<usize> = (0..most)
                .filter(|slot| places.iter().all(|(taken, _)| taken != slot))
                .collect();
            let yields = places
                .iter()
                .filter(|(_, taken)| taken.name.starts_with(YIELDS));
            let oldest = yields.min_by_key(|(_, taken)| &taken.writer);
            let oldest = oldest.filter(|_| !is_guest);
            let (slot, replaced) = match (&free[..], oldest) {
                ([], None) => return Ok(None),
                ([], Some((slot, taken))) => (*slot, &*taken.writer),
                // Those who come at once choose different ones.
                (free, _) => {
                    let chosen = usize::try_from(ulid.random() % free.len() as u128);
                    (free[chosen.unwrap_or(0)], "")
                }
            };
            let turn = own.map(|(_, taken)| taken.turn + 1).max().unwrap_or(0);
            let place = WatchPlace {
                run_id,
                slot,
                taken: Taken { writer, name, turn },
            };
            if self.put_place(&place, replaced, until_ms, now_ms).await? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Whether the same watcher has taken a later place, or somebody this one: its client has gone, most likely.
    pub async fn is_passed_by(&self, place: &WatchPlace, now_ms: u64) -> Result<bool, StoreError> {
        let places = self.places(place.run_id, Consistency::Eventual, now_ms);
        let mut places = places.await?.into_iter();
        Ok(places.any(|(slot, other)| place.is_passed_by_one(slot, &other)))
    }

    /// Whether anybody holds a place.
    pub async fn is_watched(&self, run_id: RunId, now_ms: u64) -> Result<bool, StoreError> {
        let places = self.places(run_id, Consistency::Strong, now_ms).await?;
        Ok(!places.is_empty())
    }

    /// Makes a place free, unless it has run out and somebody else has it.
    pub async fn leave_place(&self, place: &WatchPlace) -> Result<(), StoreError> {
        let place_key = (&*item::run_key(place.run_id), &*key(place.slot));
        let own = (WRITER, item::text(&place.taken.writer));
        self.delete_if("leave a place", place_key, own).await
    }

    /// The places that have not run out.
    async fn places(
        &self,
        run_id: RunId,
        consistency: Consistency,
        now_ms: u64,
    ) -> Result<Vec<(usize, Taken)>, StoreError> {
        let places = self.query_prefix(&item::run_key(run_id), PLACE, consistency);
        let places = query::all("find places", places).await?;
        let held = places.iter().filter(|place| !has_run_out(place, now_ms));
        Ok(held.filter_map(read).collect())
    }

    /// Puts a place where none stands, one that has run out, or that of the writer who is replaced; false where somebody was faster.
    async fn put_place(
        &self,
        place: &WatchPlace,
        replaced: &str,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .condition_expression(
                "attribute_not_exists(SK) OR #until <= :now OR #writer = :replaced",
            )
            .expression_attribute_names("#until", UNTIL)
            .expression_attribute_names("#writer", WRITER)
            .expression_attribute_values(":now", item::number(now_ms))
            .expression_attribute_values(":replaced", item::text(replaced));
        match self
            .put_if("take a place", put, place.item(until_ms))
            .await?
        {
            Guarded::Done => Ok(true),
            // Its own is there where the answer to the first try was lost.
            Guarded::Refused(there) => {
                Ok(item::read_text(&there, WRITER) == Some(&place.taken.writer))
            }
        }
    }
}

impl WatchPlace {
    fn is_passed_by_one(&self, slot: usize, other: &Taken) -> bool {
        let Taken { writer, name, turn } = &self.taken;
        // One that the table still shows of before is older.
        let is_replaced = name.starts_with(YIELDS) && slot == self.slot && *writer < other.writer;
        is_replaced || (*name == other.name && *turn < other.turn)
    }

    fn item(&self, until_ms: u64) -> Item {
        Item::from([
            (PK.to_owned(), item::text(item::run_key(self.run_id))),
            (SK.to_owned(), item::text(key(self.slot))),
            (WRITER.to_owned(), item::text(&self.taken.writer)),
            (NAME.to_owned(), item::text(&self.taken.name)),
            (TURN.to_owned(), item::number(self.taken.turn)),
            (UNTIL.to_owned(), item::number(until_ms)),
            (EXPIRES_AT.to_owned(), item::number(until_ms.div_ceil(1000))),
            (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        ])
    }
}

fn key(slot: usize) -> String {
    format!("{PLACE}{slot:02}")
}

fn has_run_out(place: &Item, now_ms: u64) -> bool {
    item::read_number(place, UNTIL).is_none_or(|until_ms| until_ms <= now_ms)
}

fn read(place: &Item) -> Option<(usize, Taken)> {
    let slot = item::read_text(place, SK)?.strip_prefix(PLACE)?;
    let taken = Taken {
        writer: item::read_text(place, WRITER)?.to_owned(),
        name: item::read_text(place, NAME)?.to_owned(),
        turn: item::read_number(place, TURN)?,
    };
    Some((slot.parse().ok()?, taken))
}
