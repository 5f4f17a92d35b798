//! Whom the services of AWS are trusted by.
//!
//! `AWS_CA_BUNDLE` means what it means to AWS's own tools: its authorities stand in the place of the bundled ones. A table elsewhere than
//! in AWS is reached so, where an authority of the operator's own has signed its certificate.

use reqwest::Client;

use super::variable::variable;
use crate::authorities::Authorities;
use crate::http::{self, ClientError};

/// A client for the services of AWS, which trusts whom the environment names.
pub(in crate::aws) fn service_client() -> Result<Client, ClientError> {
    let given = variable("AWS_CA_BUNDLE").map(|given| Authorities::read(&given));
    let only = given.transpose().map_err(ClientError::AwsAuthorities)?;
    http::service_client(only.as_ref())
}
