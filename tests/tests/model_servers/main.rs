//! Servers of models as operators have them: behind gateways that want headers, with fields of their own, behind certificates of an
//! authority of the operator's, with keys that are renewed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod certificates;
mod gateway;
mod headers;
mod renewed_keys;
