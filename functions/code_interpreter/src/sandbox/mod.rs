//! What holds a program: the level of isolation that this system can give, and what belongs to it.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod filter;
mod harness;
pub mod lambda;
#[cfg(target_os = "linux")]
mod landlock;
mod level;
pub mod packages;
mod policy;
pub mod tasks;
pub mod zygote;

pub use level::{Level, Refusal, choose, is_own_file_readable};
pub use policy::Policy;

/// Programs at once.
pub const MAX_SLOTS: u32 = 64;
