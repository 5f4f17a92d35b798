//! Hostile programs, and what must come of each: under `strict`, and where the kernel holds nothing, as in Lambda.

mod table;

use serde_json::{Value, json};
pub use table::PROGRAMS;

/// What a result must show.
#[derive(Clone, Copy, Debug)]
pub enum Must {
    /// `error` is one of these; an empty one stands for none.
    Fail(&'static [&'static str]),
    Value(&'static str),
    ValueIn(&'static [&'static str]),
    Stdout(&'static str),
    Stderr(&'static str),
    Return(i32),
    /// `truncated` tells the true size of the output, …
    BeCut,
    /// … of the errors.
    ErrorsCut,
    /// No file that is handed back has these words.
    NotHold(&'static str),
    /// A file of this name was left out, for a reason that has these words.
    Omit(&'static str, &'static str),
}

/// One of the programs.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub number: u8,
    pub name: &'static str,
    pub code: &'static str,
    pub seconds: u64,
    pub strict: &'static [Must],
    /// In Lambda the program may succeed at what `strict` refuses; then what follows it must find nothing of it.
    pub lambda: &'static [Must],
    /// Run after it, and the value that it must have.
    pub next: Option<(&'static str, &'static str)>,
    /// In Lambda it may end the tool's own process: the environment is then replaced.
    pub ends_environment: bool,
}

impl Program {
    pub const fn new(number: u8, name: &'static str, code: &'static str) -> Self {
        Self {
            number,
            name,
            code,
            seconds: 10,
            strict: &[],
            lambda: &[],
            next: None,
            ends_environment: false,
        }
    }

    pub const fn seconds(mut self, seconds: u64) -> Self {
        self.seconds = seconds;
        self
    }

    /// At both levels.
    pub const fn must(mut self, must: &'static [Must]) -> Self {
        self.strict = must;
        self.lambda = must;
        self
    }

    pub const fn strict(mut self, must: &'static [Must]) -> Self {
        self.strict = must;
        self
    }

    pub const fn lambda(mut self, must: &'static [Must]) -> Self {
        self.lambda = must;
        self
    }

    pub const fn next(mut self, code: &'static str, value: &'static str) -> Self {
        self.next = Some((code, value));
        self
    }

    pub const fn ends_environment(mut self) -> Self {
        self.ends_environment = true;
        self
    }

    /// With what the programs share.
    pub fn arguments(&self) -> Value {
        json!({"code": format!("{PRELUDE}{}", self.code), "timeout": self.seconds})
    }
}

/// Tries things, and gives the name of the error that each ends with.
const PRELUDE: &str = r"
import ctypes, errno, os, platform, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def tried(attempt, *given):
    try:
        attempt(*given)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except Exception as error:
        return type(error).__name__
    return 'done'
def called(x86_64, aarch64, *given):
    number = x86_64 if platform.machine() == 'x86_64' else aarch64
    words = [ctypes.c_long(word) for word in (number, *given)]
    return 'done' if libc.syscall(*words) >= 0 else errno.errorcode[ctypes.get_errno()]
";

/// What a response lacks of what it must show; nothing where all is well.
pub fn faults(response: &Value, must: &[Must]) -> Vec<String> {
    if response["ok"] != true {
        return vec!["it is no result".to_owned()];
    }
    let result = &response["result"];
    let text = |name: &str| result[name].as_str().unwrap_or_default();
    let holds = |must: &Must| match must {
        Must::Fail(errors) => errors.contains(&text("error")),
        Must::Value(value) => text("value") == *value,
        Must::ValueIn(values) => values.contains(&text("value")),
        Must::Stdout(part) => text("stdout").contains(part),
        Must::Stderr(part) => text("stderr").contains(part),
        Must::Return(code) => result["returncode"] == *code,
        Must::BeCut => is_cut(&result["truncated"], "stdout_bytes"),
        Must::ErrorsCut => is_cut(&result["truncated"], "stderr_bytes"),
        Must::NotHold(words) => !files(response).iter().any(|file| file.contains(words)),
        Must::Omit(name, reason) => result["omitted"].as_array().is_some_and(|omitted| {
            let is_it = |it: &Value| {
                it["name"] == *name && it["reason"].as_str().is_some_and(|it| it.contains(reason))
            };
            omitted.iter().any(is_it)
        }),
    };
    must.iter()
        .filter(|must| !holds(must))
        .map(|must| format!("{must:?}"))
        .collect()
}

/// Whether more was written than is kept of an output at most.
fn is_cut(truncated: &Value, bytes: &str) -> bool {
    truncated[bytes]
        .as_u64()
        .is_some_and(|bytes| bytes > 16_384)
}

/// The text of each file that was handed back.
fn files(response: &Value) -> Vec<String> {
    let response: tool::Response = serde_json::from_value(response.clone()).unwrap();
    match response {
        tool::Response::Ok { artifacts, .. } => artifacts
            .into_iter()
            .map(|file| String::from_utf8_lossy(&file.data).into_owned())
            .collect(),
        tool::Response::Failed(failure) => panic!("{failure:?}"),
    }
}
