//! Authorities whose certificates are trusted beside the bundled ones: those of an operator's own network.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, TrustAnchor};

/// Longest file, in bytes: a whole system's bundle has a quarter of it.
const MAX_BYTES: u64 = 1024 * 1024;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Authorities of an operator's own. By default none.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Arc<[TrustAnchor<'static>]>);

/// What names no authorities.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    #[error(
        "{place} cannot be read; expected the path of a file of certificates in PEM, or the certificates themselves"
    )]
    Unreadable {
        place: String,
        #[source]
        source: std::io::Error,
    },
    #[error("{place} is longer than {MAX_BYTES} bytes")]
    TooLong { place: String },
    #[error("{place} holds no certificate in PEM, which begins with `{BEGIN}`{}", hint.map_or("", |it| it))]
    None {
        place: String,
        hint: Option<&'static str>,
    },
    #[error("certificate {index} of {place} cannot be used: {problem}")]
    Unfit {
        place: String,
        /// From 1.
        index: usize,
        problem: String,
    },
}

impl Authorities {
    /// Reads certificates in PEM: what is given are they themselves, or else the path of a file. What stands around them, such as a
    /// key, is passed by.
    pub fn read(given: &str) -> Result<Self, AuthoritiesError> {
        if given.contains("-----BEGIN ") {
            return Self::parse("what is given", given.as_bytes());
        }
        let path = Path::new(given.trim());
        let place = format!("the file {}", path.display());
        let unreadable = |source| AuthoritiesError::Unreadable {
            place: place.clone(),
            source,
        };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
            return Err(AuthoritiesError::TooLong { place });
        }
        Self::parse(&place, &std::fs::read(path).map_err(unreadable)?)
    }

    /// As many as there are certificates.
    pub(crate) fn roots(&self) -> &[TrustAnchor<'static>] {
        &self.0
    }

    fn parse(place: &str, bytes: &[u8]) -> Result<Self, AuthoritiesError> {
        let text = laid_out(&String::from_utf8_lossy(bytes));
        let mut store = RootCertStore::empty();
        for (at, read) in CertificateDer::pem_slice_iter(text.as_bytes()).enumerate() {
            let unfit = |problem: String| AuthoritiesError::Unfit {
                place: place.to_owned(),
                index: at + 1,
                problem,
            };
            let certificate = read.map_err(|error| unfit(error.to_string()))?;
            let added = store.add(certificate);
            added.map_err(|error| unfit(error.to_string()))?;
        }
        if store.is_empty() {
            return Err(AuthoritiesError::None {
                place: place.to_owned(),
                hint: hint(bytes, &text),
            });
        }
        Ok(Self(store.roots.into()))
    }
}

/// Certificates with each mark on a line of its own: variables and files lose line breaks in many ways, or have them as two signs, and
/// begin with a mark for the order of bytes.
fn laid_out(text: &str) -> String {
    let text = text.replace("\\n", "\n").replace("\\r", "\n");
    let text = text.replace(BEGIN, &format!("\n{BEGIN}\n"));
    text.replace(END, &format!("\n{END}\n"))
}

/// What somebody has given in the place of certificates in PEM.
fn hint(bytes: &[u8], text: &str) -> Option<&'static str> {
    if bytes.starts_with(&[0x30, 0x82]) {
        Some(". It is in DER: `openssl x509 -inform der -in FILE -out FILE.pem` writes it in PEM")
    } else if text.contains("BEGIN TRUSTED CERTIFICATE") {
        Some(". `openssl x509 -in FILE -out FILE.pem` writes OpenSSL's own form in PEM")
    } else if text.contains("BEGIN PKCS7") {
        Some(". `openssl pkcs7 -print_certs -in FILE -out FILE.pem` writes those of PKCS #7 in PEM")
    } else if text.contains("PRIVATE KEY-----") {
        Some(". It holds a key, which belongs nowhere near here")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
