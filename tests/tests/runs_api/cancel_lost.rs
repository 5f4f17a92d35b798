//! Cancel of a run that nobody drives any more.

use std::time::Duration;

use tests::crash::{Watcher, World};
use tests::fault_proxy::Fate;
use tests::laws::check;

use crate::cancel::cancel;

const KEY: &str = "the start of this run";
const LEASE: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn whose_driver_was_lost_ends_it() {
    for point in ["decision 1, asked", "r1.1, after", "answer, step 3"] {
        let world = World::new(LEASE).await;
        world.fuse.set(point);
        let first = world.process().await;
        let mut watcher = Watcher::default();
        let client = first.client.clone();
        tokio::select! {
            () = world.fuse.burnt() => {}
            () = watcher.start(&client, KEY) => panic!("the run passed {point}"),
        }
        first.kill().await;
        let second = world.process().await;
        let run_id = world.only_run().await;
        watcher.run_id = Some(run_id.clone());
        // Nobody watches: who cancels is the only one who could end it, at the latest when the lease is over.
        loop {
            let (status, body) = cancel(&second.client, &run_id).await;
            if status == 200 {
                assert_eq!(body["status"], "cancelled", "{point}");
                break;
            }
            assert_eq!((status, &body["status"]), (202, &"cancelling".into()));
        }
        watcher.to_the_end(&second.client).await;
        let stored = watcher.stored();
        let count = |event: &str| stored.iter().filter(|it| it.event() == event).count();
        assert_eq!(
            (
                count("cancel_requested"),
                count("resumed"),
                count("complete")
            ),
            (1, 1, 1)
        );
        assert_eq!(count("tool_call"), count("tool_result"), "{point}");
        check(&watcher.frames);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stands_although_the_answer_to_its_append_was_lost() {
    let world = World::new(Duration::from_mins(1)).await;
    world.fuse.set("decision 1, asked");
    let process = world.process().await;
    let client = process.client.clone();
    let mut watcher = Watcher::default();
    tokio::join!(watcher.start(&client, KEY), async {
        world.fuse.burnt().await;
        let mut lost = false;
        world.table.judge(move |asked| {
            if asked.appends("cancel_requested") && !std::mem::replace(&mut lost, true) {
                Fate::LoseResponse
            } else {
                Fate::Pass
            }
        });
        let runs = client.json("/api/runs").await;
        let run_id = runs["runs"][0]["run_id"].as_str().unwrap().to_owned();
        assert_eq!(cancel(&client, &run_id).await.0, 202);
    });
    check(&watcher.frames);
    let wishes = watcher
        .frames
        .iter()
        .filter(|it| it.event() == "cancel_requested");
    assert_eq!(wishes.count(), 1);
}
