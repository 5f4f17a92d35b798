//! Who may use the interface: an access key, and where a content delivery network stands before it, proof that a request came
//! that way.
//!
//! Only digests are configured and kept, so that neither a template nor a log nor this process knows a key. Refuses to tell a
//! wrong key from a missing one.

use std::env;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER_PERMISSIVE;
use run::Owner;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{ApiError, App};

/// SHA-256 of the access key, as 64 hexadecimal digits.
const KEY_VARIABLE: &str = "ACCESS_KEY_SHA256";
/// SHA-256 of what the content delivery network sends in [`ORIGIN_HEADER`].
const ORIGIN_VARIABLE: &str = "ORIGIN_SECRET_SHA256";
const ORIGIN_HEADER: &str = "x-origin-secret";

/// What a request has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    key: KeyRule,
    origin: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyRule {
    /// Nothing: whoever reaches a laptop's loopback is its user.
    Open,
    Key(Secret),
    /// No key is configured where one must be.
    Closed,
}

/// The digest of something that is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secret([u8; 32]);

/// A variable that holds no digest of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDigest {
    #[error(
        "{variable}: expected the SHA-256 of a secret as 64 hexadecimal digits, found {found} characters"
    )]
    Unreadable {
        variable: &'static str,
        found: usize,
    },
    /// Who sends nothing would be let in.
    #[error(
        "{variable}: this is the SHA-256 of nothing; set the variable that the digest is made of"
    )]
    OfNothing { variable: &'static str },
}

impl Access {
    /// Everybody.
    pub const OPEN: Self = Self {
        key: KeyRule::Open,
        origin: None,
    };
    /// Nobody.
    pub const CLOSED: Self = Self {
        key: KeyRule::Closed,
        origin: None,
    };

    /// What this process's environment says.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_env(without_key: Self) -> Result<Self, NoDigest> {
        Self::read(|name| env::var(name).ok(), without_key)
    }

    /// What an environment says, and where it names no key, who may enter then.
    ///
    /// # Errors
    /// A variable that is set and holds no digest, or that of nothing.
    pub fn read(env: impl Fn(&str) -> Option<String>, without_key: Self) -> Result<Self, NoDigest> {
        let secret = |variable| {
            let digits = env(variable).filter(|digits| !digits.trim().is_empty());
            digits
                .map(|digits| Secret::read(variable, digits.trim()))
                .transpose()
        };
        Ok(Self {
            key: secret(KEY_VARIABLE)?.map_or(without_key.key, KeyRule::Key),
            origin: secret(ORIGIN_VARIABLE)?,
        })
    }

    /// Whether a key is asked for.
    pub const fn has_key(&self) -> bool {
        match self.key {
            KeyRule::Key(_) => true,
            KeyRule::Open | KeyRule::Closed => false,
        }
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let shown = headers
            .get(ORIGIN_HEADER)
            .map_or(&b""[..], |value| value.as_bytes());
        match &self.origin {
            Some(secret) if !secret.is_of(shown) => Err(ApiError::forbidden(
                "This address is reached through its content delivery network only.",
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn check_key(&self, headers: &HeaderMap) -> Result<Owner, ApiError> {
        match &self.key {
            KeyRule::Open => Ok(Owner::anonymous()),
            KeyRule::Key(secret) if secret.is_of(bearer(headers)) => Ok(Owner::anonymous()),
            KeyRule::Key(_) => Err(ApiError::unauthorized(
                "Send the access key of this deployment as `Authorization: Bearer <key>`.",
            )),
            KeyRule::Closed => Err(ApiError::unauthorized(
                "This deployment has no access key yet; its operator has to configure one.",
            )),
        }
    }
}

impl Secret {
    fn read(variable: &'static str, digits: &str) -> Result<Self, NoDigest> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
        let digest = bytes.and_then(|bytes| bytes.try_into().ok());
        let secret = digest.map(Self).ok_or_else(|| NoDigest::Unreadable {
            variable,
            found: digits.chars().count(),
        })?;
        if secret.is_of(b"") {
            return Err(NoDigest::OfNothing { variable });
        }
        Ok(secret)
    }

    /// Takes the same time whatever is shown.
    fn is_of(&self, shown: &[u8]) -> bool {
        Sha256::digest(shown).ct_eq(&self.0).into()
    }
}

/// The scheme is case-insensitive (RFC 9110).
fn bearer(headers: &HeaderMap) -> &[u8] {
    let value = headers
        .get(header::AUTHORIZATION)
        .map_or(&b""[..], |value| value.as_bytes());
    match value.split_at_checked(7) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(b"bearer ") => key.trim_ascii(),
        Some(_) | None => b"",
    }
}

/// Who sends a request: whose runs it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller(pub(super) Owner);

impl Caller {
    /// A run of somebody else is no other than one that is not there.
    pub(super) fn check(&self, owner: &Owner) -> Result<(), ApiError> {
        if self.0 == *owner {
            Ok(())
        } else {
            Err(ApiError::no_such_run())
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ApiError::unauthorized("The access key was not looked at."))
    }
}

/// For all routes.
pub(super) async fn origin(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.access.check_origin(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// For the routes of the interface.
pub(super) async fn key(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match app.access.check_key(request.headers()) {
        Ok(owner) => {
            request.extensions_mut().insert(Caller(owner));
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    /// SHA-256 of `open sesame`.
    const DIGEST: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

    fn access(variables: &[(&str, &str)]) -> Result<Access, NoDigest> {
        let env = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Access::read(env, Access::CLOSED)
    }

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))])
    }

    #[test]
    fn only_the_key_opens() {
        let access = access(&[(KEY_VARIABLE, DIGEST)]).unwrap();
        let check = |value| access.check_key(&headers("authorization", value)).is_ok();
        for right in [
            "Bearer open sesame",
            "bearer open sesame",
            "BEARER  open sesame ",
        ] {
            assert!(check(right), "{right}");
        }
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "open sesame",
            "Basic open sesame",
            "Bearer Open sesame",
            "Bearer open sesam",
            DIGEST,
        ] {
            assert!(!check(wrong), "{wrong}");
        }
        assert!(access.check_key(&HeaderMap::new()).is_err());
    }

    #[test]
    fn without_a_key_nobody_enters_where_one_must_be() {
        let access = access(&[(KEY_VARIABLE, " ")]).unwrap();
        assert!(
            access
                .check_key(&headers("authorization", "Bearer "))
                .is_err()
        );
        assert!(Access::OPEN.check_key(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn what_did_not_come_through_the_network_is_turned_away() {
        let access = access(&[(ORIGIN_VARIABLE, &DIGEST.to_uppercase())]).unwrap();
        assert!(
            access
                .check_origin(&headers(ORIGIN_HEADER, "open sesame"))
                .is_ok()
        );
        assert!(access.check_origin(&headers(ORIGIN_HEADER, "")).is_err());
        assert!(access.check_origin(&HeaderMap::new()).is_err());
        assert!(Access::OPEN.check_origin(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn a_secret_that_is_nothing_is_refused() {
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for variable in [KEY_VARIABLE, ORIGIN_VARIABLE] {
            let error = access(&[(variable, of_nothing)]).unwrap_err();
            assert_eq!(error, NoDigest::OfNothing { variable });
        }
    }

    #[test]
    fn a_variable_that_holds_no_digest_is_told_without_its_value() {
        let error = access(&[(KEY_VARIABLE, "hunter2")])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("ACCESS_KEY_SHA256: ") && error.contains("7 characters"),
            "{error}"
        );
        assert!(!error.contains("hunter2"));
    }
}
