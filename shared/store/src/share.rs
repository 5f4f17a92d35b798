//! A run's share link: whoever shows its token may read the run.
//!
//! The token stands in the run's head as it is. Whoever can read it there reads the run anyway, and the owner can be shown the link again.

use run::RunId;

use crate::guarded::{Guard, Guarded, HeadChange};
use crate::head::{OWNER, SHARE};
use crate::item;
use crate::share_token::ShareToken;
use crate::{Store, StoreError};

impl Store {
    /// Shares a run, and gives the token of its link: the one that it has where it is shared already. `None` where the run is gone.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn share(&self, run_id: RunId) -> Result<Option<ShareToken>, StoreError> {
        let token = ShareToken::random();
        let change = HeadChange {
            set: &[(SHARE, item::text(token.expose()))],
            remove: &[],
            only_if: &[Guard::Has(OWNER), Guard::Lacks(SHARE)],
        };
        match self.update_head("share a run", run_id, change).await? {
            Guarded::Done => Ok(Some(token)),
            Guarded::Refused(there) if there.contains_key(OWNER) => {
                Ok(item::read_text(&there, SHARE).map(ShareToken::new))
            }
            Guarded::Refused(_) => Ok(None),
        }
    }

    /// Ends the link of a run: its token opens nothing from now on. False where the run is gone.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn unshare(&self, run_id: RunId) -> Result<bool, StoreError> {
        let change = HeadChange {
            set: &[],
            remove: &[SHARE],
            only_if: &[Guard::Has(OWNER)],
        };
        match self.update_head("end a share link", run_id, change).await? {
            Guarded::Done => Ok(true),
            Guarded::Refused(_) => Ok(false),
        }
    }
}
