//! What an account may use: runs a minute, runs at once, dollars a day (UTC).
//!
//! A start takes a place in the minute and one among the runs at once, and sets dollars aside, in the transaction that writes the run, each
//! under the condition that it is still to be had: so starts side by side pass no limit, and one that breaks off takes nothing. The end
//! of the run gives back what it did not use in the transaction that notes the end. What a run holds that nobody ends comes back by
//! itself, as each place runs out.

mod account;
mod allotment;
mod limit_met;
mod places;
mod settlement;
mod task;
mod used;
mod wish;

pub use account::{Account, Limits};
pub use allotment::Allotment;
pub use limit_met::LimitMet;
pub(crate) use places::release;
pub use used::Used;
pub use wish::{Asker, Wish};
