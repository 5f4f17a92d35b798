//! A system call by its name and number.

/// A name and its number on this architecture.
pub type Call = (&'static str, i64);

/// For what the crate `libc` lacks on some architecture: the number of the old table, and that of all others.
pub const fn numbered(x86_64: i64, generic: i64) -> i64 {
    if cfg!(target_arch = "x86_64") {
        x86_64
    } else {
        generic
    }
}

macro_rules! calls {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}
pub(super) use calls;
