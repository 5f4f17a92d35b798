//! Servers as programs of their own, on free ports.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

/// How long a program may take until it listens.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A server; it ends with this value.
pub struct Program {
    pub url: String,
    process: Child,
}

impl Program {
    /// A script of `tests/mcp` in one of the suite's environments.
    pub async fn python(environment: &str, script: &str) -> Self {
        let python = suite().join(environment).join("bin/python");
        let mut command = Command::new(python);
        let port = free_port();
        command.arg(scripts().join(script)).arg(port.to_string());
        Self::start(command, port).await
    }

    /// The reference server, which has everything.
    pub async fn everything() -> Self {
        let entry = "npm/node_modules/@modelcontextprotocol/server-everything/dist/index.js";
        let mut command = Command::new(suite().join("npm/node_modules/.bin/node"));
        let port = free_port();
        command
            .arg(suite().join(entry))
            .arg("streamableHttp")
            .env("PORT", port.to_string());
        Self::start(command, port).await
    }

    async fn start(mut command: Command, port: u16) -> Self {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null());
        let program = Self {
            process: quiet.spawn().unwrap(),
            url: format!("http://127.0.0.1:{port}/mcp"),
        };
        let listens = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(READY_WITHIN, listens).await.unwrap();
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mcp")
}

/// Where the suite's programs are; they are installed where they are missing.
fn suite() -> PathBuf {
    let output = Command::new("bash")
        .arg(scripts().join("install"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap().trim().into()
}
