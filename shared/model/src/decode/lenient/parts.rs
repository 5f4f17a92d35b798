//! A list of objects, or one object in place of a list of one.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Lenient, Text};

/// A list of objects that most often holds one, which then costs no allocation; one object by itself is one too.
#[derive(Debug)]
pub(crate) struct Parts<T> {
    first: Option<T>,
    more: Vec<T>,
}

impl<T> Default for Parts<T> {
    fn default() -> Self {
        Self {
            first: None,
            more: Vec::new(),
        }
    }
}

impl<T> Parts<T> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl<T> Parts<T> {
    /// The first, and the others; most often there are none.
    #[inline]
    pub(crate) fn into_first_and_others(self) -> (Option<T>, Vec<T>) {
        (self.first, self.more)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Parts<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor(PhantomData))
    }
}

struct PartsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PartsVisitor<T> {
    type Value = Parts<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Parts<T>, A::Error> {
        let mut parts = Parts::default();
        while let Some(Lenient(element)) = elements.next_element()? {
            if parts.first.is_none() {
                parts.first = element;
            } else {
                parts.more.extend(element);
            }
        }
        Ok(parts)
    }

    /// An object without fields is none.
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Parts<T>, A::Error> {
        let Some(Text(key)) = fields.next_key()? else {
            return Ok(Parts::default());
        };
        let fields = Begun {
            key: Some(key),
            fields,
        };
        Ok(Parts {
            first: Some(T::deserialize(MapAccessDeserializer::new(fields))?),
            more: Vec::new(),
        })
    }

    passes_over!(Parts::default(); visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64, visit_str: &str);
}

/// The fields of an object whose first key has been read.
struct Begun<'de, A> {
    key: Option<Cow<'de, str>>,
    fields: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Begun<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.key.take() {
            Some(key) => seed.deserialize(CowStrDeserializer::new(key)).map(Some),
            None => self.fields.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.fields.next_value_seed(seed)
    }
}
