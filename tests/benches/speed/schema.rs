//! What a decision by schema adds to a round, over one by the server's own tool calls.
//!
//! A round is measured from one model request's arrival at the server to the next one's. The server answers at once either way, so that
//! all of the time is the service's own: its prompt and its schema written, and the decision read as it streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use drive::{Driver, NewDriver, Services, StartOutcome};
use serde_json::json;

use crate::parts;
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{Stand, TOOL, deadline, start_of};

const ROUNDS: u32 = 10;
const WARM_UPS: usize = 5;
const PAIRS: usize = 60;
/// What a decision by schema may add, in milliseconds.
const MOST_ADDED_MS: f64 = 1.0;

pub async fn schema() {
    let stand = Stand::start(parts::model_server(deciding()).await).await;
    let by_schema = stand.asking_by_schema();
    let (mut native, mut schema, mut added) = <(Samples, Samples, Samples)>::default();
    for pair in 0..WARM_UPS + PAIRS {
        // They take turns in going first.
        let (of_native, of_schema) = if pair % 2 == 0 {
            let of_native = round(&stand, &stand.services).await;
            (of_native, round(&stand, &by_schema).await)
        } else {
            let of_schema = round(&stand, &by_schema).await;
            (round(&stand, &stand.services).await, of_schema)
        };
        if pair >= WARM_UPS {
            native.add(of_native);
            schema.add(of_schema);
            added.add(of_schema - of_native);
        }
    }
    let rows = [
        native.row("a round by tool calls", 3),
        schema.row("a round by schema", 3),
        added.row("added in each pair", 3),
    ];
    let title = format!("A decision by schema: ms a round, {PAIRS} pairs of {ROUNDS} rounds");
    report::table(&title, &SPREAD, &rows);
    let added = added.median();
    report::goal(
        &format!("a decision by schema adds at most {MOST_ADDED_MS} ms"),
        added <= MOST_ADDED_MS,
        &format!("median {added:.3} ms"),
    );
}

/// Drives a run that calls a tool in each round but the last: the time of one round, in milliseconds.
async fn round(stand: &Stand, services: &Arc<Services>) -> f64 {
    stand.models.record.take();
    let begun = Driver::start(
        Arc::clone(services),
        start_of(ROUNDS + 1),
        NewDriver {
            key: None,
            accounts: &[],
            hands_over: false,
        },
    )
    .await;
    let StartOutcome::New(driver) = begun.unwrap() else {
        panic!("a run without a key is new");
    };
    tokio::spawn(driver.drive(None, deadline())).await.unwrap();
    let posts = stand.models.record.take();
    let last = posts.len() - 1;
    assert_eq!(last, ROUNDS as usize, "one request a round");
    ms(posts[last].at - posts[0].at) / f64::from(ROUNDS)
}

/// A model that calls the tool in the first rounds of each run and then answers, in the way that it is asked.
fn deciding() -> impl Fn(&[u8]) -> Body {
    let call = parts::calling(TOOL, &json!({}), usize::MAX);
    let answer = parts::calling(TOOL, &json!({}), 0);
    let asked = AtomicUsize::new(0);
    move |body: &[u8]| {
        let is_last =
            asked.fetch_add(1, Ordering::Relaxed) % (ROUNDS as usize + 1) == ROUNDS as usize;
        let is_by_schema =
            std::str::from_utf8(body).is_ok_and(|it| it.contains(r#""response_format""#));
        match (is_by_schema, is_last) {
            (false, false) => call(body),
            (false, true) => answer(body),
            (true, _) => {
                let decision = if is_last {
                    json!({"reason": "It is known.", "call": {"name": "answer_in_text", "text": "Done."}})
                } else {
                    json!({"reason": "It has to be looked up.", "call": {"name": TOOL, "arguments": {}}})
                };
                let decision = json!({"content": decision.to_string()});
                Body::from(parts::frame(&decision) + &parts::end("stop"))
            }
        }
    }
}
