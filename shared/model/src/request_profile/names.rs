//! Tools under other names, where a server does not take theirs.

use std::collections::BTreeSet;

use serde_json::Value;

/// Other names of tools, each with the tool's own.
pub(super) type Aliases = [(String, String)];

/// Tools and calls of them under names that are not refused.
pub(super) struct Names<'a> {
    pub(super) refused: &'a BTreeSet<String>,
    pub(super) aliases: &'a Aliases,
}

impl Names<'_> {
    pub(super) fn rename_tool(&self, tool: &mut Value) {
        self.rename(tool.pointer_mut("/function/name"));
    }

    pub(super) fn rename_calls(&self, messages: &mut [Value]) {
        for message in messages {
            let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
            calls
                .into_iter()
                .flatten()
                .for_each(|call| self.rename_tool(call));
        }
    }

    fn rename(&self, name: Option<&mut Value>) {
        let Some(Value::String(name)) = name else {
            return;
        };
        if !self.refused.contains(name) {
            return;
        }
        let mut others = self.aliases.iter().filter(|(_, tool)| tool == name);
        let is_taken = |alias: &str| is_plain(alias) && !self.refused.contains(alias);
        if let Some((alias, _)) = others.find(|(alias, _)| is_taken(alias)) {
            alias.clone_into(name);
        }
    }
}

/// Of signs that every server takes in a name.
fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.chars().all(fits)
}
