//! The variables of AWS.

use std::env;

/// An empty variable is none.
pub(in crate::aws) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
