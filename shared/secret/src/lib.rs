//! Texts that are secret: how they are held, and how they are taken out of what others say.
//!
//! Refuses to print one, to write one as JSON, and to give one away but where [`Secret::reveal`] stands.

mod forms;
mod redactor;

use std::fmt;
use std::sync::Arc;

pub use forms::SHORTEST;
pub use redactor::Redactor;

/// A text that is sent to its server and shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use super::Secret;

    /// Does not compile where a secret implements the trait: then it is not clear which of two functions is meant.
    macro_rules! is_not {
        ($bound:path) => {
            const _: fn() = || {
                trait Ambiguous<T> {
                    fn meant() {}
                }
                struct Implements;
                impl<T: ?Sized> Ambiguous<()> for T {}
                impl<T: ?Sized + $bound> Ambiguous<Implements> for T {}
                <Secret as Ambiguous<_>>::meant();
            };
        };
    }

    is_not!(Display);
    is_not!(serde::Serialize);
    is_not!(std::ops::Deref);
    is_not!(AsRef<str>);

    #[test]
    fn a_secret_is_sent_and_not_printed() {
        let secret = Secret::new("s3cr3t");
        assert_eq!(secret.reveal(), "s3cr3t");
        assert_eq!(
            format!("{secret:?} {:?}", Some(&secret)),
            "[secret] Some([secret])"
        );
    }
}
