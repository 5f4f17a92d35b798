//! What came back from an address: a page, a text, a file that is handed on, or nothing that can be read.
//!
//! Servers are believed where they are precise; bytes that begin as a PDF are one whatever they are called, and what is called a text
//! and holds bytes of zero is none.

use crate::page::Syntax;

/// What a body is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    Text,
    File(FileType),
    Unreadable,
}

/// Files that are handed on, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    pub media_type: &'static str,
    pub ending: &'static str,
    /// With its article.
    pub called: &'static str,
}

const PDF: FileType = FileType {
    media_type: "application/pdf",
    ending: "pdf",
    called: "a PDF",
};

const FILES: [FileType; 10] = [
    PDF,
    FileType {
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ending: "xlsx",
        called: "a spreadsheet",
    },
    FileType {
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ending: "docx",
        called: "a document",
    },
    FileType {
        media_type: "application/vnd.oasis.opendocument.spreadsheet",
        ending: "ods",
        called: "a spreadsheet",
    },
    FileType {
        media_type: "application/vnd.oasis.opendocument.text",
        ending: "odt",
        called: "a document",
    },
    FileType {
        media_type: "application/vnd.apache.parquet",
        ending: "parquet",
        called: "a table in Parquet",
    },
    FileType {
        media_type: "image/png",
        ending: "png",
        called: "a picture",
    },
    FileType {
        media_type: "image/jpeg",
        ending: "jpg",
        called: "a picture",
    },
    FileType {
        media_type: "image/gif",
        ending: "gif",
        called: "a picture",
    },
    FileType {
        media_type: "image/webp",
        ending: "webp",
        called: "a picture",
    },
];

/// Types of texts that do not begin with `text/`, but for those that end as one.
const TEXTS: [&str; 12] = [
    "application/json",
    "application/ld+json",
    "application/x-ndjson",
    "application/jsonl",
    "application/javascript",
    "application/x-javascript",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/sql",
    "application/rtf",
];
const TEXT_ENDINGS: [&str; 3] = ["+json", "+xml", "+yaml"];
const UNKNOWN: [&str; 5] = [
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
    "unknown/unknown",
];

/// A byte of zero within so many is in no text.
const SNIFFED_BYTES: usize = 1024;

/// What a body of a media type is.
pub fn of(media_type: &str, body: &[u8]) -> Kind {
    let essence = essence(media_type);
    let begins = &body[..body.len().min(SNIFFED_BYTES)];
    let is_wide = begins.starts_with(&[0xff, 0xfe]) || begins.starts_with(&[0xfe, 0xff]);
    let is_binary = begins.contains(&0) && !is_wide;
    let start = begins.trim_ascii_start();
    let start = start
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(start)
        .trim_ascii_start();
    if start.starts_with(b"%PDF-") {
        return Kind::File(PDF);
    }
    if let Some(file) = FILES.iter().find(|file| file.media_type == essence) {
        // A page that asks to sign in, under the name of a file.
        return if is_page(start) && !is_binary {
            Kind::Page
        } else {
            Kind::File(*file)
        };
    }
    let is_unknown = UNKNOWN.contains(&&*essence) || !essence.contains('/');
    if is_binary {
        return Kind::Unreadable;
    }
    match &*essence {
        "text/html" | "application/xhtml+xml" => Kind::Page,
        essence if essence.starts_with("text/") || TEXTS.contains(&essence) => Kind::Text,
        "image/svg+xml" => Kind::Unreadable,
        essence if TEXT_ENDINGS.iter().any(|ending| essence.ends_with(ending)) => Kind::Text,
        _ if is_unknown && is_page(start) => Kind::Page,
        _ if is_unknown
            && start.first().is_some_and(|first| *first != b'<')
            && std::str::from_utf8(begins).is_ok() =>
        {
            Kind::Text
        }
        _ if is_unknown && start.starts_with(b"<") => Kind::Text,
        _ => Kind::Unreadable,
    }
}

/// By which rules a page of a media type is written.
pub fn syntax(media_type: &str) -> Syntax {
    if essence(media_type) == "application/xhtml+xml" {
        Syntax::Xml
    } else {
        Syntax::Html
    }
}

fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn is_page(start: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 8] = [
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<body",
        b"<title",
        b"<div",
        b"<p>",
        b"<h1",
    ];
    BEGINNINGS.iter().any(|begins| {
        start
            .get(..begins.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(begins))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_its_type_and_its_bytes_say() {
        let file =
            |ending: &str| Kind::File(*FILES.iter().find(|file| file.ending == ending).unwrap());
        let cases: [(&str, &[u8], Kind); 40] = [
            ("text/html", b"<p>x", Kind::Page),
            ("TEXT/HTML; charset=utf-8", b"x", Kind::Page),
            ("application/xhtml+xml", b"<?xml?><html>", Kind::Page),
            ("text/html", b"", Kind::Page),
            ("text/html", b"\xff\xfe<\0p\0", Kind::Page),
            ("text/html", b"%PDF-1.7", file("pdf")),
            ("text/html", b"\x89PNG\0\0", Kind::Unreadable),
            ("text/plain", b"hello", Kind::Text),
            ("text/plain", b"<html>", Kind::Text),
            ("text/plain", b"MZ\0\0", Kind::Unreadable),
            ("text/plain", b"\n%PDF-1.4", file("pdf")),
            ("text/csv", b"a,b", Kind::Text),
            ("text/markdown", b"# x", Kind::Text),
            ("application/json", b"{}", Kind::Text),
            ("application/ld+json", b"{}", Kind::Text),
            ("application/problem+json", b"{}", Kind::Text),
            ("application/rss+xml", b"<rss>", Kind::Text),
            ("application/xml", b"<a/>", Kind::Text),
            ("application/javascript", b"x", Kind::Text),
            ("image/svg+xml", b"<svg>", Kind::Unreadable),
            ("application/pdf", b"%PDF-1.7\0", file("pdf")),
            ("application/pdf", b"junk", file("pdf")),
            ("application/pdf", b"<!DOCTYPE html><p>Sign in", Kind::Page),
            ("application/octet-stream", b"%PDF-1.7", file("pdf")),
            (
                "application/octet-stream",
                b"PK\x03\x04\0",
                Kind::Unreadable,
            ),
            ("application/octet-stream", b"plain words", Kind::Text),
            ("", b"<!DOCTYPE HTML>", Kind::Page),
            ("", b"\xef\xbb\xbf <html>", Kind::Page),
            ("", b"<?xml version='1.0'?>", Kind::Text),
            ("", b"words", Kind::Text),
            ("", b"\0\x01", Kind::Unreadable),
            ("", b"", Kind::Unreadable),
            ("nonsense", b"words", Kind::Text),
            ("image/png", b"\x89PNG\0", file("png")),
            ("image/jpeg", b"\xff\xd8\0", file("jpg")),
            ("image/bmp", b"BM\0", Kind::Unreadable),
            ("video/mp4", b"\0\0", Kind::Unreadable),
            ("application/zip", b"PK\x03\x04", Kind::Unreadable),
            ("application/x-msdownload", b"MZ\0", Kind::Unreadable),
            (
                "application/vnd.oasis.opendocument.text",
                b"PK\0",
                file("odt"),
            ),
        ];
        for (media_type, body, expected) in cases {
            assert_eq!(of(media_type, body), expected, "{media_type} {body:?}");
        }
    }
}
