//! `add.py` puts an entry into a catalogue.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::examples;

/// Runs it in a folder; gives what it printed, or what it complained of.
fn add(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut python = Command::new("python3");
    python
        .arg(examples().join("add.py"))
        .args(arguments)
        .current_dir(folder);
    let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn names(catalogue: &Value) -> Vec<&str> {
    let tools = catalogue["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect()
}

#[test]
fn an_entry_joins_the_shipped_catalogue_once_and_takes_the_place_of_its_elder() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = read(&examples().join("../tools_config.json"));
    let entry = examples().join("sales_query/sales_query.json");
    let entry = entry.to_str().unwrap();
    let said = add(folder.path(), &[entry]).unwrap();
    let path = folder.path().join("tools_config.json");
    let catalogue = read(&path);
    let mut expected = names(&shipped);
    expected.push("sales_query");
    let now = format!(
        "tools_config.json now has {} tools and 0 MCP servers",
        expected.len()
    );
    assert!(said.starts_with(&now), "{said}");
    assert_eq!(names(&catalogue), expected);
    assert_eq!(catalogue["models"], shipped["models"]);

    let text = fs::read_to_string(&path).unwrap();
    add(folder.path(), &[entry]).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        text,
        "a second time changes nothing"
    );

    let mut newer = read(Path::new(entry));
    newer["timeout_ms"] = json!(5000);
    fs::write(folder.path().join("newer.json"), newer.to_string()).unwrap();
    add(folder.path(), &["newer.json"]).unwrap();
    assert_eq!(names(&read(&path)), expected);
    assert_eq!(
        read(&path)["tools"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone(),
        newer
    );
}

#[test]
fn servers_and_tools_of_one_file_go_into_the_catalogue_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let entry = json!({"mcp_servers": {"time": {"url": "http://127.0.0.1:1/mcp", "tools": ["é"]}},
                       "tools": [{"function": {"name": "a"}}, {"function": {"name": "b"}}]});
    fs::write(folder.path().join("entry.json"), entry.to_string()).unwrap();
    fs::write(
        folder.path().join("mine.json"),
        r#"{"tools": [{"function": {"name": "b"}, "old": true}]}"#,
    )
    .unwrap();
    add(folder.path(), &["entry.json", "mine.json"]).unwrap();
    let expected = json!({"tools": [{"function": {"name": "b"}}, {"function": {"name": "a"}}], "mcp_servers": entry["mcp_servers"]});
    assert_eq!(read(&folder.path().join("mine.json")), expected);
    assert!(!folder.path().join("tools_config.json").exists());
}

#[test]
fn a_file_that_is_no_json_leaves_the_catalogue_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "{", "[]", "\"x\""] {
        fs::write(folder.path().join("entry.json"), text).unwrap();
        assert!(add(folder.path(), &["entry.json"]).is_err(), "{text}");
    }
    assert!(add(folder.path(), &["missing.json"]).is_err());
    assert!(add(folder.path(), &[]).is_err());
    assert!(!folder.path().join("tools_config.json").exists());
}
