//! The tools that a model was told of.

use serde_json::Value;

use super::names::{self, Tolerance};

/// Names of tools, and which of their arguments are text, for dialects that do not tell text from numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    tools: Vec<OfferedTool>,
    /// Another name for a tool, and the tool's.
    aliases: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct OfferedTool {
    name: String,
    text_arguments: Vec<String>,
}

impl Offered {
    /// From tools in OpenAI's form; what has no name is passed over.
    pub fn of_functions(tools: &[Value]) -> Self {
        let tools = tools.iter().filter_map(|tool| {
            let function = tool.get("function")?;
            Some(OfferedTool {
                name: function.get("name")?.as_str()?.to_owned(),
                text_arguments: text_arguments(function),
            })
        });
        Self {
            tools: tools.collect(),
            aliases: Vec::new(),
        }
    }

    /// The same with other names under which models are known to call some of the tools.
    #[must_use]
    pub fn with_aliases(mut self, aliases: impl IntoIterator<Item = (String, String)>) -> Self {
        self.aliases.extend(aliases);
        self
    }

    /// The tool that is meant by the name in a call: the one of that name, else the one that alone fits it.
    pub(crate) fn fitting(&self, name: &str) -> Option<&str> {
        self.matching(name, Tolerance::Loose)
    }

    /// The same for a name in what may be no call.
    pub(super) fn fitting_strictly(&self, name: &str) -> Option<&str> {
        self.matching(name, Tolerance::Strict)
    }

    fn matching(&self, name: &str, tolerance: Tolerance) -> Option<&str> {
        let tools = || self.tools.iter().map(|tool| &*tool.name);
        if let Some(same) = tools().find(|tool| *tool == name) {
            return Some(same);
        }
        let aliases = self.aliases.iter().map(|(alias, tool)| (&**alias, &**tool));
        names::fitting(
            name,
            tolerance,
            tools().map(|tool| (tool, tool)).chain(aliases),
        )
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool.name == name)
    }

    /// Whether an offered name may still come of this beginning.
    pub(crate) fn may_become(&self, beginning: &str) -> bool {
        self.tools
            .iter()
            .any(|tool| tool.name.starts_with(beginning))
    }

    /// Whether an argument is text, whatever it looks like.
    pub(crate) fn is_text(&self, name: &str, argument: &str) -> bool {
        let tool = self.tools.iter().find(|tool| tool.name == name);
        tool.is_some_and(|tool| tool.text_arguments.iter().any(|known| known == argument))
    }
}

fn text_arguments(function: &Value) -> Vec<String> {
    let properties = function.pointer("/parameters/properties");
    let Some(properties) = properties.and_then(Value::as_object) else {
        return Vec::new();
    };
    let texts = properties
        .iter()
        .filter(|(_, schema)| schema.get("type").and_then(Value::as_str) == Some("string"));
    texts.map(|(name, _)| name.clone()).collect()
}
