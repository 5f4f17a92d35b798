//! Takes the files that a program leaves in its directory, once all its processes are dead.
//!
//! A file in a folder is handed back with the folder in its name: `plots/a.png` as `plots-a.png` ([`Names`]). Refuses what is no file of
//! its own: links, pipes, a file with a second name elsewhere. Refuses names that [`Name`] refuses, and what is past the
//! caps on number, size and depth. What is refused is named with the reason; what is hidden and Python's caches are passed
//! over.

use std::collections::VecDeque;
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, statat};

use crate::config::Limits;
use crate::files::InputFile;
use crate::names::Names;
use crate::origin::Origin;
use crate::plain_name::Name;
use crate::prepared_process::MAX_FIGURE_PIXELS;
use crate::report::Omitted;
use crate::scratch::{DIRECTORY, names};

/// Directory entries that are looked at; a program may have left more than is worth the time.
const MAX_ENTRIES: usize = 2_000;
/// Folders within folders.
const MAX_DEPTH: usize = 7;
const MAX_OMITTED: usize = 20;
const MAX_SHOWN_CHARS: usize = 100;

/// What a program hands back.
#[derive(Debug, Default)]
pub struct Collected {
    pub files: Vec<tool::File>,
    pub omitted: Vec<Omitted>,
}

/// Reads what lies in `directory` and is not among `given` with the same content.
pub fn collect(directory: &Path, given: &[InputFile], limits: &Limits) -> Collected {
    let is_left = |name: &Name| rustix::fs::lstat(directory.join(name.as_str())).is_ok();
    let mut collector = Collector {
        given,
        limits,
        entries: MAX_ENTRIES,
        bytes: 0,
        names: Names::new(given, is_left),
        omitted_in_all: 0,
        collected: Collected::default(),
    };
    let opened = rustix::fs::open(directory, DIRECTORY, Mode::empty());
    match opened {
        Ok(opened) => collector.walk(opened),
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
    given: &'a [InputFile],
    limits: &'a Limits,
    /// How many more entries are looked at.
    entries: usize,
    bytes: u64,
    names: Names<'a>,
    omitted_in_all: usize,
    collected: Collected,
}

/// A folder below the program's directory, or that itself.
struct Folder {
    opened: OwnedFd,
    /// The names of the folders down to it.
    path: Vec<Name>,
}

impl Folder {
    fn shown(&self, name: &str) -> String {
        let parts = self.path.iter().map(Name::as_str).chain([name]);
        parts.collect::<Vec<_>>().join("/")
    }
}

impl Collector<'_> {
    /// Folders nearer to the top first: they hold what was meant to be found.
    fn walk(&mut self, top: OwnedFd) {
        let mut folders = VecDeque::from([Folder {
            opened: top,
            path: Vec::new(),
        }]);
        while let Some(folder) = folders.pop_front() {
            folders.extend(self.look_into(&folder));
        }
    }

    /// Takes the files of one folder. Gives the folders in it.
    fn look_into(&mut self, folder: &Folder) -> Vec<Folder> {
        let listed = names(&folder.opened)
            .and_then(|names| names.take(self.entries + 1).collect::<Result<Vec<_>, _>>());
        let mut listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                self.omit(
                    &folder.shown("…"),
                    &format!("they cannot be listed: {error}"),
                );
                return Vec::new();
            }
        };
        if listed.len() > self.entries {
            listed.pop();
            self.omit("…", &format!("there are more than {MAX_ENTRIES} files"));
        }
        self.entries -= listed.len();
        listed.sort();
        let mut folders = Vec::new();
        for raw in listed {
            let name = raw.to_string_lossy();
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            let stat = statat(&folder.opened, &raw, AtFlags::SYMLINK_NOFOLLOW);
            match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
                Ok(FileType::RegularFile) => self.take(folder, &raw),
                Ok(FileType::Directory) => folders.extend(self.open(folder, &raw)),
                Ok(_) => self.omit(&folder.shown(&name), "it is no regular file"),
                Err(error) => {
                    self.omit(&folder.shown(&name), &format!("it cannot be read: {error}"));
                }
            }
        }
        folders
    }

    fn open(&mut self, above: &Folder, raw: &CStr) -> Option<Folder> {
        let shown = above.shown(&raw.to_string_lossy());
        let Some(name) = raw.to_str().ok().and_then(Name::parse) else {
            self.omit(&shown, "its name cannot be part of that of an artifact");
            return None;
        };
        if above.path.len() >= MAX_DEPTH {
            self.omit(&shown, &format!("it lies below {MAX_DEPTH} other folders"));
            return None;
        }
        match openat(&above.opened, raw, DIRECTORY, Mode::empty()) {
            Ok(opened) => {
                let mut path = above.path.clone();
                path.push(name);
                Some(Folder { opened, path })
            }
            Err(error) => {
                self.omit(&shown, &format!("it cannot be read: {error}"));
                None
            }
        }
    }

    fn take(&mut self, folder: &Folder, raw: &CStr) {
        let shown = folder.shown(&raw.to_string_lossy());
        let plain = raw.to_str().ok().and_then(Name::parse);
        let Some(origin) = plain.and_then(|name| Origin::new(&folder.path, name)) else {
            return self.omit(&shown, "its name cannot be that of an artifact");
        };
        let max_bytes = self.limits.artifact_bytes;
        let data = match read(&folder.opened, raw, max_bytes) {
            Ok(Ok(data)) => data,
            Ok(Err(reason)) => return self.omit(&shown, &reason),
            Err(error) => return self.omit(&shown, &format!("it cannot be read: {error}")),
        };
        let Some(name) = self.names.of(&origin) else {
            return self.omit(&shown, "too many files have its name");
        };
        let is_as_given = |file: &InputFile| file.name == name && file.data == data;
        if self.given.iter().any(is_as_given) {
            // At the top nobody has touched it: the file that it stands for may still be written anew, in its folder.
            if !origin.is_at_top() {
                self.names.take(name);
            }
            return;
        }
        if let Some(reason) = self.refusal(&data) {
            return self.omit(&shown, &reason);
        }
        self.bytes += data.len() as u64;
        self.collected.files.push(tool::File {
            name: name.as_str().to_owned(),
            media_type: origin.media_type(),
            data,
        });
        self.names.take(name);
    }

    /// Why a file is not handed back that could be.
    fn refusal(&self, data: &[u8]) -> Option<String> {
        let (bytes, max_bytes) = (data.len() as u64, self.limits.artifact_bytes);
        if let Some(pixels) = pixels(data).filter(|pixels| *pixels > MAX_FIGURE_PIXELS) {
            return Some(format!(
                "{pixels} pixels; a picture may have {MAX_FIGURE_PIXELS}"
            ));
        }
        if self.collected.files.len() as u64 >= self.limits.artifacts {
            let max = self.limits.artifacts;
            return Some(format!("at most {max} files are handed back"));
        }
        (self.bytes + bytes > max_bytes)
            .then(|| format!("{bytes} bytes; all files together may have {max_bytes}"))
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
fn read(directory: &OwnedFd, name: &CStr, max_bytes: u64) -> io::Result<Result<Vec<u8>, String>> {
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
