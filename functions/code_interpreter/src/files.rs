//! The files that a program is handed.
//!
//! Refuses names that are no plain names, two files of one name, and more bytes than a program may write.

use tool::{Failure, MAX_NAME_BYTES};

use crate::origin::Origin;
use crate::plain_name::Name;

/// A file that a program is handed: one that an earlier program wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Where it lies, in the directory itself.
    pub name: Name,
    /// Where it was written.
    pub origin: Origin,
    pub data: Vec<u8>,
}

/// The files that a program is handed, by their names, or which of them cannot be one.
pub fn named(files: Vec<tool::File>, max_bytes: u64) -> Result<Vec<InputFile>, Failure> {
    let refused = |message: String| Failure::new("invalid_arguments", message, false);
    let bytes: usize = files.iter().map(|file| file.data.len()).sum();
    if bytes as u64 > max_bytes {
        return Err(refused(format!(
            "the files have {bytes} bytes; all together may have {max_bytes}"
        )));
    }
    let mut named = Vec::with_capacity(files.len());
    for file in files {
        let Some(name) = Name::parse(&file.name) else {
            return Err(refused(format!(
                "{:?} cannot be the name of a file: it must have 1 to {MAX_NAME_BYTES} bytes, without slashes and control \
                 characters, and not begin with a dot",
                file.name
            )));
        };
        named.push(InputFile {
            origin: Origin::of(&name, &file.media_type),
            name,
            data: file.data,
        });
    }
    named.sort_by(|one: &InputFile, other| one.name.cmp(&other.name));
    match named.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => Err(refused(format!("two files have the name {}", pair[0].name))),
        None => Ok(named),
    }
}
