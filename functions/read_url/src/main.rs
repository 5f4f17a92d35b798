//! The Lambda function `read_url`.

use read_url::{Config, Reader};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    // An error of this function is shown as it is made, not as it is worded.
    let config = Config::from_env().map_err(|error| error.to_string())?;
    let reader = Reader::new(config)?;
    host::serve_tool(async |request| reader.handle(request).await).await
}
