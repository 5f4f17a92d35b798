//! Who may use the interface: whoever shows an access key, and where a content delivery network stands before it, proof that a request
//! came that way.
//!
//! Only digests are configured and kept, so that neither a template nor a log nor this process knows a key. Refuses to tell a
//! wrong key from a missing one. Keys that the table has are looked up by [`super::keys`].

use std::env;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest as _, Sha256};
use store::KeyHash;
use subtle::ConstantTimeEq as _;

use super::visitors::{Visitors, address};
use super::{ApiError, Caller};

/// How an access key begins that the table has, …
pub const KEY_PREFIX: &str = "slm_";
/// … and how many letters and digits follow: 256 bits and more.
pub const KEY_CHARS: usize = 43;
/// SHA-256 of the access key of the owner `default`, as 64 hexadecimal digits.
const KEY_VARIABLE: &str = "ACCESS_KEY_SHA256";
/// SHA-256 of what the content delivery network sends in [`ORIGIN_HEADER`].
const ORIGIN_VARIABLE: &str = "ORIGIN_SECRET_SHA256";
const ORIGIN_HEADER: &str = "x-origin-secret";
/// Origins of pages that may use what is under `/v1`, with commas between.
const PAGES_VARIABLE: &str = "CORS_ORIGINS";

/// What a request has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    key: KeyRule,
    origin: Option<Secret>,
    /// Those of the pages of others that an operator lets in.
    page_origins: Vec<HeaderValue>,
    /// Whoever has no key, where they are let in.
    pub(super) visitors: Option<Visitors>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyRule {
    /// Nothing: whoever reaches a laptop's loopback is its user.
    Open,
    Key(Secret),
    /// No key is configured where one must be.
    Closed,
}

/// Who a request says that it is from.
#[derive(Debug)]
pub(super) enum Claim {
    /// It is.
    Is(Caller),
    /// The owner of the key of this hash, if there is one.
    Key(KeyHash),
    Nobody,
}

/// The digest of something that is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secret([u8; 32]);

/// A variable that says nothing of the kind that it has to say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
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
    #[error(
        "{variable}: expected origins as https://chat.example.org, with commas between and without a path, found {found:?}"
    )]
    NoOrigin {
        variable: &'static str,
        found: String,
    },
    #[error("{0}")]
    Visitors(String),
}

impl Access {
    /// Everybody.
    pub const OPEN: Self = Self {
        key: KeyRule::Open,
        origin: None,
        page_origins: Vec::new(),
        visitors: None,
    };
    /// Nobody.
    pub const CLOSED: Self = Self {
        key: KeyRule::Closed,
        origin: None,
        page_origins: Vec::new(),
        visitors: None,
    };

    /// What this process's environment says.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_env(without_key: Self) -> Result<Self, AccessError> {
        Self::read(|name| env::var(name).ok(), without_key)
    }

    /// What an environment says, and where it names no key, who may enter then.
    ///
    /// # Errors
    /// A variable that is set and holds no digest, or that of nothing.
    pub fn read(
        env: impl Fn(&str) -> Option<String>,
        without_key: Self,
    ) -> Result<Self, AccessError> {
        let secret = |variable| {
            let digits = env(variable).filter(|digits| !digits.trim().is_empty());
            digits
                .map(|digits| Secret::read(variable, digits.trim()))
                .transpose()
        };
        Ok(Self {
            key: secret(KEY_VARIABLE)?.map_or(without_key.key, KeyRule::Key),
            origin: secret(ORIGIN_VARIABLE)?,
            page_origins: page_origins(&env(PAGES_VARIABLE).unwrap_or_default())?,
            visitors: Visitors::read(env)
                .map_err(|error| AccessError::Visitors(error.to_string()))?,
        })
    }

    /// Whether an operator lets pages of this origin in.
    pub(super) fn names_origin(&self, origin: &HeaderValue) -> bool {
        self.page_origins.contains(origin)
    }

    /// Whether a key is asked for.
    pub const fn has_key(&self) -> bool {
        match self.key {
            KeyRule::Key(_) => true,
            KeyRule::Open | KeyRule::Closed => false,
        }
    }

    pub(super) fn check_origin(&self, headers: &HeaderMap) -> Result<(), ApiError> {
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

    /// Who a request says that it is from.
    pub(super) fn claim(&self, parts: &Parts) -> Claim {
        let shown = bearer(&parts.headers);
        let visitor = || {
            let address = address(parts, self.origin.is_some());
            self.visitors?.caller(shown, address)
        };
        if let Some(visitor) = visitor() {
            return Claim::Is(visitor);
        }
        match &self.key {
            KeyRule::Key(secret) if secret.is_of(shown) => Claim::Is(Caller::default_owner()),
            _ if is_key(shown) => Claim::Key(KeyHash::of(shown)),
            KeyRule::Open => Claim::Is(Caller::local()),
            KeyRule::Key(_) | KeyRule::Closed => Claim::Nobody,
        }
    }
}

/// Whether a text is made as the access keys are that the table has. Others are refused without a look into it.
fn is_key(shown: &[u8]) -> bool {
    let random = shown.strip_prefix(KEY_PREFIX.as_bytes());
    random.is_some_and(|it| it.len() == KEY_CHARS && it.iter().all(u8::is_ascii_alphanumeric))
}

impl Secret {
    fn read(variable: &'static str, digits: &str) -> Result<Self, AccessError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
        let digest = bytes.and_then(|bytes| bytes.try_into().ok());
        let secret = digest.map(Self).ok_or_else(|| AccessError::Unreadable {
            variable,
            found: digits.chars().count(),
        })?;
        if secret.is_of(b"") {
            return Err(AccessError::OfNothing { variable });
        }
        Ok(secret)
    }

    /// Takes the same time whatever is shown.
    fn is_of(&self, shown: &[u8]) -> bool {
        Sha256::digest(shown).ct_eq(&self.0).into()
    }
}

/// Origins as browsers write them: scheme, host in small letters, and a port that is not the scheme's own.
fn page_origins(said: &str) -> Result<Vec<HeaderValue>, AccessError> {
    let origins = said.split(',').map(str::trim).filter(|it| !it.is_empty());
    let read = origins.map(|origin| {
        let wrong = || AccessError::NoOrigin {
            variable: PAGES_VARIABLE,
            found: origin.to_owned(),
        };
        let uri: Uri = origin.parse().map_err(|_| wrong())?;
        let authority = uri.authority().map(|it| it.as_str().to_ascii_lowercase());
        let scheme = uri
            .scheme_str()
            .filter(|it| matches!(*it, "http" | "https"));
        let (Some(scheme), Some(authority), "" | "/", None) =
            (scheme, authority, uri.path(), uri.query())
        else {
            return Err(wrong());
        };
        if authority.contains(['*', '@']) {
            return Err(wrong());
        }
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(own_port).unwrap_or(&authority);
        HeaderValue::try_from(format!("{scheme}://{authority}")).map_err(|_| wrong())
    });
    read.collect()
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

#[cfg(test)]
mod tests;
