//! A socket with a name, as a message bus or a display has one.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;

use serde_json::json;

use crate::kit::Bench;

/// Every way to give a socket a name to go to. A connected pair has no other end than its own.
const CODE: &str = r"
import errno, os, socket
path = input()
def tried(attempt, *given):
    try: attempt(*given)
    except OSError as error: return errno.errorcode[error.errno]
    return 'done'
stream, other = socket.socketpair()
packets, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
print([tried(socket.socketpair, socket.AF_UNIX, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW)])
print([tried(socket.socket, socket.AF_UNIX, kind) for kind in (1, 2, 3, 5)])
print([tried(end.connect, path) for end in (stream, packets)])
print([tried(end.bind, path + '2') for end in (stream, packets)])
print(tried(stream.sendto, b'sent', path), tried(stream.sendmsg, [b'sent'], [], 0, path))
print(tried(packets.sendto, b'sent', path), tried(packets.sendmsg, [b'sent'], [], 0, path), theirs.recv(9), theirs.recv(9))
";

#[tokio::test]
async fn no_message_of_a_program_reaches_a_socket_outside() {
    let bench = Bench::new();
    let path = bench.root.path().join("bus");
    let bus = UnixDatagram::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    bus.set_nonblocking(true).unwrap();
    let mut message = [0; 9];
    let sender = UnixDatagram::unbound().unwrap();
    sender.send_to(b"honest", &path).unwrap();
    assert_eq!(bus.recv(&mut message).unwrap(), 6);

    let told = bench.call(json!({"code": CODE, "stdin": path})).await;
    let expected = [
        "['EPERM', 'EPERM']",
        "['EPERM', 'EPERM', 'EPERM', 'EPERM']",
        "['EPERM', 'EPERM']",
        "['EPERM', 'EPERM']",
        "EISCONN EISCONN",
        // The kernel passes over the name: it goes to the other end.
        "done done b'sent' b'sent'",
    ];
    assert_eq!(
        told["stdout"],
        format!("{}\n", expected.join("\n")),
        "{told}"
    );
    assert_eq!(
        bus.recv(&mut message).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
}
