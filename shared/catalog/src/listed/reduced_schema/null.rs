//! Null as an alternative to a value.

/// What becomes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Null {
    Kept,
    /// The member may be left out instead.
    LeftOut,
}
