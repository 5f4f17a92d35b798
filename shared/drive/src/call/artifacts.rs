//! Files of tools: those that a call made are stored before its result is, and later calls of the same tool get them back. A tool
//! that runs programs gets those of the other tools as well.

use run::{ArtifactEntry, CallSpec, FilesOf, Run, RunId};
use store::{Maker, StoreError};
use tool::{File, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS, MAX_NAME_BYTES, is_plain_name, is_unseen};

use super::context::CallContext;
use super::failure::bounded;
use crate::clock::now_ms;

/// Longest media type with its parameters, and without them, in bytes.
const MAX_MEDIA_TYPE_BYTES: usize = 2_000;
const MAX_ESSENCE_BYTES: usize = 127;
const UNKNOWN_BYTES: &str = "application/octet-stream";

/// Stores what a call made, and gives the list of it for the call's result. What cannot be kept is listed with the reason.
pub(crate) async fn keep(
    context: &CallContext,
    run_id: RunId,
    files: Vec<File>,
) -> Vec<ArtifactEntry> {
    let store = &context.services.store;
    let maker = Maker(context.call());
    let mut room = MAX_ARTIFACT_BYTES;
    let mut listed = Vec::new();
    let more = files.len().saturating_sub(MAX_ARTIFACTS);
    for file in files.into_iter().take(MAX_ARTIFACTS) {
        let kept = match check(&file, room) {
            Ok(()) => {
                room -= file.data.len();
                let about = (&*file.name, media_type(&file.media_type));
                let times = (now_ms(), context.expires_at);
                let stored = store.put_artifact(run_id, maker, about, &file.data, times);
                stored.await.map_err(|error| {
                    tracing::error!(%error, "a file could not be stored");
                    "it could not be stored".to_owned()
                })
            }
            Err(reason) => Err(reason),
        };
        let mut entry = ArtifactEntry {
            bytes: file.data.len() as u64,
            name: shown(&file.name),
            media_type: without_parameters(&file.media_type),
            version: None,
            error: None,
        };
        match kept {
            Ok(artifact) => entry.version = Some(artifact.version),
            Err(reason) => entry.error = Some(reason),
        }
        listed.push(entry);
    }
    if more > 0 {
        listed.push(left_out(more));
    }
    listed
}

/// Stands in the list for files that are not even looked at.
fn left_out(more: usize) -> ArtifactEntry {
    ArtifactEntry {
        name: format!("… and {more} more"),
        bytes: 0,
        media_type: UNKNOWN_BYTES.to_owned(),
        version: None,
        error: Some(format!("a call may bring {MAX_ARTIFACTS} files")),
    }
}

fn check(file: &File, room: usize) -> Result<(), String> {
    if !is_plain_name(&file.name) {
        return Err(format!(
            "its name must be of 1 to {MAX_NAME_BYTES} bytes, not begin with a dot, and hold no slashes and no characters that are not seen"
        ));
    }
    if file.data.len() > room {
        return Err(format!(
            "the files of a call may have {MAX_ARTIFACT_BYTES} bytes"
        ));
    }
    Ok(())
}

