//! Compresses the page's files for `src/http/page.rs`, all as one, as they have much in common, and lists them there by name and length.
//! The same files give the same bytes on every machine. Comments are left out.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

include!("page_comments.rs");

const PAGE: &str = "../../static";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={PAGE}");
    println!("cargo::rerun-if-changed=page_comments.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut files = Vec::new();
    find(Path::new(PAGE), &mut files)?;
    // A folder's order is the machine's. Files of a kind stand together: they are the most alike.
    files.sort_by(|one, other| (one.extension(), one).cmp(&(other.extension(), other)));
    let (mut listed, mut all) = (String::from("&[\n"), Vec::new());
    for path in &files {
        let data = fs::read(path)?;
        let is_source = path.extension().is_some_and(|it| it == "js" || it == "css");
        let data = match str::from_utf8(&data) {
            Ok(source) if is_source => without_comments(source).into_bytes(),
            Ok(_) | Err(_) => data,
        };
        let name = path.strip_prefix(PAGE).map_err(io::Error::other)?;
        let (name, length) = (name.to_string_lossy(), data.len());
        writeln!(listed, "({name:?}, {length}),").map_err(io::Error::other)?;
        all.extend(data);
    }
    listed.push(']');
    fs::write(out.join("page.rs"), listed)?;
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&all)?;
    fs::write(out.join("page.deflate"), packed.finish()?)
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
