//! Sockets are passed to a process of our own: this program, started anew with one test to run.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

/// Tells [`child`] what to do.
const CHILD: &str = "FERROWAY_TEST_ACTIVATED_CHILD";

/// The part of the test below that runs in the started process; elsewhere it has nothing to do.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let (mut activated, errors) = Activated::from_environment();
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "systemd passed more than one socket with the name \"web\", expected one for each entry point",
            "the socket \"pipe\" from systemd is neither a TCP listener nor a UDP socket: fd 6 is not a socket",
        ]
    );
    assert_eq!(activated.rest(), ["dns", "web"]);
    assert!(activated.take_tcp("dns").is_none() && activated.take_udp("web").is_none());
    let listener = activated.take_tcp("web").expect("passed");
    let socket = activated.take_udp("dns").expect("passed");
    assert!(activated.rest().is_empty());
    listener.set_nonblocking(false).expect("a socket");
    socket.set_nonblocking(false).expect("a socket");
    let (_connection, _) = listener.accept().expect("the parent connects");
    let (_, sender) = socket.recv_from(&mut [0; 9]).expect("the parent sends");
    socket.send_to(b"done", sender).expect("the parent listens");
}

#[test]
fn sockets_of_the_environment_are_taken_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let (tcp, udp) = (listener.local_addr().expect("bound"), socket.local_addr().expect("bound"));
    // The shell gives the sockets the numbers that systemd would, and a pipe for something that is no socket.
    let script =
        "echo | { exec 6<&0 3<&9 4<&8 5<&9; LISTEN_PID=$$ exec \"$0\" --exact activation::tests::child; }";
    let script = format!("exec 9<&0 8<&1 1>&2; {}", script.replace("LISTEN_PID=$$ ", ""));
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().expect("this program"))
        .env(CHILD, "1")
        .env("LISTEN_FDS", "4")
        .env("LISTEN_FDNAMES", "web:dns:web:pipe")
        .env_remove("LISTEN_PID")
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::from(OwnedFd::from(socket)))
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let _connection = TcpStream::connect(tcp).expect("listening");
    let client = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    client.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    client.send_to(b"hello", udp).expect("loopback");
    let mut answer = [0; 9];
    let answered = client.recv(&mut answer).map(|length| &answer[..length]);
    if answered.is_err() {
        child.kill().expect("our own");
    }
    let status = child.wait().expect("our own");
    assert_eq!(answered.expect("an answer"), b"done");
    assert!(status.success());
}

#[test]
fn notifications() {
    let name = format!("ferroway-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a short name");
    let manager = UnixDatagram::bind_addr(&address).expect("a free name");
    let path = format!("@{name}");
    for (notification, expected) in [
        (Notification::Ready, "READY=1"),
        (Notification::Watchdog, "WATCHDOG=1"),
        (Notification::Stopping, "STOPPING=1"),
    ] {
        notify_at(OsStr::new(&path), notification).expect("somebody listens");
        let mut message = [0; 64];
        let length = manager.recv(&mut message).expect("a message");
        assert_eq!(&message[..length], expected.as_bytes());
    }
    notify_at(OsStr::new("/nonexistent/socket"), Notification::Ready).expect_err("nobody listens");
}

#[test]
fn watchdog_intervals() {
    for (micros, watched, expected) in [
        (Some("3000000"), None, Some(3)),
        (Some("3000000"), Some("7"), Some(3)),
        (Some("3000000"), Some("8"), None),
        (Some("3000000"), Some("x"), None),
        (Some("0"), None, None),
        (Some("x"), None, None),
        (None, Some("7"), None),
    ] {
        assert_eq!(interval(micros, watched, 7), expected.map(Duration::from_secs), "{micros:?} {watched:?}");
    }
}
