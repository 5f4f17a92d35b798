//! What variables hold: names of providers, addresses and keys.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderValue;
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Who can be asked, by the names of `SEARCH_PROVIDERS`, in the order in which they are asked where nothing else is set: what
/// the operator pays for or runs comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum Name {
    Tavily,
    SearXng,
    Brave,
    Serper,
    DuckDuckGo,
    Wikipedia,
}

/// An address that ends with a slash, and the variable that sets it. Its `Debug` shows no name and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) url: Url,
    pub(crate) variable: &'static str,
}

/// A secret, and the variable that sets it: a value that is marked as sensitive is not printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) value: HeaderValue,
    pub(crate) variable: &'static str,
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Base").field(&self.variable).finish()
    }
}
