//! The Lambda function `code_interpreter`.

use code_interpreter::{Config, Interpreter};

#[tokio::main]
async fn main() -> Result<(), host::Error> {
    host::logs::init();
    let interpreter = Interpreter::new(Config::from_env());
    host::serve_tool(async |request| interpreter.handle(request).await).await
}
