//! Keys that are renewed while a process lives: the secret that a variable names is read again where a server refuses what it held.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use run::ModelId;
use serde_json::{Value, json};
use tests::loopback::Served;
use tests::model_server::{KEY, perform};
use tests::script::{Script, json_body, says};
use tests::stack::{Setup, Stack};
use tests::story::Told;

const NEW: &str = "sk-that-was-renewed-by-the-test";
const SECRET: &str = "secretsmanager:models#QWEN_API_KEY";

/// A server that knows one key.
#[derive(Clone)]
struct Door {
    knows: &'static str,
    refusal: Script,
    /// Whom it was asked by, in order.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Door {
    fn new(knows: &'static str, status: u16, message: &str) -> Self {
        let error = json!({"error": {"message": message, "type": "invalid_request_error"}});
        Self {
            knows,
            refusal: json_body(status, &error),
            asked: Arc::default(),
        }
    }

    async fn serve(&self) -> Served {
        let router = Router::new().route("/v1/chat/completions", post(chat));
        Served::start(router.with_state(self.clone())).await
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn chat(State(door): State<Door>, headers: HeaderMap) -> Response {
    let key = headers["authorization"].to_str().unwrap();
    let key = key.strip_prefix("Bearer ").unwrap().to_owned();
    door.asked.lock().unwrap().push(key.clone());
    perform(if key == door.knows {
        says("It is 42.")
    } else {
        door.refusal
    })
    .await
}

/// What secrets hold now, and how often they were read.
#[derive(Clone)]
struct Secrets {
    held: Result<String, String>,
    reads: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Secrets {
    fn holding(held: Result<&str, &str>) -> Self {
        let held = held.map(str::to_owned).map_err(str::to_owned);
        Self {
            held,
            reads: Arc::default(),
        }
    }

    /// The keys of these models stand in secrets of these names.
    fn of(&self, names: &[(&str, &str)]) -> drive::SecretKeys {
        let named = names.iter().map(|(id, name)| {
            let variable = format!("{}_API_KEY", id.to_uppercase());
            (ModelId::new(*id), (variable, (*name).to_owned()))
        });
        let secrets = self.clone();
        drive::SecretKeys::new(named.collect()).read_by(Box::new(move |variables| {
            let (names, read): (Vec<_>, Vec<_>) = variables.into_iter().unzip();
            secrets.reads.lock().unwrap().push(read);
            let held = secrets.held.clone();
            let held = held.map(|key| {
                let key = secret::Secret::new(key);
                names.into_iter().map(|name| (name, key.clone())).collect()
            });
            Box::pin(async move { held })
        }))
    }

    fn reads(&self) -> usize {
        self.reads.lock().unwrap().len()
    }
}

async fn stack(served: &Served, secrets: &Secrets, names: &[(&str, &str)]) -> Stack {
    let setup = Setup::with_models_at(&served.address).secret_keys(secrets.of(names));
    setup.start().await
}

/// Neither key stands in what is told.
fn assert_silent(told: &Told) {
    for frame in &told.frames {
        let data = frame.data.to_string();
        assert!(!data.contains(KEY) && !data.contains(NEW), "{data}");
    }
}

#[tokio::test]
async fn a_question_that_is_refused_for_its_key_is_asked_once_more_with_the_renewed_one() {
    let repeats = format!("Incorrect API key provided: {KEY}.");
    for (status, message) in [
        (401, &*repeats),
        (
            401,
            "Access token is missing, invalid, audience is incorrect, or have expired.",
        ),
        (403, "The security token included in the request is expired"),
        (403, "Bearer Token has expired"),
        // As Gemini and xAI refuse one.
        (400, "API key not valid. Please pass a valid API key."),
        (400, "Incorrect%20API%20key%20provided:%20sk***st."),
        (401, ""),
    ] {
        let door = Door::new(NEW, status, message);
        let served = door.serve().await;
        let secrets = Secrets::holding(Ok(&format!("{NEW}\n")));
        let stack = stack(&served, &secrets, &[("qwen", SECRET)]).await;
        let told = stack.client.question("What is six times seven?").await;
        assert_eq!(told.answer(), "It is 42.", "{status}: {message}");
        assert_eq!(told.of("retry"), [] as [Value; 0], "{message}");
        assert_eq!(told.summary()["fallbacks"].as_u64().unwrap_or(0), 0);
        assert_silent(&told);
        assert_eq!(door.asked(), [KEY, NEW], "{message}");
        stack.client.question("And now?").await;
        assert_eq!(door.asked()[2..], [NEW], "it is known from then on");
        assert_eq!(secrets.reads(), 1);
    }
}

#[tokio::test]
async fn a_key_that_has_not_changed_is_told_as_refused_and_its_secret_is_left_alone_for_a_minute() {
    for held in [Ok(KEY), Ok("  "), Err("there is no `models` in us-east-1")] {
        let door = Door::new("another", 401, "No.");
        let served = door.serve().await;
        let secrets = Secrets::holding(held);
        let stack = stack(&served, &secrets, &[("qwen", SECRET)]).await;
        for times in 1..=2 {
            let told = stack.client.question("What is six times seven?").await;
            let error = &told.of("error")[0]["error"];
            assert_eq!(error["code"], "model_error", "{held:?}");
            assert!(error["remedy"].to_string().contains("QWEN_API_KEY"));
            assert_eq!(door.asked().len(), times, "{held:?}");
        }
        assert_eq!(secrets.reads(), 1, "{held:?}");
    }
}

#[tokio::test]
async fn no_secret_is_read_for_a_refusal_of_another_kind_or_a_key_that_stands_in_none() {
    let secret = [("qwen", SECRET)];
    for (status, message, names) in [
        (400, "temperature is not supported", &secret[..]),
        (402, "Insufficient credits", &secret[..]),
        (404, "no such model", &secret[..]),
        (401, "No.", &[][..]),
        (401, "No.", &[("phi", SECRET)][..]),
    ] {
        let door = Door::new(NEW, status, message);
        let served = door.serve().await;
        let secrets = Secrets::holding(Ok(NEW));
        let stack = stack(&served, &secrets, names).await;
        stack.client.question("What is six times seven?").await;
        assert_eq!(secrets.reads(), 0, "{status} {message} {names:?}");
        assert!(!door.asked().iter().any(|key| key == NEW));
    }
}

#[tokio::test]
async fn keys_in_fields_of_one_secret_are_renewed_by_one_read_whoever_asks_first() {
    let door = Door::new(NEW, 401, "No.");
    let served = door.serve().await;
    let secrets = Secrets::holding(Ok(NEW));
    let names = [
        ("qwen", SECRET),
        ("phi", "secretsmanager:models#PHI_API_KEY"),
        ("llama", "ssm:/llama"),
    ];
    let stack = stack(&served, &secrets, &names).await;
    let runs = (0..4).map(|_| stack.client.question("What is six times seven?"));
    for told in futures_util::future::join_all(runs).await {
        assert_eq!(told.answer(), "It is 42.");
    }
    let reads = secrets.reads.lock().unwrap().clone();
    let [read] = &reads[..] else {
        panic!("read once: {reads:?}");
    };
    let of_secret: BTreeSet<_> = read.iter().map(String::as_str).collect();
    let expected: BTreeSet<_> = names[..2].iter().map(|(_, name)| *name).collect();
    assert_eq!(of_secret, expected);
}
