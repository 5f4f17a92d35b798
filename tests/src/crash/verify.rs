//! What holds of a run of this world that has ended, whatever was done to its drivers.

use std::collections::BTreeMap;

use super::lines::CALLS;
use super::{Watcher, World, whole_answer};
use crate::client::Client;
use crate::laws;
use crate::stream::Frame;

/// Attempts that a log allows for each call that was made.
pub fn attempts(frames: &[Frame]) -> BTreeMap<String, usize> {
    let mut attempts = BTreeMap::new();
    let mut deciding = None;
    for frame in frames.iter().filter(|frame| frame.is_stored()) {
        let data = &frame.data;
        let call = match frame.event() {
            "round_start" => {
                let call = format!("r{}.orchestrator", data["round"]);
                deciding.insert(call).clone()
            }
            "round_decided" => {
                deciding = None;
                continue;
            }
            // A decision that was broken off with the function's time, before it wrote anything, is asked for anew.
            "suspended" => match &deciding {
                Some(call) => call.clone(),
                None => continue,
            },
            "tool_call" | "retry" => data["call_id"].as_str().unwrap().to_owned(),
            _ => continue,
        };
        *attempts.entry(call).or_default() += 1;
    }
    attempts
}

/// Holds a run that has ended, and everything that was asked on its way, to what the design says of lost drivers.
pub async fn verify(world: &World, client: &Client, watcher: &Watcher) {
    laws::check(&watcher.frames);
    let run_id = watcher.run_id.as_ref().unwrap();
    let mut replayed = Watcher::of(run_id);
    replayed.to_the_end(client).await;
    assert_eq!(replayed.frames, watcher.stored(), "what was seen changed");
    let summary = &watcher.frames.last().unwrap().data["summary"];
    assert_eq!(summary["status"], "completed", "{summary}");
    assert_eq!(summary["final_answer"], whole_answer());
    let snapshot = client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(&snapshot["summary"], summary);
    let epochs: Vec<u64> = world.log(run_id).await.iter().map(|it| it.epoch).collect();
    assert!(
        epochs.is_sorted(),
        "a driver that was passed by has written: {epochs:?}"
    );
    let attempts = attempts(&watcher.frames);
    for (who, times) in world.cast.asked() {
        let call = CALLS.iter().find(|(name, _)| *name == who).unwrap().1;
        let allowed = attempts[call];
        assert!(
            times <= allowed,
            "{who} was asked {times} times in {allowed} attempts"
        );
    }
    for ((tool, key), times) in world.cast.invoked() {
        let (round, index) = key
            .strip_prefix(&format!("{run_id}/"))
            .unwrap()
            .split_once('/')
            .unwrap();
        let allowed = match tool.as_str() {
            "letter" => 1,
            _ => attempts[&format!("r{round}.{index}")],
        };
        assert!(
            times <= allowed,
            "{tool} was called {times} times under {key}, allowed are {allowed}"
        );
    }
}
