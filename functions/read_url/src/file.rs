//! The name under which a file is handed on: its own, made plain.

use percent_encoding::percent_decode_str;
use reqwest::Url;
use tool::{is_plain_name, is_unseen};

/// Longest name, in bytes: with room for an ending and a number.
const MAX_BYTES: usize = 100;

/// A plain name of a file with an ending, from what its server calls it, else from its address.
pub fn name(disposition: &str, url: &Url, ending: &str) -> String {
    let last = url
        .path_segments()
        .and_then(|mut parts| parts.next_back())
        .unwrap_or_default();
    let candidates = [
        said(disposition),
        Some(decoded(last)),
        url.host_str().map(|host| host.replace('.', "-")),
    ];
    let stem = candidates
        .into_iter()
        .flatten()
        .map(|name| plain(&name, ending))
        .find(|stem| !stem.is_empty());
    let name = format!("{}.{ending}", stem.as_deref().unwrap_or("file"));
    if is_plain_name(&name) {
        name
    } else {
        format!("file.{ending}")
    }
}

/// What `Content-Disposition` calls a file; the form with an encoding counts first (RFC 6266).
fn said(disposition: &str) -> Option<String> {
    let parts = || {
        disposition
            .split(';')
            .skip(1)
            .filter_map(|part| part.split_once('='))
    };
    let of = |wanted: &str| {
        let found = parts().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim().trim_matches('"'))
    };
    if let Some(value) = of("filename*") {
        return value.rsplit_once('\'').map(|(_, name)| decoded(name));
    }
    of("filename").map(decoded)
}

fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// What of a name is plain, without its ending.
fn plain(name: &str, ending: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_odd =
        |c: char| is_unseen(c) || c == char::REPLACEMENT_CHARACTER || "\"'<>|:*?".contains(c);
    let mut plain: String = name.chars().filter(|c| !is_odd(*c)).collect();
    if let Some((stem, given)) = plain.rsplit_once('.')
        && (given.eq_ignore_ascii_case(ending)
            || (ending == "jpg" && given.eq_ignore_ascii_case("jpeg")))
    {
        plain.truncate(stem.len());
    }
    plain.truncate(plain.floor_char_boundary(MAX_BYTES));
    plain
        .trim_matches(|c: char| c == '.' || c.is_whitespace())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_keeps_its_own_name_made_plain() {
        let cases = [
            ("", "https://e.org/a/report.pdf", "report.pdf"),
            ("", "https://e.org/a/Report.PDF?x=1", "Report.pdf"),
            ("", "https://e.org/pdf/1706.03762", "1706.03762.pdf"),
            ("", "https://e.org/a%20b%2Fc.pdf", "c.pdf"),
            ("", "https://e.org/b%C3%BCcher.pdf", "bücher.pdf"),
            ("", "https://www.e.org/", "www-e-org.pdf"),
            ("", "https://e.org/.pdf", "e-org.pdf"),
            ("", "https://e.org/..%2f..%2fetc%2fpasswd", "passwd.pdf"),
            ("attachment; filename=a.pdf", "https://e.org/x", "a.pdf"),
            (
                "attachment; filename=\"a b.pdf\"",
                "https://e.org/x",
                "a b.pdf",
            ),
            (
                "inline; filename=x.pdf; filename*=UTF-8''%E8%A1%A8.pdf",
                "https://e.org/x",
                "表.pdf",
            ),
            (
                "attachment; filename=\"../../.bashrc\"",
                "https://e.org/x",
                "bashrc.pdf",
            ),
            (
                "attachment; filename=\"C:\\\\a\\\\b.pdf\"",
                "https://e.org/x",
                "b.pdf",
            ),
            (
                "attachment; filename=\"\u{202e}fdp.exe\"",
                "https://e.org/x",
                "fdp.exe.pdf",
            ),
            ("attachment", "https://e.org/x.pdf", "x.pdf"),
            ("attachment; filename=", "https://e.org/x.pdf", "x.pdf"),
        ];
        for (disposition, url, expected) in cases {
            let url = Url::parse(url).unwrap();
            assert_eq!(
                name(disposition, &url, "pdf"),
                expected,
                "{disposition} {url}"
            );
        }
        let long = Url::parse(&format!("https://e.org/{}.pdf", "é".repeat(300))).unwrap();
        assert_eq!(name("", &long, "pdf"), format!("{}.pdf", "é".repeat(50)));
    }

    proptest! {
        #[test]
        fn every_name_is_plain(disposition in "(attachment; ?filename\\*?=)?\\PC{0,40}", path in "/\\PC{0,40}") {
            let url = Url::parse(&format!("https://e.org{path}")).unwrap();
            let name = name(&disposition, &url, "pdf");
            prop_assert!(is_plain_name(&name) && name.strip_suffix(".pdf").is_some(), "{name:?}");
        }
    }
}
