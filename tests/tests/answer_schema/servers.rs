//! Every schema at every kind of server.

use serde_json::{Value, json};
use tests::story::Told;

use crate::schemas::{Case, all};
use crate::server::{Keeps, Server, question};

/// The runs of all cases at one server.
async fn runs(keeps: Keeps) -> (Server, Vec<(Case, Told)>) {
    let cases = all();
    let (server, _served, stack) = Server::start(keeps, &cases).await;
    let mut told = Vec::new();
    for case in cases {
        let body = json!({"query": question(case.name), "answer_schema": case.schema});
        let run = stack.client.ask(&body).await;
        told.push((case, run));
    }
    (server, told)
}

fn final_answer(told: &Told) -> Value {
    let answers = told.of("final_answer");
    assert_eq!(answers.len(), 1);
    answers[0].clone()
}

fn fits(case: &Case, told: &Told) {
    let fits = case.fits.as_ref().unwrap();
    assert_eq!(told.status(), "completed", "{}", case.name);
    let answer = final_answer(told);
    assert_eq!(answer["json"], *fits, "{}", case.name);
    let content = answer["content"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(content).unwrap(), *fits);
    assert_eq!(told.answer(), content);
}

fn fails(case: &Case, told: &Told) {
    assert_eq!(told.status(), "failed", "{}", case.name);
    assert_eq!(told.of("final_answer"), [] as [Value; 0]);
    let error = &told.of("error")[0];
    assert_eq!(error["error"]["code"], "invalid_answer", "{}", case.name);
    assert_eq!(error["fatal"], true);
    let retries = told.of("retry");
    assert_eq!(retries.len(), 1, "{}: {retries:?}", case.name);
}

#[tokio::test]
async fn what_keeps_to_a_schema_is_asked_once() {
    for keeps in [Keeps::To, Keeps::Fenced] {
        let (server, runs) = runs(keeps).await;
        for (case, told) in &runs {
            if case.fits.is_some() {
                fits(case, told);
                assert_eq!(told.of("retry"), [] as [Value; 0], "{}", case.name);
                let asked = server.answers_about(case.name);
                assert_eq!(asked.len(), 1, "{}", case.name);
                let format = &asked[0]["response_format"];
                assert_eq!(format["type"], "json_schema");
                assert_eq!(format["json_schema"]["schema"], case.schema);
            } else {
                fails(case, told);
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_asked_for_once_more_with_what_is_wrong() {
    let (server, runs) = runs(Keeps::AtSecond).await;
    for (case, told) in &runs {
        if case.fits.is_none() {
            fails(case, told);
            continue;
        }
        fits(case, told);
        let retries = told.of("retry");
        assert_eq!(retries.len(), 1, "{}", case.name);
        let reason = retries[0]["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("the answer does not fit its schema: "),
            "{reason}"
        );
        let asked = server.answers_about(case.name);
        let [_, second] = &asked[..] else {
            panic!("{}: {asked:?}", case.name);
        };
        let messages = second["messages"].as_array().unwrap();
        let [.., wrote, mend] = &messages[..] else {
            panic!("{messages:?}");
        };
        assert_eq!(
            wrote,
            &json!({"role": "assistant", "content": case.fails.to_string()})
        );
        let faults = reason.split_once(": ").unwrap().1;
        assert!(mend["content"].as_str().unwrap().contains(faults), "{mend}");
    }
}

#[tokio::test]
async fn who_ignores_a_schema_fails_the_run_with_the_faults_named() {
    for keeps in [Keeps::Nothing, Keeps::Prose] {
        let (server, runs) = runs(keeps).await;
        for (case, told) in &runs {
            fails(case, told);
            assert_eq!(server.answers_about(case.name).len(), 2, "{}", case.name);
        }
    }
}

/// The schema is one caller's: other answers by a schema, and decisions by one, are still asked for so.
#[tokio::test]
async fn a_schema_that_a_server_does_not_take_is_told_in_words() {
    let (server, runs) = runs(Keeps::Refuses).await;
    for (case, told) in runs.iter().filter(|(case, _)| case.fits.is_some()) {
        fits(case, told);
        let asked = server.answers_about(case.name);
        let formats: Vec<_> = asked
            .iter()
            .map(|it| it.get("response_format").is_some())
            .collect();
        assert_eq!(formats, [true, false], "{}", case.name);
        assert_eq!(told.of("retry"), [] as [Value; 0]);
    }
}
