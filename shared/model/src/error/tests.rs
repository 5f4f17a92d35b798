//! What a failure is told as: to people, to programs, to the log.

use super::*;
use crate::Window;

fn server() -> Server {
    Server::new("http://10.0.0.7:8001/v1", None, "q", "QWEN_API_URL").unwrap()
}

fn refused(status: u16, next: Next) -> AskError {
    AskError::Refused {
        status,
        message: "No such thing.".to_owned(),
        next,
    }
}

fn reported(next: Next) -> AskError {
    let message = "secret words".to_owned();
    AskError::Reported { message, next }
}

#[test]
fn a_log_is_told_nothing_of_a_servers_own_words() {
    let rate_limited = AskError::RateLimited {
        message: "secret words".to_owned(),
        next: Next::GiveUp,
    };
    for (error, outline) in [
        (refused(418, Next::GiveUp), "answered 418"),
        (rate_limited, "is busy (429)"),
        (reported(Next::GiveUp), "reported an error"),
        (AskError::Empty, "answered with nothing"),
        (AskError::Cut, "broke off in the middle of its answer"),
    ] {
        assert_eq!(error.outline(), outline);
    }
}

#[test]
fn only_a_server_that_is_in_no_state_to_answer_is_at_fault() {
    let rate_limited = AskError::RateLimited {
        message: String::new(),
        next: Next::OtherModel,
    };
    let silent = AskError::Silent {
        silence: Duration::from_secs(1),
    };
    for (error, is_fault) in [
        (silent, true),
        (AskError::Empty, true),
        (AskError::Cut, true),
        (refused(500, Next::OtherModel), true),
        (refused(503, Next::GiveUp), false),
        (refused(499, Next::OtherModel), false),
        (reported(Next::OtherModel), true),
        (reported(Next::GiveUp), false),
        (rate_limited, false),
        (AskError::OnlyThought, false),
        (AskError::TooLong, false),
    ] {
        assert_eq!(error.is_fault_of_server(), is_fault, "{error}");
    }
}

#[test]
fn a_person_reads_one_sentence_and_what_to_do() {
    let problem = refused(400, Next::GiveUp).problem("Qwen", &server(), 8192);
    let told = "The model Qwen at http://10.0.0.7:8001/v1 answered 400: No such thing.";
    assert_eq!((&*problem.code, &*problem.message), ("model_error", told));
    let problem = AskError::Empty.problem("Qwen", &server(), 8192);
    let told = "The model Qwen at http://10.0.0.7:8001/v1 answered with nothing.";
    assert_eq!(problem.message, told);
}

#[test]
fn a_question_that_is_too_long_is_told_with_what_is_known_of_the_context() {
    let window = |prompt_tokens| {
        Some(Window {
            prompt_tokens,
            context_tokens: 4096,
        })
    };
    for (window, has) in [
        (
            window(Some(6009)),
            "has a context of 4096 tokens for question and answer together, and this question alone takes 6009. Start",
        ),
        (
            window(None),
            "has a context of 4096 tokens for question and answer together. Start",
        ),
        (
            None,
            "has a smaller context than the 8192 tokens that the catalogue promises. Start",
        ),
    ] {
        let problem = refused(400, Next::Shrink { window }).problem("Qwen", &server(), 8192);
        assert!(problem.remedy.contains(has), "{}", problem.remedy);
        assert!(problem.remedy.contains("set QWEN_API_URL to a server"));
    }
}

#[test]
fn a_servers_own_words_are_shown_as_far_as_there_is_room() {
    let shown = |message: String| {
        let next = Next::GiveUp;
        match (AskError::Reported { message, next }).fit_to_show(&server()) {
            AskError::Reported { message, .. } => message,
            other => panic!("{other}"),
        }
    };
    assert_eq!(shown(" no memory\n".to_owned()), "no memory");
    assert_eq!(shown(" \n".to_owned()), "(no message)");
    let longest = "é".repeat(MAX_SHOWN_CHARS);
    assert_eq!(shown(longest.clone()), longest);
    assert_eq!(shown(format!("{longest}x")), format!("{longest}…"));
}

#[test]
fn a_refusal_that_names_a_field_of_the_operators_says_where_that_stands() {
    let mut server = server();
    let set = serde_json::json!({"top_k": 20, "provider": {}});
    server.overrides = crate::Overrides::read(set.as_object().unwrap()).into();
    let elsewhere = "Look into the log of the server at http://10.0.0.7:8001/v1";
    for (status, message, remedy) in [
        (
            400,
            "Unrecognized request argument supplied: top_k",
            "Look at `top_k` under `request`",
        ),
        (
            422,
            "body.provider: extra inputs",
            "Look at `provider` under `request`",
        ),
        (400, "top_kk is unknown", elsewhere),
        (500, "top_k", elsewhere),
        (400, "nothing", elsewhere),
    ] {
        let error = AskError::Refused {
            status,
            message: message.to_owned(),
            next: Next::GiveUp,
        };
        let told = error.problem("Qwen", &server, 4096).remedy;
        assert!(told.starts_with(remedy), "{message}: {told}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_told_with_the_variable_that_mends_it() {
    for detail in [
        "invalid peer certificate: UnknownIssuer",
        "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
    ] {
        let detail = detail.to_owned();
        let told = AskError::Unreachable { detail }.problem("Qwen", &server(), 4096);
        assert!(told.remedy.contains("EXTRA_CA_CERTS"), "{}", told.remedy);
    }
}

#[test]
fn a_refused_key_is_told_from_what_another_key_would_not_change() {
    let of = |status: u16, message: &str, next: Next| AskError::Refused {
        status,
        message: message.to_owned(),
        next,
    };
    for (error, is_of_key) in [
        (refused(401, Next::OtherModel), true),
        (refused(403, Next::OtherModel), true),
        (of(400, "API_KEY_INVALID", Next::GiveUp), true),
        (of(400, "Please pass a valid API key.", Next::GiveUp), true),
        (refused(400, Next::GiveUp), false),
        (refused(402, Next::OtherModel), false),
        (refused(500, Next::OtherModel), false),
        // Its rules forbid the question.
        (refused(403, Next::Stop), false),
        (AskError::Empty, false),
        (AskError::Cut, false),
    ] {
        assert_eq!(error.is_refusal_of_key(), is_of_key, "{error:?}");
    }
}
