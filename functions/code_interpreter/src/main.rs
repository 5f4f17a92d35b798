//! The Lambda function `code_interpreter`.

use std::time::Duration;

use code_interpreter::{Config, Interpreter};
use tokio::time::timeout;

/// Lambda gives a function ten seconds to begin.
const MAX_INIT_TIME: Duration = Duration::from_secs(8);

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let config = Config::from_env()?;
    let single_use = config.single_use;
    let interpreter = Interpreter::new(config);
    match timeout(MAX_INIT_TIME, interpreter.warm_up()).await {
        Ok(Ok(packages)) => tracing::info!(?packages, "ready"),
        Ok(Err(error)) => tracing::error!(%error, "no program can run"),
        Err(_) => tracing::warn!("Python is slow to start; the first call waits for it"),
    }
    let handler = async |request| interpreter.handle(request).await;
    if single_use {
        return host::serve_tool_once(handler).await;
    }
    host::serve_tool(handler).await
}
