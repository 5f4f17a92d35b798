//! A server that lists one tool, and what a run is offered of it.

use catalog::{Catalog, DescribedTool, Listing, RequestedCall};
use run::{Preferences, Role};
use serde_json::{Map, Value, json};

/// A catalogue with a server `files`, asked for these tools.
pub fn catalog(tools: &[&str]) -> Catalog {
    let text = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {"name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192}},
        "mcp_servers": {"files": {"url": "https://files.example.org/mcp", "tools": tools}},
        "tools": [{
            "type": "function",
            "function": {"name": "read_file", "description": "Reads.", "parameters": {"type": "object"}},
            "target": {"mcp": {"server": "files", "tool": "read"}}, "timeout_ms": 1000, "retry": "safe",
        }],
    });
    Catalog::parse(&text.to_string()).unwrap()
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub fn described(name: &str, parameters: Value) -> DescribedTool {
    DescribedTool {
        name: name.to_owned(),
        description: format!("Does {name}."),
        parameters: object(parameters),
        results: None,
    }
}

/// What comes of a server's list.
pub fn list(catalog: &Catalog, tools: Vec<DescribedTool>) -> Listing {
    let listing = catalog.list(&catalog.mcp_servers[0], tools);
    Listing::together([listing])
}

/// The tool `walk` with a schema, in the catalogue of a run; or why it is left out.
pub fn with_schema(schema: Value) -> Result<Catalog, String> {
    let catalog = catalog(&["read", "walk"]);
    let listing = list(&catalog, vec![described("walk", schema)]);
    let left_out = |it: &&catalog::Note| it.is_left_out && it.tool.as_str() == "files_walk";
    match listing.notes.iter().find(left_out) {
        Some(note) => Err(note.says.clone()),
        None => Ok(catalog.with_listed(&listing.tools)),
    }
}

/// The schema that `walk` is offered with.
pub fn offered(schema: Value) -> Value {
    let catalog = with_schema(schema).unwrap();
    let [tool] = &*catalog.tools else {
        panic!("{:?}", catalog.tools);
    };
    tool.function["parameters"].clone()
}

/// What is said of a call of `walk` with these arguments; nothing where they fit.
pub fn refusal(catalog: &Catalog, arguments: &Value) -> Option<String> {
    called(catalog, arguments).err()
}

/// The arguments that `walk` is called with, as they are read; or what is said of them.
pub fn called(catalog: &Catalog, arguments: &Value) -> Result<Value, String> {
    let tools = catalog.tool_set(&Preferences::default(), |_| true);
    let call = tools.check(&RequestedCall {
        tool: "files_walk".to_owned(),
        arguments: arguments.to_string(),
    });
    match call.role {
        Role::Work => Ok(Value::Object(call.arguments)),
        Role::Rejected { message, .. } => Err(message),
        Role::Answer => panic!("no answer"),
    }
}
