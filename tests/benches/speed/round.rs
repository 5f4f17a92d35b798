//! What one round adds to the time of its model and of its tool.
//!
//! A round is measured from one model request's arrival at the server to the next one's. The baseline does what a round
//! cannot do without, one after the other: the model request, a put, the tool's invocation, a put.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use aws_sdk_lambda::primitives::Blob;
use bytes::Bytes;
use drive::{Driver, NewDriver, StartOutcome};
use serde_json::{Value, json};

use crate::parts::{self, Seen};
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{KEY, Stand, TABLE, TOOL, deadline, start_of};

const ROUNDS: usize = 10;
const WARM_UPS: usize = 5;
const PAIRS: usize = 60;
/// What a round may cost against the baseline.
const MOST: f64 = 1.5;
/// What a round may add where two bare puts take 1 ms, in milliseconds.
const MOST_ADDED_MS: f64 = 2.0;

pub async fn round() {
    let models = parts::model_server(parts::calling(TOOL, &json!({}), ROUNDS)).await;
    let stand = Stand::start(models).await;
    let mut seen = Measured::default();
    for pair in 0..WARM_UPS + PAIRS {
        let work = product(&stand, ROUNDS).await;
        let bare = baseline(&stand, &work).await;
        if pair >= WARM_UPS {
            seen.add(work.round, &bare);
        }
    }
    seen.print();
}

/// What a run did, so that the baseline can do the same.
pub struct Work {
    /// Time of one round.
    pub round: Duration,
    /// Requests for the decisions of the rounds.
    pub posts: Vec<Seen>,
    pub puts: Vec<Value>,
    invocations: Vec<Bytes>,
}

/// Drives a run that calls a tool in so many rounds and then answers.
pub async fn product(stand: &Stand, rounds: usize) -> Work {
    for spot in [&stand.models, &stand.table, &stand.tools] {
        spot.record.take();
    }
    let count = u32::try_from(rounds).unwrap();
    let start = start_of(count + 1);
    let begun = Driver::start(
        Arc::clone(&stand.services),
        start,
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
    let driving = tokio::spawn(driver.drive(None, deadline()));
    driving.await.unwrap();
    let mut posts = stand.models.record.take();
    assert_eq!(posts.len(), rounds + 1);
    let took = posts[rounds].at - posts[0].at;
    posts.truncate(rounds);
    let mut writes = stand.table.record.take();
    writes.retain(|seen| seen.operation == "PutItem");
    let mut puts: Vec<_> = writes.iter().map(|put| put.json()["Item"].take()).collect();
    assert_eq!(
        puts.len(),
        2 * rounds + 1,
        "two puts a round and one for the answer"
    );
    puts.truncate(2 * rounds);
    let invocations = stand.tools.record.take();
    Work {
        round: took / count,
        posts,
        puts,
        invocations: invocations.into_iter().map(|seen| seen.body).collect(),
    }
}

/// Times of one round's parts.
#[derive(Default)]
struct Bare {
    post: Duration,
    invoke: Duration,
    puts: Duration,
}

impl Bare {
    fn total(&self) -> Duration {
        self.post + self.invoke + self.puts
    }
}

async fn baseline(stand: &Stand, work: &Work) -> Bare {
    let partition = format!("BARE#{}", parts::fresh());
    let mut items = work.puts.iter().map(|put| {
        let item = parts::item(put, &partition);
        stand
            .dynamodb
            .put_item()
            .table_name(TABLE)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(SK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    });
    let mut puts = || (items.next().unwrap(), items.next().unwrap());
    let mut spent = Bare::default();
    for (post, invocation) in work.posts.iter().zip(&work.invocations) {
        let (first, second) = puts();
        let began = Instant::now();
        bare_post(stand, &post.body).await;
        let posted = Instant::now();
        first.send().await.unwrap();
        let stored = Instant::now();
        let payload = Blob::new(invocation.as_ref());
        let call = stand.lambda.invoke().function_name(TOOL).payload(payload);
        call.send().await.unwrap();
        let invoked = Instant::now();
        second.send().await.unwrap();
        spent.post += posted - began;
        spent.puts += (stored - posted) + invoked.elapsed();
        spent.invoke += invoked - stored;
    }
    let rounds = u32::try_from(work.posts.len()).unwrap();
    Bare {
        post: spent.post / rounds,
        invoke: spent.invoke / rounds,
        puts: spent.puts / rounds,
    }
}

/// The request that the product sent, read to the end.
pub async fn bare_post(stand: &Stand, body: &Bytes) {
    let url = format!("{}/v1/chat/completions", stand.models.address);
    let post = stand.http.post(url).bearer_auth(KEY);
    let post = post.header("content-type", "application/json");
    let response = post.body(body.clone()).send().await.unwrap();
    response.bytes().await.unwrap();
}

#[derive(Default)]
struct Measured {
    round: Samples,
    bare: Samples,
    post: Samples,
    invoke: Samples,
    puts: Samples,
    ratio: Samples,
    added: Samples,
}

impl Measured {
    fn add(&mut self, round: Duration, bare: &Bare) {
        self.round.add(ms(round));
        self.bare.add(ms(bare.total()));
        self.post.add(ms(bare.post));
        self.invoke.add(ms(bare.invoke));
        self.puts.add(ms(bare.puts));
        self.ratio.add(ms(round) / ms(bare.total()));
        self.added.add(ms(round) - ms(bare.post) - ms(bare.invoke));
    }

    fn print(&self) {
        let rows = [
            self.round.row("a round of the product", 3),
            self.bare.row("the same bare: POST, put, Invoke, put", 3),
            self.post.row("– of it the model POST", 3),
            self.invoke.row("– of it the Invoke", 3),
            self.puts.row("– of it the two puts", 3),
            self.added.row("added to POST and Invoke", 3),
            self.ratio.row("ratio of each pair", 2),
        ];
        let title = format!("Round: ms, {PAIRS} pairs of {ROUNDS} rounds");
        report::table(&title, &SPREAD, &rows);
        let ratio = self.ratio.median();
        let found = format!("median ratio {ratio:.2}");
        report::goal(
            &format!("a round costs at most {MOST} × the bare work"),
            ratio <= MOST,
            &found,
        );
        let scaled = self.added.median() / self.puts.median();
        let found = format!(
            "{:.2} ms here, where two puts take {:.2} ms, which scales to {scaled:.2} ms",
            self.added.median(),
            self.puts.median()
        );
        let what = format!("at most {MOST_ADDED_MS} ms added where two bare puts take 1 ms");
        report::goal(&what, scaled <= MOST_ADDED_MS, &found);
    }
}
