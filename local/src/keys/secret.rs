//! New access keys.

use anyhow::Context as _;
use orchestrator::{KEY_CHARS, KEY_PREFIX};
use rand::TryRng as _;
use rand::rngs::SysRng;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Bytes that are drawn at a time.
const DRAW: usize = 64;

/// A key that nobody has. Fails only where the operating system gives no randomness.
pub(super) fn random() -> anyhow::Result<String> {
    made_of(|bytes| {
        let drawn = SysRng.try_fill_bytes(bytes);
        drawn.context("draw an access key from the system's randomness")
    })
}

fn made_of(mut draw: impl FnMut(&mut [u8]) -> anyhow::Result<()>) -> anyhow::Result<String> {
    let length = KEY_PREFIX.len() + KEY_CHARS;
    let mut key = String::with_capacity(length + DRAW);
    key.push_str(KEY_PREFIX);
    while key.len() < length {
        let mut bytes = [0; DRAW];
        draw(&mut bytes)?;
        key.extend(bytes.into_iter().filter_map(character));
    }
    key.truncate(length);
    Ok(key)
}

/// Each character of the alphabet stands for as many bytes as any other. Bytes that are left over stand for none.
fn character(byte: u8) -> Option<char> {
    let rounds = 256 / ALPHABET.len();
    let place = usize::from(byte);
    (place < rounds * ALPHABET.len()).then(|| char::from(ALPHABET[place % ALPHABET.len()]))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use anyhow::bail;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_letter_and_digit_stands_for_as_many_bytes() {
        let mut bytes_of = BTreeMap::<char, u32>::new();
        for character in (0..=u8::MAX).filter_map(character) {
            *bytes_of.entry(character).or_default() += 1;
        }
        assert!(bytes_of.keys().all(char::is_ascii_alphanumeric));
        assert_eq!(bytes_of.len(), 62);
        assert_eq!(bytes_of.into_values().collect::<BTreeSet<_>>(), [4].into());
    }

    #[test]
    fn no_two_keys_are_the_same_and_no_place_has_a_favourite() {
        const KEYS: usize = 4_000;
        let keys: BTreeSet<String> = (0..KEYS).map(|_| random().unwrap()).collect();
        assert_eq!(keys.len(), KEYS);
        for place in 4..47 {
            let seen: BTreeSet<u8> = keys.iter().map(|key| key.as_bytes()[place]).collect();
            assert_eq!(seen.len(), 62, "place {place}");
        }
    }

    #[test]
    fn without_randomness_there_is_no_key() {
        assert!(made_of(|_| bail!("none")).is_err());
    }

    proptest! {
        #[test]
        fn a_key_has_its_form_whatever_is_drawn(drawn in prop::collection::vec(any::<u8>(), 1..300)) {
            prop_assume!(drawn.iter().any(|byte| character(*byte).is_some()));
            let mut endless = drawn.iter().copied().cycle();
            let key = made_of(|bytes| {
                bytes.fill_with(|| endless.next().unwrap());
                Ok(())
            });
            let key = key.unwrap();
            let random = key.strip_prefix("slm_").unwrap();
            prop_assert!(random.len() == 43 && random.bytes().all(|it| it.is_ascii_alphanumeric()));
            let expected = drawn.iter().copied().cycle().filter_map(character).take(43);
            prop_assert_eq!(random, expected.collect::<String>());
        }
    }
}