/// A name as people and models are shown it, also where it was refused.
fn shown(name: &str) -> String {
    let seen = |c: char| {
        if is_unseen(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    bounded(
        name.chars().take(MAX_NAME_BYTES).map(seen).collect(),
        MAX_NAME_BYTES,
    )
}

/// The media type that a file is kept with: as the tool named it, or that of unknown bytes.
fn media_type(named: &str) -> &str {
    if named.len() > MAX_MEDIA_TYPE_BYTES || named.contains(is_unseen) {
        return UNKNOWN_BYTES;
    }
    named
}

/// Parameters of a media type are between a tool and its own later calls; what is no media type says nothing.
fn without_parameters(media_type: &str) -> String {
    let essence = self::media_type(media_type)
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if essence.len() <= MAX_ESSENCE_BYTES && essence.bytes().all(|byte| byte.is_ascii_graphic()) {
        essence.to_owned()
    } else {
        UNKNOWN_BYTES.to_owned()
    }
}

/// What was made in earlier rounds, the newest of each name, as far as it fits into an invocation: the tool's own files first, then, for
/// one that runs programs, those of other tools that take no name of these.
pub(crate) async fn made_before(
    context: &CallContext,
    run: &Run,
    call: &CallSpec,
) -> Result<Vec<File>, StoreError> {
    let before = context.call_id.round();
    let own = run.files(FilesOf::Tool(&call.tool), before);
    let tool = context.catalog.tool(&call.tool);
    let runs_programs = tool.is_some_and(|tool| tool.program.is_some());
    let mut others = Vec::new();
    if runs_programs {
        others = run.files(FilesOf::Others(&call.tool), before);
        others.retain(|(name, _)| !own.iter().any(|(own, _)| own == name));
    }
    if own.is_empty() && others.is_empty() {
        return Ok(Vec::new());
    }
    let (store, run_id) = (&context.services.store, run.start.run_id);
    let mut room = MAX_ARTIFACT_BYTES as u64;
    let mut files = Vec::new();
    let artifacts = store.artifacts(run_id, now_ms()).await?;
    for wanted in [own, others] {
        for artifact in artifacts.iter().rev() {
            let is_wanted = wanted
                .iter()
                .any(|(name, version)| *name == artifact.name && *version == artifact.version);
            if !is_wanted || artifact.bytes > room || files.len() == MAX_ARTIFACTS {
                continue;
            }
            if let Some(data) = store.artifact_bytes(run_id, artifact).await? {
                room -= artifact.bytes;
                files.push(File {
                    name: artifact.name.clone(),
                    media_type: artifact.media_type.clone(),
                    data,
                });
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, media_type: &str, bytes: usize) -> File {
        File {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            data: vec![0; bytes],
        }
    }

    #[test]
    fn a_file_is_kept_by_a_plain_name_and_within_the_bounds() {
        let plain = |name: &str, bytes| file(name, "text/plain", bytes);
        for name in ["figure-1.png", "ä b.csv", "#1", &"x".repeat(200)] {
            assert_eq!(check(&plain(name, 3), 3), Ok(()), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "a\\b",
            "a\nb",
            "a\u{202e}gnp.exe",
            "a\u{9b}31m",
            "a\u{200b}",
            &"x".repeat(201),
        ] {
            assert!(
                check(&plain(name, 3), 3).unwrap_err().contains("name"),
                "{name}"
            );
        }
        assert!(check(&plain("a", 4), 3).unwrap_err().contains("bytes"));
        let entry = left_out(7);
        assert_eq!(entry.name, "… and 7 more");
        assert!(entry.error.unwrap().contains("32 files"));
    }

    #[test]
    fn a_media_type_is_bounded_and_shows_all_that_it_holds() {
        let long = format!("text/plain; a={}", "x".repeat(MAX_MEDIA_TYPE_BYTES));
        let parameters = MAX_MEDIA_TYPE_BYTES - "text/plain;".len();
        let longest = format!("text/plain;{}", "x".repeat(parameters));
        for (named, kept, listed) in [
            (&*longest, &*longest, "text/plain"),
            ("text/csv", "text/csv", "text/csv"),
            ("text/csv ; a=b", "text/csv ; a=b", "text/csv"),
            ("", "", ""),
            (&long, UNKNOWN_BYTES, UNKNOWN_BYTES),
            ("text/\u{202e}nlp", UNKNOWN_BYTES, UNKNOWN_BYTES),
            ("text/\nplain", UNKNOWN_BYTES, UNKNOWN_BYTES),
            ("no type", "no type", UNKNOWN_BYTES),
            ("schön", "schön", UNKNOWN_BYTES),
        ] {
            assert_eq!(media_type(named), kept, "{named}");
            assert_eq!(without_parameters(named), listed, "{named}");
        }
    }

    #[test]
    fn a_refused_name_is_listed_without_what_is_not_seen_and_not_longer_than_others() {
        assert_eq!(shown("a\u{202e}gnp\n.exe"), "a\u{fffd}gnp\u{fffd}.exe");
        assert_eq!(shown("../étude"), "../étude");
        assert!(shown(&"é".repeat(100_000)).len() < 210);
    }
}
