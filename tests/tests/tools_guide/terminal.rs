//! Where a guide is followed: an empty folder, and terminals in it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tests::model_server::KEY;
use tests::process::binary;
use tests::wait::within;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::guide::Guide;

/// The place of the checkout in the guides.
const CHECKOUT: &str = "~/serverless-llm";
/// Ports of the guides.
const PORTS: std::ops::RangeInclusive<u16> = 9000..=9009;
/// Long enough to fetch and build what a guide needs.
const LONGEST_START: Duration = Duration::from_mins(15);
const POLL: Duration = Duration::from_millis(20);
/// What is not taken over of this environment: settings of the stack, and what cargo says to tests.
const NOT_TAKEN: [&str; 12] = [
    "TOOLS_CONFIG",
    "TAVILY_API_KEY",
    "ACCESS_KEY_SHA256",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_LAMBDA",
    "CARGO_TARGET_DIR",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO",
    "RUST_LOG",
    "http_proxy",
    "HTTP_PROXY",
];

/// The reader's folder.
pub struct Desk {
    folder: TempDir,
    checkout: TempDir,
    setup: String,
    /// Ports of the guide, and those that stand in for them.
    ports: Vec<(String, u16)>,
    models: String,
}

/// What runs in a terminal; all of it ends with this value.
pub struct Terminal(Child);

impl Desk {
    pub async fn new(guide: &Guide, models: &str) -> Self {
        let checkout = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for name in ["examples", "tools_config.json"] {
            symlink(root.join(name), checkout.path().join(name)).unwrap();
        }
        fs::create_dir_all(checkout.path().join("target/debug")).unwrap();
        symlink(
            binary().await,
            checkout.path().join("target/debug/serverless-llm"),
        )
        .unwrap();
        let texts = format!("{:?}", guide.blocks);
        // All are held until each has been chosen, so that none is chosen twice.
        let taken = PORTS.map(|port| (port, TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()));
        let taken: Vec<_> = taken
            .filter(|(port, _)| texts.contains(&port.to_string()))
            .collect();
        let ports = taken
            .iter()
            .map(|(port, free)| (port.to_string(), free.local_addr().unwrap().port()));
        let ports: Vec<_> = ports.collect();
        assert_eq!(
            ports.len(),
            1,
            "a guide serves one tool, at a port of {PORTS:?}"
        );
        Self {
            folder: tempfile::tempdir().unwrap(),
            setup: guide.setup.clone(),
            models: models.to_owned(),
            checkout,
            ports,
        }
    }

    /// A text of the guide, with what is the reader's own.
    fn own(&self, text: &str) -> String {
        let text = text.replace(CHECKOUT, self.checkout.path().to_str().unwrap());
        self.ports.iter().fold(text, |text, (port, free)| {
            text.replace(port, &free.to_string())
        })
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, self.own(text)).unwrap();
    }

    fn command(&self, text: &str) -> Command {
        let mut shell = Command::new("bash");
        shell.args([
            "-euo",
            "pipefail",
            "-c",
            &self.own(&format!("{}\n{text}", self.setup)),
        ]);
        for name in NOT_TAKEN {
            shell.env_remove(name);
        }
        for model in ["QWEN", "PHI", "LLAMA"] {
            shell
                .env(format!("{model}_API_URL"), &self.models)
                .env(format!("{model}_API_KEY"), KEY);
        }
        shell
            .env("PORT", "0")
            .env("NO_PROXY", "*")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        shell
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        shell
    }

    /// Runs commands to their end; gives what they print.
    pub async fn run(&self, text: &str) -> String {
        let mut command = self.command(text);
        let output = within(text, command.output()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}\n{printed}\n{said}");
        printed
    }

    /// Starts commands in a terminal of their own.
    pub fn start(&self, text: &str) -> Terminal {
        Terminal(self.command(text).stdout(Stdio::null()).spawn().unwrap())
    }

    /// Waits until somebody listens at the guide's port.
    pub async fn until_served(&self, terminal: &Terminal) {
        let port = self.ports[0].1;
        let listening = async {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .await
                .is_err()
            {
                assert!(terminal.is_running(), "it ended before it listened");
                tokio::time::sleep(POLL).await;
            }
        };
        tokio::time::timeout(LONGEST_START, listening)
            .await
            .unwrap();
    }

    /// Starts the stack; gives its address.
    pub async fn start_stack(&self, text: &str) -> (Terminal, String) {
        let mut child = self.command(text).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = within("the stack to be ready", lines.next_line())
            .await
            .unwrap();
        let ready = ready.unwrap_or_default();
        let address = ready
            .strip_prefix("serverless-llm is ready: ")
            .and_then(|it| it.strip_suffix("/orchestrator"));
        let address =
            address.unwrap_or_else(|| panic!("not the line of a stack that is ready: {ready:?}"));
        (Terminal(child), address.to_owned())
    }
}

impl Terminal {
    fn group(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.0.id()?).ok()?)
    }

    fn is_running(&self) -> bool {
        self.group()
            .is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(group) = self.group() {
            // It may have ended by itself.
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}
