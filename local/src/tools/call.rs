//! `tools call`: one call of a tool, as a run would make it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use catalog::{RequestedCall, Target};
use drive::{Trial, now_ms, try_call};
use run::{ArtifactEntry, CallError, Outcome, RunId, ToolName};
use serde_json::{Map, Value, json};

use super::opened::Opened;
use crate::options::CallOptions;
use crate::output::print_json;

pub(super) async fn call(opened: &Opened, options: CallOptions) -> anyhow::Result<()> {
    let CallOptions {
        name,
        arguments,
        question,
        files,
    } = options;
    let services = &opened.services;
    let run_id = RunId::from_parts(now_ms(), rand::random());
    let trial = match services.catalog.tool(&ToolName::new(&*name)) {
        Some(tool) if let Some(problem) = services.tool_problem(tool) => {
            failed("tool_not_configured", problem)
        }
        Some(tool) if let Target::Discuss(_) = tool.target => failed(
            "several_calls",
            format!(
                "`{name}` is made of several calls, which only a run makes: ask a question with `\"preferences\": {{\"mode\": \"discussion\"}}`"
            ),
        ),
        Some(tool) if let Target::Chain(chain) = &tool.target => failed(
            "several_calls",
            format!(
                "`{name}` is made of several calls, which only a run makes: ask a question that needs it, or call `{}`, which gets what its model writes",
                chain.then
            ),
        ),
        None if let Some(problem) = problem_of_listed(opened, &name) => {
            failed("tool_not_configured", problem)
        }
        Some(_) | None => {
            let asked = RequestedCall {
                tool: name,
                arguments,
            };
            try_call(services, run_id, &question, &asked).await
        }
    };
    if let (Some(folder), Outcome::Object(result)) = (&files, &trial.outcome) {
        save(opened, run_id, result.artifacts(), folder).await?;
    }
    print_json(&response(&trial))?;
    match trial.outcome.error() {
        None => Ok(()),
        Some(CallError { code, .. }) => bail!("the call failed: {code}"),
    }
}

/// Why a tool that its server describes is not offered.
fn problem_of_listed(opened: &Opened, name: &str) -> Option<String> {
    let mut described = opened.services.described_tools().into_iter();
    described.find_map(|(known, _, problem)| problem.filter(|_| known.as_str() == name))
}

fn failed(code: &str, message: String) -> Trial {
    Trial {
        outcome: Outcome::Failed {
            code: code.to_owned(),
            message,
            retryable: false,
        },
        text: String::new(),
        spent: run::Spent::default(),
    }
}

/// A response in the words of the contract of tools; files are listed, without their bytes.
fn response(trial: &Trial) -> Value {
    if let Some(error) = trial.outcome.error() {
        return json!({"ok": false, "error": error});
    }
    let (result, artifacts) = match &trial.outcome {
        Outcome::Text {
            model_name,
            finish_reason,
        } => {
            let text = &trial.text;
            let result =
                json!({"content": text, "model_name": model_name, "finish_reason": finish_reason});
            (result, Vec::new())
        }
        Outcome::Object(object) => {
            let listed = object.artifacts().iter().map(listed).collect();
            (Value::Object(object.fields().clone()), listed)
        }
        Outcome::Composed { .. }
        | Outcome::Failed { .. }
        | Outcome::Rejected { .. }
        | Outcome::NotRun { .. }
        | Outcome::OverBudget { .. }
        | Outcome::Cancelled { .. } => (Value::Null, Vec::new()),
    };
    let mut response = Map::from_iter([
        ("ok".to_owned(), true.into()),
        ("result".to_owned(), result),
    ]);
    if !artifacts.is_empty() {
        response.insert("artifacts".to_owned(), artifacts.into());
    }
    response.into()
}

fn listed(file: &ArtifactEntry) -> Value {
    let ArtifactEntry {
        name,
        media_type,
        bytes,
        error,
        version: _,
    } = file;
    let mut listed = json!({"name": name, "media_type": media_type, "bytes": bytes});
    if let Some(error) = error {
        listed["error"] = json!(error);
    }
    listed
}

/// Writes the files of a result into a folder; one that has such a file keeps its own.
async fn save(
    opened: &Opened,
    run_id: RunId,
    listed: &[ArtifactEntry],
    folder: &Path,
) -> anyhow::Result<()> {
    let store = &opened.services.store;
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("make the folder {shown}"))?;
    for artifact in store.artifacts(run_id, now_ms()).await? {
        let is_listed = listed.iter().any(|entry| {
            entry.name == artifact.name && entry.version.as_ref() == Some(&artifact.version)
        });
        let bytes = store.artifact_bytes(run_id, &artifact).await?;
        let Some(bytes) = bytes.filter(|_| is_listed) else {
            continue;
        };
        let path = folder.join(&artifact.name);
        let written = File::create_new(&path).and_then(|mut file| file.write_all(&bytes));
        written.with_context(|| format!("write the file {}", path.display()))?;
    }
    Ok(())
}
