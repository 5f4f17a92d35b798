//! Files of tools: those that a call made are stored before its result is, and later calls of the same tool get them back.

use run::{ARTIFACTS, ArtifactEntry, Run, RunId, ToolCall};
use serde_json::{Map, Value, json};
use store::{Maker, Store, StoreError};
use tool::File;

use super::CallContext;
use crate::clock::now_ms;

/// Files of one call, and their bytes together: an invocation carries 6 MB, and base64 makes four bytes of three.
const MAX_FILES: usize = 32;
const MAX_BYTES: usize = 4_000_000;
const MAX_NAME_BYTES: usize = 200;

/// Stores what a call made and lists it in the call's result. What cannot be kept is listed with the reason.
pub(crate) async fn keep(context: &CallContext, run_id: RunId, files: Vec<File>) -> Vec<Value> {
    let store = &context.services.store;
    let maker = Maker(context.call());
    let mut room = MAX_BYTES;
    let mut listed = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        let kept = match check(&file, index, room) {
            Ok(()) => {
                room -= file.data.len();
                let about = (&*file.name, &*file.media_type);
                let stored = store.put_artifact(run_id, maker, about, &file.data, now_ms());
                stored.await.map_err(|error| {
                    tracing::error!(%error, "a file could not be stored");
                    "it could not be stored".to_owned()
                })
            }
            Err(reason) => Err(reason),
        };
        let mut entry = ArtifactEntry {
            bytes: file.data.len() as u64,
            name: file.name,
            media_type: without_parameters(&file.media_type),
            version: None,
            error: None,
        };
        match kept {
            Ok(artifact) => entry.version = Some(artifact.version),
            Err(reason) => entry.error = Some(reason),
        }
        listed.push(json!(entry));
    }
    listed
}

/// Puts the list into the result in place of the tool's own.
pub(crate) fn list(result: &mut Map<String, Value>, listed: Vec<Value>) {
    if !listed.is_empty() {
        result.insert(ARTIFACTS.to_owned(), Value::Array(listed));
    }
}

fn check(file: &File, index: usize, room: usize) -> Result<(), String> {
    let name = &file.name;
    let is_plain = !matches!(&**name, "" | "." | "..")
        && name.len() <= MAX_NAME_BYTES
        && !name.contains(|c: char| matches!(c, '/' | '\\') || c.is_control());
    if !is_plain {
        return Err(format!(
            "its name must be of 1 to {MAX_NAME_BYTES} bytes, without slashes and control characters"
        ));
    }
    if index >= MAX_FILES {
        return Err(format!("a call may bring {MAX_FILES} files"));
    }
    if file.data.len() > room {
        return Err(format!("the files of a call may have {MAX_BYTES} bytes"));
    }
    Ok(())
}

/// Parameters of a media type are between a tool and its own later calls.
fn without_parameters(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim_end().to_owned()
}

/// What the tool has made in earlier rounds, the newest of each name, as far as it fits into an invocation.
pub(crate) async fn made_before(
    store: &Store,
    run: &Run,
    call: &ToolCall,
) -> Result<Vec<File>, StoreError> {
    let wanted = run.files_of(&call.tool, call.call_id.round());
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let run_id = run.start.run_id;
    let mut room = MAX_BYTES as u64;
    let mut files = Vec::new();
    for artifact in store.artifacts(run_id, now_ms()).await?.into_iter().rev() {
        let is_wanted = wanted
            .iter()
            .any(|(name, version)| *name == artifact.name && *version == artifact.version);
        if !is_wanted || artifact.bytes > room || files.len() == MAX_FILES {
            continue;
        }
        if let Some(data) = store.artifact_bytes(run_id, &artifact).await? {
            room -= artifact.bytes;
            files.push(File {
                name: artifact.name,
                media_type: artifact.media_type,
                data,
            });
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_by_a_plain_name_and_within_the_bounds() {
        let file = |name: &str, bytes| File {
            name: name.to_owned(),
            media_type: "text/plain".to_owned(),
            data: vec![0; bytes],
        };
        for name in ["figure-1.png", "ä b.csv", ".hidden", "#1", &"x".repeat(200)] {
            assert_eq!(check(&file(name, 3), 0, 3), Ok(()), "{name}");
        }
        for name in ["", ".", "..", "a/b", "a\\b", "a\nb", &"x".repeat(201)] {
            assert!(
                check(&file(name, 3), 0, 3).unwrap_err().contains("name"),
                "{name}"
            );
        }
        assert!(check(&file("a", 4), 0, 3).unwrap_err().contains("bytes"));
        assert!(
            check(&file("a", 3), MAX_FILES, 3)
                .unwrap_err()
                .contains("32 files")
        );
    }
}
