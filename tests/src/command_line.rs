//! Commands of the real binary: run to their end, or read line by line while they last.

use std::path::Path;
use std::process::Stdio;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::process::{command, send_signal};
use crate::table::NAME;
use crate::wait::within;

/// Where commands find their table.
#[derive(Debug)]
pub struct CommandLine {
    variables: Vec<(&'static str, String)>,
    home: TempDir,
}

/// A command that has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A command that is still at work; killed at the latest when this is dropped.
#[derive(Debug)]
pub struct Running {
    lines: Lines<BufReader<ChildStdout>>,
    child: Child,
}

impl CommandLine {
    /// The embedded table in this folder.
    pub fn on_data_dir(data_dir: &Path) -> Self {
        Self::new(&[("DATA_DIR", data_dir.to_str().unwrap())])
    }

    /// A table outside.
    pub fn on_table(address: &str) -> Self {
        Self::new(&[
            ("AWS_ENDPOINT_URL_DYNAMODB", address),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ])
    }

    fn new(variables: &[(&'static str, &str)]) -> Self {
        let commands = Self {
            variables: Vec::new(),
            home: tempfile::tempdir().unwrap(),
        };
        let variables = variables.iter().chain(&[("TABLE_NAME", NAME)]);
        variables.fold(commands, |commands, (name, value)| {
            commands.with(name, value)
        })
    }

    /// The same with another value of a variable.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    async fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.home.path()).await;
        command
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments).await;
        let output = within("a command to end", command.output()).await.unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a command prints that succeeds and has nothing to complain about.
    pub async fn prints(&self, arguments: &[&str]) -> String {
        let Ended { code, out, err } = self.run(arguments).await;
        assert_eq!((code, &*err), (Some(0), ""), "{arguments:?}");
        out
    }

    /// What a command says on standard error that fails so, and prints nothing.
    pub async fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "", "{arguments:?}");
        ended.err
    }

    /// Starts a command.
    pub async fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).await.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { lines, child }
    }
}

impl Running {
    /// The next line, nothing at the end.
    pub async fn line(&mut self) -> Option<String> {
        within("a line of a command", self.lines.next_line())
            .await
            .unwrap()
    }

    /// So many lines, which must come.
    pub async fn lines(&mut self, count: usize) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.len() < count {
            lines.push(self.line().await.unwrap());
        }
        lines
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        send_signal(&self.child, Signal::INT);
    }

    /// Reads nothing more, as `head` does when it has enough.
    pub async fn close(self) -> Ended {
        let Self { lines, child } = self;
        drop(lines);
        end(child, String::new()).await
    }

    /// What it still prints until its end.
    pub async fn ended(mut self) -> Ended {
        let mut rest = String::new();
        while let Some(line) = self.line().await {
            rest.push_str(&line);
            rest.push('\n');
        }
        end(self.child, rest).await
    }
}

async fn end(mut child: Child, out: String) -> Ended {
    let mut err = String::new();
    let mut stderr = child.stderr.take().unwrap();
    let ended = async {
        stderr.read_to_string(&mut err).await.unwrap();
        child.wait().await.unwrap()
    };
    let status = within("a command to end", ended).await;
    Ended {
        code: status.code(),
        out,
        err,
    }
}
