//! Servers that list their tools, as this process reaches them, and what they have listed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalog::{Catalog, Listing, Note};
use mcp::Server;
use run::{ListedTool, ToolName};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Servers that did not answer, or did not list all that is asked for, are asked again after this long, when a run begins.
const ASK_AGAIN_AFTER: Duration = Duration::from_mins(1);
/// The same of the others: their tools may have changed.
const LIST_AGAIN_AFTER: Duration = Duration::from_mins(10);
/// How long a server may take for its list in the background.
const LIST_LIMIT: Duration = Duration::from_secs(30);

/// The servers of a catalogue, in its order.
#[derive(Debug, Default)]
pub(crate) struct McpServers {
    servers: Vec<Known>,
}

/// A server, or why it cannot be asked.
#[derive(Debug)]
struct Known {
    key: String,
    server: Result<Arc<Server>, String>,
    list: Arc<Mutex<List>>,
}

/// What a server has listed.
#[derive(Debug, Default)]
struct List {
    /// When it was last asked.
    asked: Option<Instant>,
    listing: Listing,
    /// Why there is no list, in one sentence.
    problem: Option<String>,
}

impl List {
    fn is_due(&self) -> bool {
        // A list may be a part of what it is a minute later, too.
        let is_whole =
            self.problem.is_none() && !self.listing.notes.iter().any(|it| it.is_left_out);
        let after = if is_whole {
            LIST_AGAIN_AFTER
        } else {
            ASK_AGAIN_AFTER
        };
        self.asked.is_none_or(|asked| asked.elapsed() >= after)
    }
}

impl McpServers {
    pub(super) fn add(&mut self, key: &str, server: Result<Arc<Server>, String>) {
        let list = List {
            problem: server.as_ref().err().cloned(),
            ..List::default()
        };
        self.servers.push(Known {
            key: key.to_owned(),
            server,
            list: Arc::new(Mutex::new(list)),
        });
    }

    /// A server, or why it cannot be asked.
    pub(crate) fn server(&self, key: &str) -> Result<&Arc<Server>, String> {
        let known = self.servers.iter().find(|known| known.key == key);
        match known.map(|known| &known.server) {
            Some(Ok(server)) => Ok(server),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(format!(
                "The server `{key}` was taken out of the catalogue."
            )),
        }
    }

    /// Asks all servers for their tools, side by side, and waits for them no longer than this. Who is late is waited for in the background.
    pub(crate) async fn list_all(&self, catalog: &Arc<Catalog>, limit: Duration) {
        let mut asked = JoinSet::new();
        for at in 0..self.servers.len() {
            if let Some(asking) = self.ask(catalog, at) {
                asked.spawn(asking);
            }
        }
        let all = async { while asked.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            asked.detach_all();
        }
    }

    /// What servers have listed. Those that are to be asked again are asked in the background, for the runs after this one.
    pub(crate) fn listed(&self, catalog: &Arc<Catalog>) -> Vec<ListedTool> {
        for (at, known) in self.servers.iter().enumerate() {
            if lock(&known.list).is_due()
                && let Some(asking) = self.ask(catalog, at)
            {
                tokio::spawn(asking);
            }
        }
        self.together().tools
    }

    /// What servers have listed, without asking any of them again.
    pub(crate) fn known(&self) -> Vec<ListedTool> {
        self.together().tools
    }

    /// The lists of all servers, as a run that begins now keeps them.
    fn together(&self) -> Listing {
        let lists = self
            .servers
            .iter()
            .map(|known| lock(&known.list).listing.clone());
        Listing::together(lists)
    }

    /// What a tool is described as, where a server has listed it.
    pub(crate) fn description(&self, tool: &ToolName) -> Option<String> {
        let listed = self
            .together()
            .tools
            .into_iter()
            .find(|it| it.name == *tool)?;
        Some(listed.told?.description)
    }

    /// Why a tool of a server is not offered, in one sentence.
    pub(crate) fn problem(&self, server: &str, tool: &ToolName) -> Option<String> {
        let known = self.servers.iter().find(|known| known.key == server)?;
        if let Some(problem) = &lock(&known.list).problem {
            return Some(format!("Its server `{server}` cannot be used: {problem}"));
        }
        let is_of = |note: &&Note| note.is_left_out && note.tool == *tool;
        let notes = self.together().notes;
        notes.iter().find(is_of).map(|note| note.says.clone())
    }

    /// Asks a server, unless it cannot be.
    fn ask(
        &self,
        catalog: &Arc<Catalog>,
        at: usize,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let known = self.servers.get(at)?;
        let server = Arc::clone(known.server.as_ref().ok()?);
        let (key, list) = (known.key.clone(), Arc::clone(&known.list));
        let catalog = Arc::clone(catalog);
        lock(&list).asked = Some(Instant::now());
        Some(async move { keep(&catalog, &key, &server, &list).await })
    }
}

/// Asks a server for its tools and keeps what it says. What has changed since is logged.
async fn keep(catalog: &Catalog, key: &str, server: &Arc<Server>, list: &Mutex<List>) {
    let Some(about) = catalog.mcp_servers.iter().find(|server| server.key == key) else {
        return;
    };
    let wanted: Vec<_> = catalog
        .tools_of(about)
        .map(|(tool, _)| tool.to_owned())
        .collect();
    let wanted: Vec<_> = wanted.iter().map(String::as_str).collect();
    let listed = server.list(&wanted, LIST_LIMIT).await;
    let (listing, problem, code) = match listed {
        Ok(described) => (catalog.list(about, described), None, ""),
        Err(problem) => (
            Listing::default(),
            Some(format!("{problem}.")),
            problem.code(),
        ),
    };
    let mut list = lock(list);
    if problem != list.problem {
        match &problem {
            // What the server says of it stands in `/api/config`, not in the log.
            Some(_) => tracing::warn!(server = key, code, "the tools of a server are left out"),
            None => tracing::info!(server = key, "a server lists its tools again"),
        }
    }
    for note in listing
        .notes
        .iter()
        .filter(|note| !list.listing.notes.contains(note))
    {
        let Note { tool, says, .. } = note;
        tracing::warn!(server = key, %tool, note = says, "a tool of a server is not as it was listed");
    }
    list.listing = listing;
    list.problem = problem;
}

fn lock(list: &Mutex<List>) -> MutexGuard<'_, List> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
