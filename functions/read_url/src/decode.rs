//! Which encoding the bytes of a page are in, and the text that they are.
//!
//! What says so counts in this order: a mark at the beginning; bytes that can hardly be anything but UTF-8; the header; the page's own
//! words; what the bytes look like. Servers are wrong about the second half of them often enough for bytes to be asked first.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};

/// Of a page, where its own words for its encoding stand. The standard says 1,024 bytes; pages are not so strict.
const PRESCAN_BYTES: usize = 4096;
/// So many characters of more than one byte are no chance.
const SURE_CHARACTERS: usize = 3;
/// One broken character among so many is a slip of a page in UTF-8, not another encoding.
const SLIPS_ONE_IN: usize = 10;

/// The text of a body, and whether all of it could be read.
pub fn decode(bytes: &[u8], media_type: &str, host: &str) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    let encoding = encoding(bytes, media_type, host);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn encoding(bytes: &[u8], media_type: &str, host: &str) -> &'static Encoding {
    let said = [parameter(media_type), own_words(bytes)]
        .into_iter()
        .flatten()
        .filter_map(by_label);
    let said: Vec<_> = said.collect();
    // It is written in ASCII alone, as UTF-8 may be.
    if said.first() == Some(&ISO_2022_JP) {
        return ISO_2022_JP;
    }
    let (characters, broken) = utf8(bytes);
    let is_utf8 = broken * SLIPS_ONE_IN <= characters;
    let fits = |encoding: &&&'static Encoding| {
        **encoding != UTF_8
            && !encoding.is_single_byte()
            && !encoding.decode_without_bom_handling(bytes).1
    };
    if is_utf8 && characters >= SURE_CHARACTERS {
        // Two bytes of some encodings of East Asia can look like one character of UTF-8, in a short text.
        return said
            .iter()
            .find(fits)
            .filter(|_| characters < 4 * SURE_CHARACTERS)
            .copied()
            .unwrap_or(UTF_8);
    }
    said.into_iter()
        .find(|encoding| *encoding != UTF_8 || is_utf8)
        .unwrap_or_else(|| guess(bytes, host))
}

/// How many characters of more than one byte there are in UTF-8, and how many breaks.
fn utf8(bytes: &[u8]) -> (usize, usize) {
    let (mut characters, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    (characters, broken)
}

fn by_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes())?;
    (![REPLACEMENT, X_USER_DEFINED].contains(&encoding)).then_some(encoding)
}

/// The `charset` of a header.
fn parameter(media_type: &str) -> Option<&str> {
    after(media_type, "charset").map(|label| label.split([';', ',']).next().unwrap_or(label))
}

/// What a page says of itself in `meta` or in its declaration as XML.
fn own_words(bytes: &[u8]) -> Option<&str> {
    let begins = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    let begins = begins
        .utf8_chunks()
        .next()
        .map_or("", |chunk| chunk.valid());
    let word = |text: &'_ str| {
        text.find(|c: char| " \"'>;?/".contains(c))
            .map_or(text.len(), |end| end)
    };
    let declared = begins
        .starts_with("<?xml")
        .then(|| begins.split("?>").next())
        .flatten();
    let declared = declared.and_then(|declaration| after(declaration, "encoding"));
    let meta = || {
        let mut metas = begins.match_indices('<').map(|(at, _)| &begins[at..]);
        metas.find_map(|tag| {
            let is_meta = tag
                .get(1..5)
                .is_some_and(|name| name.eq_ignore_ascii_case("meta"));
            let tag = tag.split('>').next().filter(|_| is_meta)?;
            after(tag, "charset")
        })
    };
    let label = declared.or_else(meta)?;
    let label = label.trim_start_matches(['"', '\'', ' ']);
    let label = &label[..word(label)];
    // A page that can be read so far is not in two bytes a character, whatever it says.
    let is_wide =
        by_label(label).is_some_and(|encoding| encoding == UTF_16LE || encoding == UTF_16BE);
    Some(if is_wide { "utf-8" } else { label })
}

/// What stands behind `NAME =`.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let at = text.to_ascii_lowercase().find(name)?;
    let behind = text[at + name.len()..].trim_start().strip_prefix('=')?;
    Some(behind.trim_start())
}

fn guess(bytes: &[u8], host: &str) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let top_level = host
        .rsplit('.')
        .next()
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase()));
    detector.guess(top_level.map(str::as_bytes), Utf8Detection::Allow)
}
