//! The two eras of the protocol.

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// Up to 2025-11-25: a handshake, mostly with a session.
    WithSessions,
    /// From 2026-07-28: each request stands by itself.
    WithoutSessions,
}
