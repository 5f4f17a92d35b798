//! The Lambda function `search`.

use search::{Config, Search};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let search = Search::new(&Config::from_env()?)?;
    host::serve_tool(async |request| search.handle(request).await).await
}
