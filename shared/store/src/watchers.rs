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
const NAME: &str = "name";
const TURN: &str = "turn";
const UNTIL: &str = "until";

/// A stream's place among the watchers of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchPlace {
    run_id: RunId,
    slot: usize,
    writer: String,
    /// The later of one watcher's places has the higher turn.
    taken: Taken,
}

/// What a place says to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    name: String,
    turn: u64,
}

impl Taken {
    fn is_passed_by(&self, other: &Self) -> bool {
        self.name == other.name && self.turn < other.turn
    }
}

impl Store {
    /// Takes a place until a moment, for the watcher of this name; `None` where there is none left.
    pub async fn take_place(
        &self,
        run_id: RunId,
        name: &str,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<WatchPlace>, StoreError> {
        let of_all = (name, MAX_WATCHERS);
        self.take_one_of(run_id, of_all, until_ms, now_ms).await
    }

    /// As [`Self::take_place`], for a guest: half of the places are the owner's alone.
    pub async fn take_guest_place(
        &self,
        run_id: RunId,
        name: &str,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<WatchPlace>, StoreError> {
        let name = format!("guest {name}");
        let of_half = (&*name, MAX_WATCHERS / 2);
        self.take_one_of(run_id, of_half, until_ms, now_ms).await
    }

    async fn take_one_of(
        &self,
        run_id: RunId,
        (name, most): (&str, usize),
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<WatchPlace>, StoreError> {
        // Each refusal is somebody else's success, so this many looks are enough for all who come at once.
        for _ in 0..=MAX_WATCHERS {
            let places = self.places(run_id, Consistency::Strong, now_ms).await?;
            let own = places.iter().filter(|(_, taken)| taken.name == name);
            let free: Vec<usize> = (0..most)
                .filter(|slot| places.iter().all(|(taken, _)| taken != slot))
                .collect();
            if free.is_empty() || own.clone().count() >= MAX_OF_ONE {
                return Ok(None);
            }
            let ulid = Ulid::generate();
            let place = WatchPlace {
                run_id,
                // Those who come at once choose different ones.
                slot: free[usize::try_from(ulid.random() % free.len() as u128).unwrap_or(0)],
                writer: ulid.to_string(),
                taken: Taken {
                    name: name.to_owned(),
                    turn: own.map(|(_, taken)| taken.turn + 1).max().unwrap_or(0),
                },
            };
            if self.put_place(&place, until_ms, now_ms).await? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Whether the same watcher has taken a later place: this one's client has gone.
    pub async fn is_passed_by(&self, place: &WatchPlace, now_ms: u64) -> Result<bool, StoreError> {
        let places = self.places(place.run_id, Consistency::Eventual, now_ms);
        let mut places = places.await?.into_iter();
        Ok(places.any(|(_, other)| place.taken.is_passed_by(&other)))
    }

    /// Whether anybody holds a place.
    pub async fn is_watched(&self, run_id: RunId, now_ms: u64) -> Result<bool, StoreError> {
        let places = self.places(run_id, Consistency::Strong, now_ms).await?;
        Ok(!places.is_empty())
    }

    /// Makes a place free, unless it has run out and somebody else has it.
    pub async fn leave_place(&self, place: &WatchPlace) -> Result<(), StoreError> {
        let place_key = (&*item::run_key(place.run_id), &*key(place.slot));
        let own = (WRITER, item::text(&place.writer));
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

    /// Puts a place where none stands, or one that has run out; false where somebody was faster.
    async fn put_place(
        &self,
        place: &WatchPlace,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .condition_expression("attribute_not_exists(SK) OR #until <= :now")
            .expression_attribute_names("#until", UNTIL)
            .expression_attribute_values(":now", item::number(now_ms));
        match self
            .put_if("take a place", put, place.item(until_ms))
            .await?
        {
            Guarded::Done => Ok(true),
            // Its own is there where the answer to the first try was lost.
            Guarded::Refused(there) => Ok(item::read_text(&there, WRITER) == Some(&place.writer)),
        }
    }
}

impl WatchPlace {
    fn item(&self, until_ms: u64) -> Item {
        Item::from([
            (PK.to_owned(), item::text(item::run_key(self.run_id))),
            (SK.to_owned(), item::text(key(self.slot))),
            (WRITER.to_owned(), item::text(&self.writer)),
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
        name: item::read_text(place, NAME)?.to_owned(),
        turn: item::read_number(place, TURN)?,
    };
    Some((slot.parse().ok()?, taken))
}
