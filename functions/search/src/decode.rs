//! The text of what a server sent, whatever it says of its encoding.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Where a page says its encoding itself, it does so in its beginning. Bytes.
const HEAD_BYTES: usize = 1024;

/// `bytes` as text. `label` is the `charset` of the header.
///
/// A mark at the beginning counts first. Text that is whole UTF-8 beyond ASCII is UTF-8, whatever was said: in another
/// encoding it would be a rare accident, and servers that say another one are not. Then the header counts, then the page.
pub fn text(bytes: &[u8], label: Option<&str>) -> String {
    if let Some((marked, length)) = Encoding::for_bom(bytes) {
        return marked
            .decode_without_bom_handling(&bytes[length..])
            .0
            .into_owned();
    }
    let said = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    let said = said.or_else(|| meta(bytes));
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    let encoding = match said {
        // All its bytes are ASCII, so that they are whole UTF-8, too.
        Some(encoding) if encoding == ISO_2022_JP => encoding,
        _ if is_utf_8 => UTF_8,
        // Before the header of the page could be read as ASCII it was no UTF-16.
        None => WINDOWS_1252,
        Some(encoding) if encoding == UTF_8 => {
            meta(bytes).filter(|own| *own != UTF_8).unwrap_or(UTF_8)
        }
        Some(encoding) => encoding,
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// The encoding that a page names in a `<meta>`: by `charset=`, alone or in a `content`.
fn meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, mut rest) = head.split_once("<meta")?;
    while let Some((_, behind)) = rest.split_once("charset") {
        rest = behind;
        let Some(value) = behind.trim_start().strip_prefix('=') else {
            continue;
        };
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let end = value
            .find(|c: char| c.is_whitespace() || "\"';>/".contains(c))
            .unwrap_or(value.len());
        let named = Encoding::for_label(&value.as_bytes()[..end])?;
        // The text that says so was read as ASCII.
        let is_wide = named == UTF_16LE || named == UTF_16BE;
        return Some(if is_wide { UTF_8 } else { named });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encoding_that_it_is_in() {
        let latin = |text: &str| WINDOWS_1252.encode(text).0.into_owned();
        let japanese = |name: &str| {
            Encoding::for_label(name.as_bytes())
                .unwrap()
                .encode("東京")
                .0
                .into_owned()
        };
        let page = |charset: &str, rest: &[u8]| {
            [
                format!("<html><head><meta {charset}></head>").as_bytes(),
                rest,
            ]
            .concat()
        };
        let cases: Vec<(Vec<u8>, Option<&str>, &str)> = vec![
            (b"plain".to_vec(), None, "plain"),
            (b"".to_vec(), Some("utf-8"), ""),
            ("é".into(), None, "é"),
            ("é".into(), Some("utf-8"), "é"),
            // The header lies.
            ("é東".into(), Some("iso-8859-1"), "é東"),
            (latin("é"), Some("ISO-8859-1"), "é"),
            (latin("€é"), Some("latin1"), "€é"),
            (latin("é"), None, "é"),
            (latin("é"), Some("no-such-encoding"), "é"),
            (japanese("shift_jis"), Some("Shift_JIS"), "東京"),
            (japanese("euc-jp"), Some("x-euc-jp"), "東京"),
            (japanese("iso-2022-jp"), Some("iso-2022-jp"), "東京"),
            (
                [&b"\xef\xbb\xbf"[..], "é".as_bytes()].concat(),
                Some("iso-8859-1"),
                "é",
            ),
            (b"\xff\xfeh\0i\0".to_vec(), Some("utf-8"), "hi"),
            (b"h\0i\0\xe9\0".to_vec(), Some("utf-16le"), "hié"),
            // Neither is whole.
            (b"a\xffb".to_vec(), Some("utf-8"), "a\u{fffd}b"),
        ];
        for (bytes, label, expected) in cases {
            assert_eq!(text(&bytes, label), expected, "{bytes:?} {label:?}");
        }
        let in_page = [
            ("charset=\"shift_jis\"", japanese("shift_jis"), None, "東京"),
            (
                "http-equiv='content-type' content='text/html; charset=euc-jp'",
                japanese("euc-jp"),
                None,
                "東京",
            ),
            ("charset = windows-1252", latin("é"), None, "é"),
            ("charset=utf-16", "é".into(), None, "é"),
            (
                "charset=shift_jis",
                japanese("shift_jis"),
                Some("utf-8"),
                "東京",
            ),
            ("charset=shift_jis", "é".into(), None, "é"),
            ("charset", latin("é"), None, "é"),
        ];
        for (charset, bytes, label, expected) in in_page {
            let whole = text(&page(charset, &bytes), label);
            assert!(whole.ends_with(expected), "{charset} {whole}");
        }
    }
}
