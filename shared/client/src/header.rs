//! Headers of answers.

use reqwest::Response;

use crate::ClientError;

/// A header that must be there.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> Result<&'a str, ClientError> {
    let value = response.headers().get(name);
    let value = value.and_then(|value| value.to_str().ok());
    value.ok_or_else(|| ClientError::contract(format!("the answer has no header {name}")))
}
