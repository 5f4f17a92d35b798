//! Where in its directory a program wrote a file: `plots/a.png`. It travels with the file in a parameter of the media type,
//! `image/png; path="plots/a.png"`, which is stored and handed to later programs as it is.
//!
//! Refuses a path whose parts are no plain names, or that is too long for the name that stands for it, `plots-a.png`.

use crate::plain_name::Name;

const PARAMETER: &str = "; path=\"";

/// The folders down to a file, and its own name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    folders: Vec<Name>,
    name: Name,
    /// Both in one.
    joined: Name,
}

impl Origin {
    pub fn new(folders: &[Name], name: Name) -> Option<Self> {
        let joined = name.clone().within(folders)?;
        Some(Self {
            folders: folders.to_vec(),
            name,
            joined,
        })
    }

    /// Of a file that was handed back: the directory itself where its media type tells no folder.
    pub fn of(name: &Name, media_type: &str) -> Self {
        read(media_type).unwrap_or_else(|| Self {
            folders: Vec::new(),
            name: name.clone(),
            joined: name.clone(),
        })
    }

    /// Whether it lies in no folder.
    pub fn is_at_top(&self) -> bool {
        self.folders.is_empty()
    }

    /// What it is called among the files that are handed back, where no other one is.
    pub fn joined(&self) -> &Name {
        &self.joined
    }

    pub fn media_type(&self) -> String {
        let media_type = self.name.media_type();
        if self.is_at_top() {
            return media_type.to_owned();
        }
        let parts = self.folders.iter().chain([&self.name]).map(Name::as_str);
        let path = parts.collect::<Vec<_>>().join("/");
        // A name holds no backslash.
        format!("{media_type}{PARAMETER}{}\"", path.replace('"', "\\\""))
    }
}

fn read(media_type: &str) -> Option<Origin> {
    let (_, quoted) = media_type.split_once(PARAMETER)?;
    let path = quoted.strip_suffix('"')?.replace("\\\"", "\"");
    let mut parts = path
        .split('/')
        .map(Name::parse)
        .collect::<Option<Vec<_>>>()?;
    let name = parts.pop()?;
    Origin::new(&parts, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name() -> impl Strategy<Value = Name> {
        r#"[ab;="' /é.-]{1,6}"#.prop_filter_map("no plain name", |name| Name::parse(&name))
    }

    proptest! {
        #[test]
        fn it_is_told_by_the_media_type(folders in proptest::collection::vec(name(), 0..4), name in name()) {
            let origin = Origin::new(&folders, name.clone()).unwrap();
            prop_assert_eq!(&Origin::of(origin.joined(), &origin.media_type()), &origin);
            let media_type = origin.media_type();
            prop_assert_eq!(media_type.split(';').next(), Some(name.media_type()));
        }
    }

    #[test]
    fn a_file_lies_in_the_directory_itself_unless_its_media_type_tells_a_folder() {
        let of = |media_type: &str| Origin::of(&Name::parse("plots-a.png").unwrap(), media_type);
        let told = of("image/png; path=\"plots/a.png\"");
        assert_eq!(
            (told.is_at_top(), told.joined().as_str()),
            (false, "plots-a.png")
        );
        for media_type in [
            "",
            "image/png",
            "image/png; charset=utf-8",
            "image/png; path=\"../a.png\"",
            "image/png; path=\"/a.png\"",
            "image/png; path=\"\"",
            "image/png; path=\"plots/a.png",
        ] {
            let of = of(media_type);
            assert!(
                of.is_at_top() && of.joined().as_str() == "plots-a.png",
                "{media_type}"
            );
        }
    }
}
