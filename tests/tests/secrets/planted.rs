//! Secrets that are planted, and the search for them in every form that is easily turned back.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rand::RngExt as _;
use tests::seeds::random;

/// Where each secret stands. What is planted in a header or a query is sent to the server that is named, and to no other.
pub const NAMES: [&str; 22] = [
    "key of qwen in Secrets Manager",
    "key of phi in SSM",
    "key of llama in a variable",
    "header of qwen",
    "user of llama",
    "password of llama",
    "query of llama",
    "bearer of the tool",
    "password of the tool",
    "query of the tool",
    "bearer of the MCP server",
    "query of the MCP server",
    "key of tavily",
    "key of brave",
    "key of serper",
    "password of searxng",
    "access key",
    "origin secret",
    "secret key of AWS",
    "session token of AWS",
    "password of the proxy",
    "variable of nobody",
];
/// What keys are made of; the signs are those that some forms write otherwise.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/-_";
const LENGTH: usize = 40;

/// The secret of a name: always the same one.
pub fn value(name: &str) -> String {
    assert!(NAMES.contains(&name), "{name} is not planted");
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let mut random = random(hasher.finish());
    let letters = (0..LENGTH).map(|at| match at {
        // A sign in each half, not at an end: those that read headers and variables may cut off what stands there.
        9 | 29 => '/',
        12 | 33 => '+',
        _ => char::from(LETTERS[random.random_range(0..62)]),
    });
    letters.collect()
}

/// The forms of all secrets, and of their halves.
pub struct Needles {
    /// By their first two bytes: what is looked for, and whose form it is.
    by_start: Vec<Vec<(Vec<u8>, &'static str)>>,
}

impl Needles {
    pub fn new() -> Self {
        let mut by_start = vec![Vec::new(); 1 << 16];
        for name in NAMES {
            let value = value(name);
            let (first, second) = value.split_at(LENGTH / 2);
            for form in [first, second].into_iter().flat_map(forms) {
                let form = form.into_bytes();
                by_start[start(&form)].push((form, name));
            }
        }
        Self { by_start }
    }

    /// Whose secrets a text holds, whole or in halves.
    pub fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(1) {
            let rest = &bytes[at..];
            for (needle, name) in &self.by_start[start(rest)] {
                if rest.starts_with(needle) {
                    found.insert(*name);
                }
            }
        }
        found
    }
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// A text in its forms, each by hand: what the service takes out of texts is not what says that it did.
pub fn forms(text: &str) -> Vec<String> {
    let percent = |is_plain: fn(u8) -> bool, upper: bool| -> String {
        let signs = text.bytes().map(|byte| match (is_plain(byte), upper) {
            (true, _) => char::from(byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        });
        signs.collect()
    };
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        text.to_owned(),
        percent(|byte| byte.is_ascii_alphanumeric(), true),
        percent(|byte| byte.is_ascii_alphanumeric(), false),
        percent(|_| false, true),
        text.replace('/', "\\/"),
        text.chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect(),
        hex.to_uppercase(),
        hex,
    ];
    for before in 0..3 {
        let within = [&b"\0\0"[..before], text.as_bytes()].concat();
        let encoded = base64(&within);
        let from = [0, 2, 3][before];
        let inner = &encoded[from..within.len() * 8 / 6];
        forms.push(inner.replace('+', "-").replace('/', "_"));
        forms.push(inner.to_owned());
    }
    forms
}

pub fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let sign = SIGNS[(bits >> shift & 63) as usize];
            let is_filler = place > group.len();
            encoded.push(if is_filler { '=' } else { char::from(sign) });
        }
    }
    encoded
}

#[test]
fn each_form_of_each_secret_and_of_its_halves_is_found_in_a_text() {
    let needles = Needles::new();
    for name in NAMES {
        let secret = value(name);
        for form in forms(&format!("x{secret}, and so on")) {
            let text = format!("before {form} behind");
            assert_eq!(
                needles.in_bytes(text.as_bytes()),
                BTreeSet::from([name]),
                "{text}"
            );
        }
        for half in [&secret[..LENGTH / 2], &secret[LENGTH / 2..]] {
            let found = needles.in_bytes(format!("refused: {half}…").as_bytes());
            assert_eq!(found, BTreeSet::from([name]), "{half}");
        }
    }
    assert!(
        needles
            .in_bytes(b"nothing of the kind, and nothing else")
            .is_empty()
    );
}
