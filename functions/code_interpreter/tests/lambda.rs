//! The hostile programs where the kernel holds nothing, as in Lambda: an ordinary user whose every request for isolation is
//! refused.
//!
//! The tool kills all that it can reach there, so it is started where it can reach nothing: in a process namespace and as
//! a user of its own. Refuses to start it anywhere else; a machine that gives neither does not run these tests, and says so.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod emulation;
mod hostile;
mod kit;

use emulation::{Emulation, Start};
use hostile::{PROGRAMS, Program, faults};
use serde_json::{Value, json};

#[test]
fn every_hostile_program_ends_as_it_must_and_spoils_nothing() {
    let Some(emulation) = Emulation::prepare() else {
        return;
    };
    let mut failed = Vec::new();
    let (ending, staying): (Vec<&Program>, Vec<&Program>) = PROGRAMS
        .iter()
        .partition(|program| program.ends_environment);
    let calls = staying.iter().flat_map(|program| {
        let next = program.next.map(|(code, _)| json!({"code": code}));
        [Some(program.arguments()), next].into_iter().flatten()
    });
    let mut responses = emulation.ask(Start::InLambda, calls.collect()).into_iter();
    for program in staying {
        let response = responses.next().unwrap_or_default();
        let mut wrong = faults(&response, program.lambda);
        if response["result"]["isolation"] != "lambda" {
            wrong.push("it was not isolated".to_owned());
        }
        if let Some((_, value)) = program.next {
            let next = responses.next().unwrap_or_default();
            if next["result"]["value"].as_str().unwrap_or_default() != value {
                wrong.push(format!("then {next}"));
            }
        }
        if !wrong.is_empty() {
            let told: String = response.to_string().chars().take(1500).collect();
            let (number, name) = (program.number, program.name);
            failed.push(format!("{number} {name}: {}: {told}", wrong.join(", ")));
        }
    }
    assert_eq!(emulation.left(), Vec::<String>::new());
    for program in ending {
        let responses = emulation.ask(Start::InLambda, vec![program.arguments()]);
        assert_eq!(responses, Vec::<Value>::new(), "{}", program.name);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // What the environment that was ended had left is gone before the next one runs anything.
    let code = "import os; os.listdir('../..')";
    let response = &emulation.ask(Start::InLambda, vec![json!({"code": code})])[0];
    let value = response["result"]["value"].as_str().unwrap();
    assert_eq!(value.matches("code-").count(), 1, "{value}");
    assert_eq!(emulation.left(), Vec::<String>::new());
}

/// What a program may count on does not depend on the level.
#[test]
fn programs_have_their_user_processes_and_folders_there_too() {
    let Some(emulation) = Emulation::prepare() else {
        return;
    };
    let programs = [
        (
            "import getpass, os, pwd\ngetpass.getuser() == pwd.getpwuid(os.getuid()).pw_name == os.getlogin()",
            "True",
        ),
        (
            "```python\nimport multiprocessing as m\ndef put(d, v, i):\n    d[i] = i\n    with v.get_lock(): v.value += i\n\
             with m.Manager() as manager:\n    d, v = manager.dict(), m.Value('i', 0)\n\
             \x20   ps = [m.Process(target=put, args=(d, v, i)) for i in range(3)]\n    [p.start() for p in ps]; [p.join() for p in ps]\n    found = sorted(d.items()), v.value\nfound\n```",
            "([(0, 0), (1, 1), (2, 2)], 3)",
        ),
        (
            "import os\nos.mkdir('plots'); open('plots/a.png', 'w').write('a')",
            "1",
        ),
    ];
    let calls = programs.map(|(code, _)| json!({"code": code, "timeout": 20}));
    let responses = emulation.ask(Start::InLambda, calls.to_vec());
    for ((_, value), response) in programs.iter().zip(&responses) {
        assert_eq!(response["result"]["value"], *value, "{response}");
    }
    let files = &responses[2]["result"]["artifacts"];
    assert_eq!(files[0]["name"], "plots-a.png", "{files}");
}

#[test]
fn nothing_runs_where_nothing_can_be_isolated_unless_the_operator_asks_for_it() {
    let Some(emulation) = Emulation::prepare() else {
        return;
    };
    let one = || vec![json!({"code": "1"})];
    let refused = |start, words: &str| {
        let response = &emulation.ask(start, one())[0];
        assert_eq!(response["error"]["code"], "isolation_missing", "{response}");
        let message = response["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    };
    refused(Start::Elsewhere, "no_new_privs: error 1");
    refused(Start::BesideAnother, "is within this one's reach");
    refused(Start::Readable, "own file can be read");
    let response = &emulation.ask(Start::AsProcess, one())[0];
    let result = &response["result"];
    assert_eq!(
        json!([result["value"], result["isolation"]]),
        json!(["1", "process"])
    );
}

#[test]
fn the_probe_names_the_error_of_each_primitive() {
    let Some(emulation) = Emulation::prepare() else {
        return;
    };
    let response = &emulation.ask(Start::InLambda, vec![json!({"action": "probe"})])[0];
    let result = &response["result"];
    assert_eq!(result["isolation"], "lambda");
    assert_eq!(result["bootstrap_readable"], false);
    assert_eq!(result["landlock_abi"], 0);
    let (eperm, enosys) = (1, 38);
    for (primitive, errno) in [
        ("no_new_privs", eperm),
        ("subreaper", eperm),
        ("seccomp", eperm),
        ("landlock", enosys),
        ("ptrace", eperm),
        ("user_namespace", eperm),
        ("setsid", 0),
    ] {
        assert_eq!(
            result["primitives"][primitive], errno,
            "{primitive}: {result}"
        );
    }
}

/// Not a test: what the emulation starts, as a process of its own.
#[test]
#[ignore = "started by the other tests"]
fn emulated_function() {
    emulation::serve();
}
