//! Compresses the page's files for `src/http/page.rs`, and lists them there by name. The same files give the same bytes on every
//! machine.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

const PAGE: &str = "../../static";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={PAGE}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut files = Vec::new();
    find(Path::new(PAGE), &mut files)?;
    // A folder's order is the machine's.
    files.sort();
    let mut listed = String::from("&[\n");
    for (place, path) in files.iter().enumerate() {
        let packed = out.join(format!("{place}.deflate"));
        let mut encoder = DeflateEncoder::new(File::create(&packed)?, Compression::best());
        io::copy(&mut File::open(path)?, &mut encoder)?;
        encoder.finish()?;
        let name = path.strip_prefix(PAGE).map_err(io::Error::other)?;
        let (name, packed) = (name.to_string_lossy(), packed.to_string_lossy());
        writeln!(listed, "({name:?}, include_bytes!({packed:?})),").map_err(io::Error::other)?;
    }
    listed.push(']');
    fs::write(out.join("page.rs"), listed)
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
