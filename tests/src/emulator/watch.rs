//! Runs the emulator itself.

use std::net::Ipv4Addr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::tools::tools;
use crate::pypi::root;
use crate::wait::within;

/// What the emulator says right before it listens.
const STARTING: &str = "starting Runtime server";

/// A running emulator; it ends with this value.
#[derive(Debug)]
pub(super) struct Emulator {
    pub(super) address: String,
    _port: HeldPort,
    _process: Child,
    _reader: JoinHandle<()>,
}

/// A free port that nobody else gets, and on which a server that reuses addresses may listen.
#[derive(Debug)]
struct HeldPort {
    number: u16,
    _socket: TcpSocket,
}

impl Emulator {
    pub(super) async fn start() -> Self {
        let port = HeldPort::take();
        let mut process = Command::new(&tools().cargo_lambda)
            .args([
                "lambda",
                "watch",
                "--only-lambda-apis",
                "--invoke-address",
                "127.0.0.1",
            ])
            .args(["--invoke-port", &port.number.to_string()])
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        within("the emulator to start", async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains(STARTING) {
                    return;
                }
            }
            panic!("the emulator ended before it listened");
        })
        .await;
        within("the emulator to listen", async {
            let address = (Ipv4Addr::LOCALHOST, port.number);
            while TcpStream::connect(address).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        // Its words are of no use, but it must not find its output closed.
        let reader =
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            address: format!("http://127.0.0.1:{}", port.number),
            _port: port,
            _process: process,
            _reader: reader,
        }
    }
}

impl HeldPort {
    fn take() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self {
            number: socket.local_addr().unwrap().port(),
            _socket: socket,
        }
    }
}
