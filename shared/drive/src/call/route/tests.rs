//! Who may be asked for a call.

use run::{Attempt, Event, Run, Spent};
use serde_json::json;

use super::*;

fn ids<const N: usize>(names: [&str; N]) -> Vec<ModelId> {
    names.map(ModelId::new).to_vec()
}

/// The attempts at the first decision of a run, of which each next one names whom it asked and who had been given up.
fn attempts(retries: &[(&str, Option<&str>)]) -> Attempts {
    let start = json!({
        "event": "start", "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "created_at_ms": 0, "owner": "local",
        "request": {"query": "q", "max_rounds": 5, "temperature": 0.7, "max_tokens": 512},
        "plan": {"time_limit_ms": 1000},
    });
    let mut log: Vec<Event> = vec![
        serde_json::from_value(start).unwrap(),
        Event::RoundStart {
            round: 1,
            reserved: None,
        },
    ];
    for (attempt, (model, ended)) in (2..).zip(retries) {
        log.push(Event::Retry {
            call_id: run::CallId::Orchestrator { round: 1 },
            attempt,
            reason: String::new(),
            model: Some(ModelId::new(*model)),
            reserved: None,
            // Who was only left alone has taken nothing.
            ended: Attempt {
                model: ended.map(ModelId::new),
                spent: Spent {
                    duration_ms: u64::from(ended.is_some()),
                    ..Spent::default()
                },
                invalid_answer: None,
            },
        });
    }
    let run = Run::fold(&log).unwrap();
    run.current().unwrap().attempts.clone()
}

#[test]
fn whom_the_log_names_comes_first_and_who_has_failed_there_is_left_out() {
    type Retries = &'static [(&'static str, Option<&'static str>)];
    let cases: [(Retries, Vec<ModelId>); 7] = [
        (&[], ids(["qwen", "phi", "llama"])),
        // It began anew, of itself or with another driver.
        (&[("qwen", Some("qwen"))], ids(["qwen", "phi", "llama"])),
        (&[("qwen", None)], ids(["qwen", "phi", "llama"])),
        (&[("phi", Some("qwen"))], ids(["phi", "llama"])),
        // The first one was left alone, and may be asked later.
        (&[("phi", None)], ids(["phi", "qwen", "llama"])),
        (
            &[("phi", Some("qwen")), ("llama", Some("phi"))],
            ids(["llama"]),
        ),
        // One that is a candidate no more.
        (&[("gone", Some("qwen"))], ids(["qwen", "phi", "llama"])),
    ];
    for (log, expected) in cases {
        let found = candidates(&ModelId::new("qwen"), ids(["phi", "llama"]), &attempts(log));
        assert_eq!(found, expected, "{log:?}");
    }
}
