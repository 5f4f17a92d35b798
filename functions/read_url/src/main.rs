//! The Lambda function `read_url`.

use read_url::{Config, Reader};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let reader = Reader::new(Config::from_env()?)?;
    host::serve_tool(async |request| reader.handle(request).await).await
}
