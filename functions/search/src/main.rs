//! The Lambda function `search`.

use search::{Config, Search};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let aws = async || host::aws::config();
    let secrets = host::aws::read_secrets(&Config::secret_variables(), aws).await?;
    let search = Search::new(&Config::from_env(&secrets)?)?;
    host::serve_tool(async |request| search.handle(request).await).await
}
