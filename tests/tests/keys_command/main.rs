//! `serverless-llm keys …`, `pause` and `resume`: the real binary changes the table beside a stack, without one, and elsewhere.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod at_once;
mod beside_a_stack;
mod elsewhere;
mod network;
mod paused;
mod refusals;

use serde_json::Value;
use tests::command_line::{CommandLine, Ended};

/// Makes a key, which must be all that is printed.
async fn create(commands: &CommandLine, arguments: &[&str]) -> String {
    let arguments = [&["keys", "create"], arguments].concat();
    let Ended { code, out, err } = commands.run(&arguments).await;
    assert_eq!(code, Some(0), "{err}");
    let key = out.strip_suffix('\n').unwrap();
    let random = key.strip_prefix("slm_").unwrap();
    assert!(random.len() == 43 && random.bytes().all(|it| it.is_ascii_alphanumeric()));
    assert!(
        !err.contains(random) && err.contains("not shown again"),
        "{err}"
    );
    key.to_owned()
}

/// The keys as JSON.
async fn listed(commands: &CommandLine) -> Vec<Value> {
    let listed = commands.prints(&["keys", "list", "--json"]).await;
    serde_json::from_str(&listed).unwrap()
}
