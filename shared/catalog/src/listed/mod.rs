//! Tools that servers list: what is kept of what a server says of them, and the catalogue of a run that began with them.
//!
//! A server is a stranger: it names no tool that nobody asked for, says no more than there is room for, and decides nothing about
//! how its tools are called.

mod closed_schema;
mod keywords;
mod name;
mod reduced_schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use run::{ListedTool, MAX_LISTED_BYTES, ToldOfTool, ToolName};
use serde_json::{Map, Value};

use crate::config::{Catalog, Retry, Target, Tool};
use crate::mcp::{McpServer, McpTarget};
use crate::prices::ToolPrices;
use crate::schema::Schema;

pub(crate) use name::offered_name;

/// Longest description of a tool, in characters: the least that model servers take.
const MAX_DESCRIPTION_CHARS: usize = 1024;
/// Stands behind a description that was cut.
const CUT: &str = " [… cut]";
/// How long a call may take, and the cap of a result, where no entry of the catalogue says it.
const TIMEOUT_MS: u64 = 300_000;
const MAX_RESULT_BYTES: usize = 64 * 1024;

/// A tool as a server describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedTool {
    pub name: String,
    pub description: String,
    /// The JSON Schema of its arguments.
    pub parameters: Map<String, Value>,
    /// The JSON Schema of its structured results.
    pub results: Option<Map<String, Value>>,
}

/// What comes of the list of a server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// In the order of the catalogue, whatever the server's.
    pub tools: Vec<ListedTool>,
    /// What is to be told of tools: first what they are offered as, then one sentence.
    pub notes: Vec<Note>,
}

/// Something to be told of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is offered as.
    pub tool: ToolName,
    /// One sentence.
    pub says: String,
    /// It is not offered.
    pub is_left_out: bool,
}

impl Catalog {
    /// The tools that a server is asked for, in the order of the catalogue: what it calls them, and what they are offered as.
    pub fn tools_of(&self, server: &McpServer) -> impl Iterator<Item = (&str, ToolName)> {
        let key = server.key.clone();
        let entries = self
            .tools
            .iter()
            .filter_map(move |tool| match &tool.target {
                Target::Mcp(target) if target.server == key => {
                    Some((target.tool.as_str(), tool.name.clone()))
                }
                Target::Mcp(_)
                | Target::Models(_)
                | Target::Lambda(_)
                | Target::Http(_)
                | Target::Chain(_)
                | Target::Discuss(_) => None,
            });
        let offered = self
            .mcp_servers
            .iter()
            .filter(|known| known.key == server.key);
        let offered = offered.flat_map(|known| &known.offered);
        entries.chain(offered.map(|it| (it.tool.as_str(), ToolName::new(it.name.clone()))))
    }

    /// Keeps of a server's list what the catalogue asks for and can be used.
    pub fn list(&self, server: &McpServer, described: Vec<DescribedTool>) -> Listing {
        let mut by_name: BTreeMap<String, DescribedTool> = BTreeMap::new();
        let mut listing = Listing::default();
        for tool in described {
            // Of two of one name the first counts, as it does for the server.
            by_name.entry(tool.name.clone()).or_insert(tool);
        }
        for (wanted, name) in self.tools_of(server) {
            let has_entry = self.tool(&name).is_some();
            let kept = match by_name.get(wanted) {
                Some(described) => keep(described, server, &name, has_entry),
                None => Err(format!(
                    "The server `{}` does not list `{wanted}`.",
                    server.key
                )),
            };
            match kept {
                Ok((tool, note)) => {
                    listing.tools.push(tool);
                    let told = note.map(|says| (says, false));
                    listing.notes.extend(told.map(|told| Note::of(&name, told)));
                }
                Err(why) => listing.notes.push(Note::of(&name, (why, true))),
            }
        }
        listing
    }

    /// The catalogue of a run that began with these tools: of those that servers list, these alone.
    #[must_use]
    pub fn with_listed(&self, listed: &[ListedTool]) -> Self {
        let with_entry = |tool: &Tool| {
            let found = listed
                .iter()
                .find(|it| it.told.is_none() && it.name == tool.name)?;
            let mut tool = tool.clone();
            tool.results = found.results.as_ref().and_then(schema);
            Some(tool)
        };
        let tools = self.tools.iter().filter_map(|tool| match &tool.target {
            Target::Mcp(_) => with_entry(tool),
            Target::Models(_)
            | Target::Lambda(_)
            | Target::Http(_)
            | Target::Discuss(_)
            | Target::Chain(_) => Some(tool.clone()),
        });
        let mut tools: Vec<Tool> = tools.collect();
        for tool in listed.iter().filter_map(tool) {
            let is_taken = |other: &Tool| {
                other.name == tool.name || other.aliases.iter().any(|it| it == tool.name.as_str())
            };
            if !tools.iter().any(is_taken) {
                tools.push(tool);
            }
        }
        Self {
            tools,
            ..self.clone()
        }
    }
}

