//! The names of files that go into a program's directory and come out of it.
//!
//! Refuses a name that could mean another place, or that some reader of it could misread.

use std::fmt;

use tool::is_plain_name;

/// Files that differ by no more than a number that is put behind their name.
const MAX_ALIKE: u32 = 100;

/// A plain name, no path: `data.csv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    pub fn parse(name: &str) -> Option<Self> {
        is_plain_name(name).then(|| Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a file that lies in folders: `plots` and `a.png` give `plots-a.png`.
    pub fn within(self, folders: &[Self]) -> Option<Self> {
        let parts: Vec<_> = folders.iter().chain([&self]).map(Self::as_str).collect();
        Self::parse(&parts.join("-"))
    }

    /// The name itself, or one with a number before its ending, that is not taken.
    pub fn free_among(self, is_taken: impl Fn(&Self) -> bool) -> Option<Self> {
        if !is_taken(&self) {
            return Some(self);
        }
        let (stem, ending) = match self.0.rsplit_once('.') {
            Some((stem, ending)) => (stem, format!(".{ending}")),
            None => (&*self.0, String::new()),
        };
        (2..=MAX_ALIKE)
            .filter_map(|number| Self::parse(&format!("{stem}-{number}{ending}")))
            .find(|name| !is_taken(name))
    }

    /// What its ending says; bytes where that says nothing.
    pub fn media_type(&self) -> &'static str {
        let ending = self.0.rsplit_once('.').map_or("", |(_, ending)| ending);
        let of = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(ending);
        MEDIA_TYPES
            .iter()
            .find(of)
            .map_or("application/octet-stream", |(_, media_type)| media_type)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const MEDIA_TYPES: [(&str, &str); 22] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("svg", "image/svg+xml"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("html", "text/html"),
    ("xml", "application/xml"),
    ("json", "application/json"),
    ("py", "text/x-python"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("parquet", "application/vnd.apache.parquet"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use tool::MAX_NAME_BYTES;

    #[test]
    fn a_name_means_one_place_below_the_directory_or_is_refused() {
        for name in ["a", "data.csv", "a b", "-rf *", "étude 𝄞.txt", "a..b"] {
            assert_eq!(Name::parse(name).as_ref().map(Name::as_str), Some(name));
        }
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for name in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "../../x",
            "a/b",
            "a/../b",
            "a//b",
            "a/",
            ".",
            "..",
            ".bashrc",
            "a/.b",
            "a\0b",
            "a\nb",
            "a\\b",
            "\u{202e}gnp.exe",
            "\u{2067}gnp.exe",
            "\u{61c}gnp.exe",
            &long,
        ] {
            assert_eq!(Name::parse(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_folder_stands_in_the_name_and_no_two_files_have_one() {
        let within = |folders: &[&str], name: &str| {
            let folders: Vec<_> = folders
                .iter()
                .map(|&folder| Name::parse(folder).unwrap())
                .collect();
            Name::parse(name)
                .unwrap()
                .within(&folders)
                .map(|name| name.0)
        };
        assert_eq!(within(&[], "a.png").unwrap(), "a.png");
        assert_eq!(within(&["plots"], "a.png").unwrap(), "plots-a.png");
        assert_eq!(within(&["a b", "ä"], "c").unwrap(), "a b-ä-c");
        assert_eq!(within(&[&"x".repeat(150)], &"y".repeat(60)), None);

        let mut taken = Vec::new();
        for expected in ["a-b.png", "a-b-2.png", "a-b-3.png"] {
            let name = Name::parse("a-b.png").unwrap();
            let name = name.free_among(|name| taken.contains(name)).unwrap();
            assert_eq!(name.as_str(), expected);
            taken.push(name);
        }
        let bare = Name::parse("bare").unwrap();
        let free = bare.clone().free_among(|name| *name == bare).unwrap();
        assert_eq!(free.as_str(), "bare-2");
    }

    #[test]
    fn the_ending_gives_the_media_type() {
        let media_type = |name| Name::parse(name).unwrap().media_type();
        assert_eq!(media_type("figure-1.png"), "image/png");
        assert_eq!(media_type("A.CSV"), "text/csv");
        assert_eq!(media_type("png"), "application/octet-stream");
        assert_eq!(media_type("a.tar.gz"), "application/gzip");
    }
}
