//! The switch that stops all new runs: while its item is there, none begins. Runs that are under way go on.

use crate::item::{self, Item, PK, SK};
use crate::schema::{SCHEMA, SCHEMA_VERSION};
use crate::{Store, StoreError};

const SERVICE: &str = "SERVICE";
const SORT: &str = "PAUSE";
const PAUSED_AT: &str = "paused_at";
const REASON: &str = "reason";

/// That no run begins now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Milliseconds since 1970.
    pub since_ms: u64,
    /// What the operator says to those who ask. It may be empty.
    pub reason: String,
}

impl Store {
    /// Lets no run begin from now on. A pause that is there already gets another reason.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn pause(&self, pause: &Pause) -> Result<(), StoreError> {
        let item = Item::from([
            (PK.to_owned(), item::text(SERVICE)),
            (SK.to_owned(), item::text(SORT)),
            (PAUSED_AT.to_owned(), item::number(pause.since_ms)),
            (REASON.to_owned(), item::text(&*pause.reason)),
            (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        ]);
        let put = self.client.put_item();
        self.put_if("pause the service", put, item).await.map(drop)
    }

    /// Lets runs begin again.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn resume(&self) -> Result<(), StoreError> {
        let key = (SERVICE, SORT);
        self.delete_item("resume the service", key).await
    }

    /// Whether runs may not begin.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn paused(&self) -> Result<Option<Pause>, StoreError> {
        let key = (SERVICE, SORT);
        let found = self
            .get("see whether the service is paused", key, 0)
            .await?;
        Ok(found.map(|item| Pause {
            since_ms: item::read_number(&item, PAUSED_AT).unwrap_or(0),
            reason: item::read_text(&item, REASON)
                .unwrap_or_default()
                .to_owned(),
        }))
    }
}
