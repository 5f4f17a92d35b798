//! The tool functions in this process: the handlers that the Lambdas run.

use std::sync::Arc;

use anyhow::Context as _;
use code_interpreter::Interpreter;
use futures_util::FutureExt as _;
use read_url::Reader;
use rehearsal::Python;
use run::{CallId, RunId, ToolName};
use search::Search;
use serde_json::{Map, Value, json};
use tool::{Request, Response};

use crate::invoke::Functions;

/// Seconds that a program of the rehearsal model may take.
const REHEARSAL_SECONDS: u64 = 10;

/// The tools, each made once.
#[derive(Clone)]
pub struct Tools {
    search: Arc<Search>,
    reader: Arc<Reader>,
    interpreter: Arc<Interpreter>,
}

impl Tools {
    /// # Errors
    /// No client of the search, or of pages, can be built.
    pub fn new(
        search: search::Config,
        pages: read_url::Config,
        python: code_interpreter::Config,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            search: Arc::new(Search::new(&search).context("build the client of the search")?),
            reader: Arc::new(Reader::new(pages).context("build the client of pages")?),
            interpreter: Arc::new(Interpreter::new(python)),
        })
    }

    /// Version of the Python that runs code; an error says what to do where there is none.
    pub(crate) async fn python_version(&self) -> anyhow::Result<String> {
        Ok(self.interpreter.version().await?)
    }

    /// How programs are isolated, or why none is run.
    pub(crate) async fn isolation(&self) -> String {
        match self.interpreter.isolation().await {
            Ok(level) => format!("{level} isolation of programs"),
            Err(reason) => format!("code_interpreter is off: {reason}"),
        }
    }

    /// Whether programs are run here; an error says why not, and what to do.
    pub(crate) async fn runs_programs(&self) -> Result<(), String> {
        if let Err(error) = self.interpreter.version().await {
            return Err(format!("{:#}", anyhow::Error::from(error)));
        }
        match self.interpreter.isolation().await {
            Ok(_) => Ok(()),
            Err(reason) => Err(format!("programs are refused: {reason}")),
        }
    }

    /// The functions by which they are invoked.
    pub fn functions(&self) -> Functions {
        let (search, reader) = (Arc::clone(&self.search), Arc::clone(&self.reader));
        let interpreter = Arc::clone(&self.interpreter);
        Functions::default()
            .with_tool("search", move |request| {
                let search = Arc::clone(&search);
                async move { search.handle(request).await }
            })
            .with_tool("read_url", move |request| {
                let reader = Arc::clone(&reader);
                async move { reader.handle(request).await }
            })
            .with_tool("code_interpreter", move |request| {
                let interpreter = Arc::clone(&interpreter);
                async move { interpreter.handle(request).await }
            })
    }

    /// Runs a program of the rehearsal model in the sandbox; gives what it printed, or what went wrong.
    pub(crate) fn python(&self) -> Python {
        let interpreter = Arc::clone(&self.interpreter);
        Arc::new(move |code| {
            let interpreter = Arc::clone(&interpreter);
            async move { printed(interpreter.handle(code_request(code)).await) }.boxed()
        })
    }
}

fn code_request(code: String) -> Request {
    let (run_id, round) = (RunId::from_parts(0, 0), 1);
    Request {
        call_id: CallId::Tool { round, index: 1 },
        idempotency_key: "rehearsal".to_owned(),
        tool: ToolName::new("code_interpreter"),
        arguments: Map::from_iter([("code".to_owned(), Value::from(code))]),
        deadline_ms: orchestrator::now_ms() + REHEARSAL_SECONDS * 1000,
        run_id,
        round,
        files: Vec::new(),
    }
}

fn printed(response: Response) -> Result<String, String> {
    match response {
        Response::Ok { result, .. } => {
            let text = |name: &str| {
                let text = result.get(name).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            if result.get("success") == Some(&json!(true)) {
                Ok(text("stdout"))
            } else {
                Err(text("stderr"))
            }
        }
        Response::Failed(failure) => Err(failure.message),
    }
}
