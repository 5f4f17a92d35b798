//! Guessed keys and ids: what is answered tells nothing, and how long that takes is looked at.

use std::fmt;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::super::random;
use super::world::{KEY, World};
use crate::client::send;

/// The median of each kind of guess, in its group.
#[derive(Debug)]
pub struct Guesses(Vec<(&'static str, Vec<(&'static str, Duration)>)>);

/// What is told of a guess: all of it but the time of day.
type Told = (u16, Vec<(String, String)>, String);

pub(super) async fn tried(world: &World, times: usize) -> Guesses {
    let mut deleted = Vec::new();
    for _ in 0..3 {
        let told = world
            .client
            .ask(&json!({"query": super::world::HONEST}))
            .await;
        let path = format!("/api/runs/{}", told.run_id);
        let gone = send(world.client.request(Method::DELETE, &path)).await;
        assert_eq!(gone.status(), 204);
        deleted.push(told.run_id);
    }
    let mut random = random(7, 7);
    let mut letters = |count: usize| -> String {
        (0..count)
            .map(|_| char::from(random.random_range(b'A'..=b'H')))
            .collect()
    };
    let (same, ulid) = (letters(KEY.len()), format!("01{}", letters(24)));
    let keys = [
        ("no key", None),
        ("an empty one", Some(String::new())),
        ("a short one", Some("x".to_owned())),
        ("one of its length", Some(same)),
        (
            "one that begins as it does",
            Some(format!("{}x", &KEY[..KEY.len() - 1])),
        ),
        ("one that is longer", Some(format!("{KEY}{KEY}"))),
        ("one of 8,000 letters", Some("x".repeat(8000))),
    ];
    let ids = [
        ("an id that nobody has", ulid),
        ("one of a run that was deleted", deleted[0].clone()),
        ("the same in small letters", deleted[1].to_lowercase()),
        ("one that is no id", "none".to_owned()),
        ("one with a letter too many", format!("{}0", deleted[2])),
    ];
    let with_key = |key: &Option<String>| {
        let request = world.process.client.request(Method::GET, "/api/runs");
        match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    };
    let with_id = |id: &String| {
        world
            .client
            .request(Method::GET, &format!("/api/runs/{id}"))
    };
    let events = |id: &String| {
        world
            .client
            .request(Method::GET, &format!("/api/runs/{id}/events"))
    };
    Guesses(vec![
        ("keys", alike(times, 401, &keys, with_key).await),
        ("ids of snapshots", alike(times, 404, &ids, with_id).await),
        ("ids of events", alike(times, 404, &ids, events).await),
    ])
}

/// Tries each guess so often, one kind after the other, so that what else happens meets all alike.
async fn alike<T>(
    times: usize,
    status: u16,
    guesses: &[(&'static str, T)],
    request: impl Fn(&T) -> RequestBuilder,
) -> Vec<(&'static str, Duration)> {
    let mut took = vec![Vec::new(); guesses.len()];
    let mut expected = None;
    for _ in 0..times {
        for ((name, guess), took) in guesses.iter().zip(&mut took) {
            let began = Instant::now();
            let told = told(request(guess)).await;
            took.push(began.elapsed());
            assert_eq!(told.0, status, "{name}: {told:?}");
            assert_eq!(
                expected.get_or_insert_with(|| told.clone()),
                &told,
                "{name}"
            );
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let names = guesses.iter().map(|(name, _)| *name);
    names.zip(took.into_iter().map(median)).collect()
}

async fn told(request: RequestBuilder) -> Told {
    let response = send(request).await;
    let headers = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    let (status, mut headers) = (response.status().as_u16(), headers.collect::<Vec<_>>());
    headers.sort();
    (status, headers, response.text().await.unwrap())
}

impl fmt::Display for Guesses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "guesses: the median of each, and how many times as long as the first of its group"
        )?;
        for (group, guesses) in &self.0 {
            for (name, took) in guesses {
                let micros = took.as_micros();
                let ratio = took.as_secs_f64() / guesses[0].1.as_secs_f64();
                write!(f, "\n{group:<18} {name:<32} {micros:>6} us {ratio:>5.2}")?;
            }
        }
        Ok(())
    }
}
