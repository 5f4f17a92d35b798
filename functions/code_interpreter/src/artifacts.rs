//! Takes the files that a program leaves in its directory, once all its processes are dead.
//!
//! Refuses what is no file of its own: links, pipes, folders, a file with a second name elsewhere. Refuses names that
//! [`Name`] refuses, and files past the caps on number and size. What is refused is named with the reason; hidden files and
//! Python's caches are passed over.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, statat};

use crate::config::Limits;
use crate::files::Name;
use crate::report::Omitted;
use crate::scratch::{DIRECTORY, names};
use crate::stage::MAX_FIGURE_PIXELS;

/// Directory entries that are looked at; a program may have left more than is worth the time.
const MAX_ENTRIES: usize = 2_000;
const MAX_OMITTED: usize = 20;
const MAX_SHOWN_CHARS: usize = 100;

/// What a program hands back.
#[derive(Debug, Default)]
pub struct Collected {
    pub files: Vec<tool::File>,
    pub omitted: Vec<Omitted>,
}

/// Reads what lies in `directory` and is not among `given` with the same content.
pub fn collect(directory: &Path, given: &[(Name, Vec<u8>)], limits: &Limits) -> Collected {
    let mut collector = Collector {
        given,
        limits,
        bytes: 0,
        omitted_in_all: 0,
        collected: Collected::default(),
    };
    let opened = rustix::fs::open(directory, DIRECTORY, Mode::empty());
    match opened {
        Ok(opened) => collector.walk(&opened),
        Err(error) => collector.omit(".", &format!("it cannot be read: {error}")),
    }
    let Collector {
        omitted_in_all,
        mut collected,
        ..
    } = collector;
    if omitted_in_all > collected.omitted.len() {
        let more = omitted_in_all - collected.omitted.len();
        let note = Omitted::new("…", format!("and {more} more"));
        collected.omitted.push(note);
    }
    collected
}

struct Collector<'a> {
    given: &'a [(Name, Vec<u8>)],
    limits: &'a Limits,
    bytes: u64,
    omitted_in_all: usize,
    collected: Collected,
}

impl Collector<'_> {
    fn walk(&mut self, directory: &OwnedFd) {
        let listed = names(directory)
            .and_then(|names| names.take(MAX_ENTRIES + 1).collect::<Result<Vec<_>, _>>());
        let mut listed = match listed {
            Ok(listed) => listed,
            Err(error) => return self.omit("…", &format!("they cannot be listed: {error}")),
        };
        listed.sort();
        if listed.len() > MAX_ENTRIES {
            listed.pop();
            self.omit("…", &format!("there are more than {MAX_ENTRIES} files"));
        }
        for raw in listed {
            let shown = raw.to_string_lossy();
            if shown.starts_with('.') || shown == "__pycache__" {
                continue;
            }
            let stat = statat(directory, &raw, AtFlags::SYMLINK_NOFOLLOW);
            match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
                Ok(FileType::RegularFile) => match raw.to_str().ok().and_then(Name::parse) {
                    Some(name) => self.take(directory, &raw, &name),
                    None => self.omit(&shown, "its name cannot be that of an artifact"),
                },
                Ok(FileType::Directory) => {
                    self.omit(&shown, "files in folders are not handed back");
                }
                Ok(_) => self.omit(&shown, "it is no regular file"),
                Err(error) => self.omit(&shown, &format!("it cannot be read: {error}")),
            }
        }
    }

    fn take(&mut self, directory: &OwnedFd, raw: &std::ffi::CStr, name: &Name) {
        let max_bytes = self.limits.artifact_bytes;
        let data = match read(directory, raw, max_bytes) {
            Ok(Ok(data)) => data,
            Ok(Err(reason)) => return self.omit(name.as_str(), &reason),
            Err(error) => return self.omit(name.as_str(), &format!("it cannot be read: {error}")),
        };
        let is_as_given = |(given, before): &(Name, Vec<u8>)| given == name && *before == data;
        if self.given.iter().any(is_as_given) {
            return;
        }
        if let Some(pixels) = pixels(&data).filter(|pixels| *pixels > MAX_FIGURE_PIXELS) {
            let reason = format!("{pixels} pixels; a picture may have {MAX_FIGURE_PIXELS}");
            return self.omit(name.as_str(), &reason);
        }
        if self.collected.files.len() as u64 >= self.limits.artifacts {
            let reason = format!("at most {} files are handed back", self.limits.artifacts);
            return self.omit(name.as_str(), &reason);
        }
        if self.bytes + data.len() as u64 > max_bytes {
            let reason = format!(
                "{} bytes; all files together may have {max_bytes}",
                data.len()
            );
            return self.omit(name.as_str(), &reason);
        }
        self.bytes += data.len() as u64;
        self.collected.files.push(tool::File {
            name: name.as_str().to_owned(),
            media_type: name.media_type().to_owned(),
            data,
        });
    }

    fn omit(&mut self, name: &str, reason: &str) {
        self.omitted_in_all += 1;
        if self.collected.omitted.len() < MAX_OMITTED {
            let shown: String = name.chars().take(MAX_SHOWN_CHARS).collect();
            self.collected.omitted.push(Omitted::new(shown, reason));
        }
    }
}

/// How many pixels a picture unfolds to, which its bytes do not tell: of those kinds that the page shows. `None` for all else.
fn pixels(data: &[u8]) -> Option<u64> {
    let size = imagesize::blob_size(data).ok()?;
    let (width, height) = (
        u64::try_from(size.width).ok()?,
        u64::try_from(size.height).ok()?,
    );
    Some(width.saturating_mul(height))
}

/// The file's bytes, or why it is left.
fn read(
    directory: &OwnedFd,
    name: &std::ffi::CStr,
    max_bytes: u64,
) -> io::Result<Result<Vec<u8>, String>> {
    // Should it have become a pipe, opening it does not wait.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(directory, name, flags, Mode::empty())?;
    let stat = fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Ok(Err("it is no regular file".to_owned()));
    }
    if stat.st_nlink > 1 {
        return Ok(Err("it has a second name".to_owned()));
    }
    let bytes = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if bytes > max_bytes {
        return Ok(Err(format!(
            "{bytes} bytes; all files together may have {max_bytes}"
        )));
    }
    let mut data = Vec::new();
    File::from(file).take(max_bytes).read_to_end(&mut data)?;
    Ok(Ok(data))
}