impl Listing {
    /// The lists of all servers, as much as a run can keep. What has no room is left out, and told.
    pub fn together(listings: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        let mut room = MAX_LISTED_BYTES;
        for listing in listings {
            whole.notes.extend(listing.notes);
            for tool in listing.tools {
                let bytes = serde_json::to_vec(&tool).map_or(usize::MAX, |json| json.len());
                if let Some(left) = room.checked_sub(bytes) {
                    room = left;
                    whole.tools.push(tool);
                } else {
                    let says = format!(
                        "There is no room for it: all listed tools may have {MAX_LISTED_BYTES} bytes."
                    );
                    whole.notes.push(Note::of(&tool.name, (says, true)));
                }
            }
        }
        whole
    }
}

impl Note {
    fn of(tool: &ToolName, (says, is_left_out): (String, bool)) -> Self {
        Self {
            tool: tool.clone(),
            says,
            is_left_out,
        }
    }
}

/// A tool as a run keeps it, and what is to be told of it; fails with why it cannot be used.
fn keep(
    described: &DescribedTool,
    server: &McpServer,
    name: &ToolName,
    has_entry: bool,
) -> Result<(ListedTool, Option<String>), String> {
    let mut note = None;
    let told = if has_entry {
        None
    } else {
        usable(&described.parameters).map_err(|why| format!("It cannot be called: {why}."))?;
        let (description, is_cut) = shortened(&described.description);
        if is_cut {
            let chars = described.description.chars().count();
            note = Some(format!(
                "Its description has {chars} characters; {MAX_DESCRIPTION_CHARS} are kept."
            ));
        }
        Some(ToldOfTool {
            description,
            parameters: described.parameters.clone(),
        })
    };
    let results = described.results.as_ref();
    let tool = ListedTool {
        name: name.clone(),
        server: server.key.clone(),
        tool: described.name.clone(),
        told,
        // Results that cannot be checked are taken as they are.
        results: results.filter(|results| usable(results).is_ok()).cloned(),
    };
    Ok((tool, note))
}

/// Whether a schema can be checked with, and takes objects.
fn usable(schema: &Map<String, Value>) -> Result<(), String> {
    let takes_objects = match schema.get("type") {
        None => true,
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        Some(_) => false,
    };
    if !takes_objects {
        return Err("its schema is not that of an object".to_owned());
    }
    let closed = closed_schema::close(schema)?;
    Schema::new(closed)
        .compile()
        .map(drop)
        .map_err(|_| "its schema is no JSON Schema".to_owned())
}

fn schema(written: &Map<String, Value>) -> Option<Arc<Schema>> {
    let closed = closed_schema::close(written).ok()?;
    Some(Arc::new(Schema::new(closed)))
}

/// A tool that its server describes.
fn tool(listed: &ListedTool) -> Option<Tool> {
    let ToldOfTool {
        description,
        parameters,
    } = listed.told.as_ref()?;
    let closed = closed_schema::close(parameters).ok()?;
    let function = Map::from_iter([
        ("name".to_owned(), Value::from(listed.name.as_str())),
        ("description".to_owned(), Value::from(description.as_str())),
        ("parameters".to_owned(), reduced_schema::reduce(&closed)),
    ]);
    Some(Tool {
        name: listed.name.clone(),
        aliases: Vec::new(),
        function,
        target: Target::Mcp(McpTarget {
            server: listed.server.clone(),
            tool: listed.tool.clone(),
        }),
        is_described_by_server: true,
        is_offered: true,
        ends_run: false,
        program: None,
        sources: None,
        timeout_ms: TIMEOUT_MS,
        // A server that says that its tools may be called twice is not believed.
        retry: Retry::Never,
        prices: ToolPrices::default(),
        max_result_bytes: MAX_RESULT_BYTES,
        arguments: Arc::new(Schema::new(closed)),
        results: listed.results.as_ref().and_then(schema),
    })
}

/// A description within its bound, and whether it was cut.
fn shortened(description: &str) -> (String, bool) {
    if description.chars().count() <= MAX_DESCRIPTION_CHARS {
        return (description.to_owned(), false);
    }
    let kept = description
        .chars()
        .take(MAX_DESCRIPTION_CHARS - CUT.chars().count());
    (kept.chain(CUT.chars()).collect(), true)
}

/// A schema of arguments as it is offered; `None` for one that is too large to be read.
pub(crate) fn reduced_arguments(parameters: &Map<String, Value>) -> Option<Value> {
    let closed = closed_schema::close(parameters).ok()?;
    Some(reduced_schema::reduce(&closed))
}
