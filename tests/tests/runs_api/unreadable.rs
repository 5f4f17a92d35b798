//! A run whose log cannot be read is left as it is, and keeps nobody from the others.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use drive::{Deadline, Swept};
use tests::crash::{Process, Watcher, World};
use tests::table::NAME;
use tests::wait::within;

async fn sweep(process: &Process) -> Swept {
    let services = Arc::clone(&process.services);
    let deadline = Deadline::new(Duration::from_mins(15), None);
    let swept = process.spawn(async move { drive::sweep(services, deadline).await.unwrap() });
    within("a sweep", swept).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_beginning_is_looked_at_once_and_then_put_off() {
    let world = World::new(Duration::from_mins(1)).await;
    world.fuse.set("decision 2, asked");
    let process = world.process().await;
    let client = process.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = world.fuse.burnt() => {}
        () = watcher.start(&client, "the start of this run") => panic!("the run ended"),
    }
    let run_id = watcher.run_id.unwrap();
    process.kill().await;
    let beginning = world.table.direct.delete_item().table_name(NAME);
    beginning
        .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
        .key("SK", AttributeValue::S("EV#000000000001".to_owned()))
        .send()
        .await
        .unwrap();
    world.end_lease(&run_id).await;

    let next = world.process().await;
    assert_eq!(sweep(&next).await, Swept { found: 1, taken: 0 });
    assert_eq!(sweep(&next).await, Swept { found: 0, taken: 0 });
}
