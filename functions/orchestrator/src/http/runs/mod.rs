//! Runs that are there: seen, followed, listed, changed, cancelled, rated, deleted.

pub(super) mod artifact;
pub(super) mod cancel;
pub(super) mod change;
pub(super) mod delete;
pub(super) mod events;
pub(super) mod list;
pub(super) mod prompt;
pub(super) mod rating;
pub(super) mod share;
pub(super) mod show;
